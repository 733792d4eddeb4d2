"""The mean over units when the data were drawn in several partitions.

A unit is one trained model under one partition: its value is already averaged over everything
inside. Partitions are fixed (the result holds for these) or random (for others like them), and
trained models lie inside them or, when only the forget set is drawn anew, run through all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seedwise.stats.jackknife import Jackknife, delete_one
from seedwise.stats.layout import Partitions, nothing
from seedwise.stats.two_way import two_way


class Mean(NamedTuple):
    """A mean with its standard error; NaN where there is none.

    Args:
        mean, se, df: Estimate, standard error and degrees of freedom.
        kind: How the interval is made.
        unit: The outermost random factor.
    """

    mean: float
    se: float
    df: float
    kind: str
    unit: str


def over_units(values: np.ndarray, *, kind: str = "t over training seeds") -> Mean:
    """Return the mean of independent units: S / sqrt(I), df I - 1.

    Example:
        >>> result = over_units(np.array([1.0, 2.0, 6.0]))
        >>> result.mean, round(result.se, 4), result.df
        (3.0, 1.5275, 2.0)
    """
    count = values.size
    if not count:
        return Mean(np.nan, np.nan, np.nan, "none: no values", "training")
    se = np.sqrt(_variance(values) / count)
    if count < 2:
        return Mean(float(values.mean()), np.nan, np.nan, "none: one training seed", "training")
    return Mean(float(values.mean()), float(se), count - 1.0, kind, "training")


def nested(values: np.ndarray, partition: np.ndarray, *, partitions: Partitions) -> Mean:
    """Return the mean of the partition means, trained models lying inside the partitions.

    Fixed: SE^2 = sum_p (S_p^2 / I_p) / P^2 with Welch-Satterthwaite df. Random: t(P - 1) on the
    partition means, since models of one partition are not independent.

    Args:
        values: (I,) one value per trained model.
        partition: (I,) its partition.
        partitions: Whether these partitions are meant, or others like them.

    Example:
        >>> values, where = np.array([1.0, 3.0, 5.0, 9.0]), np.array([0, 0, 1, 1])
        >>> fixed = nested(values, where, partitions="fixed")
        >>> round(fixed.mean, 4), round(fixed.se, 4), round(fixed.df, 4)
        (4.5, 1.118, 1.4706)
        >>> nested(values, where, partitions="random").df
        1.0
    """
    groups = [values[partition == label] for label in np.unique(partition)]
    means = np.array([group.mean() for group in groups])
    if partitions == "random":
        found = over_units(means, kind="t over partitions")
        return found._replace(unit="partition")
    shares = np.array([_variance(group) / group.size for group in groups]) / len(groups) ** 2
    df = satterthwaite(shares, np.array([group.size - 1.0 for group in groups]))
    kind = "Welch-Satterthwaite over training seeds, partitions fixed"
    if np.isnan(shares).any():
        kind = "none: a partition with one training seed"
    return Mean(float(means.mean()), float(np.sqrt(shares.sum())), df, kind, "training")


def crossed(
    values: np.ndarray, row: np.ndarray, column: np.ndarray, *, partitions: Partitions
) -> Mean:
    """Return the mean when the same trained models run through all partitions (forget sets).

    Fixed: t(I - 1) on the averages of each trained model over the partitions. Random:
    SE^2 = (MS_rows + MS_columns - MS_interaction) / (I P), not below the greatest of them over
    I P, with Satterthwaite's df (Cornfield & Tukey 1956 for the expected mean squares).

    Args:
        values: (N,) one value per trained model and partition.
        row: (N,) trained model.
        column: (N,) partition.
        partitions: Whether these partitions are meant, or others like them.

    Example:
        >>> table = np.array([[1.0, 2.0], [3.0, 6.0], [5.0, 4.0]])
        >>> row, column = np.indices(table.shape).reshape(2, -1)
        >>> fixed = crossed(table.ravel(), row, column, partitions="fixed")
        >>> fixed.mean, round(fixed.se, 4), fixed.df
        (3.5, 1.0, 2.0)
        >>> random = crossed(table.ravel(), row, column, partitions="random")
        >>> round(random.se, 4), round(random.df, 4)
        (1.0, 2.0)
    """
    table = two_way(values, row, column)
    rough = "; approximate, missing cells" if table.filled else ""
    if partitions == "fixed":
        kind = f"t over training seeds, partitions averaged{rough}"
        return over_units(table.cells.mean(axis=1), kind=kind)
    mean, size = float(table.cells.mean()), table.cells.size
    if min(table.cells.shape) < 2:
        return Mean(mean, np.nan, np.nan, "none: one training seed or partition", "training")
    kind = f"Satterthwaite over training seeds and partitions{rough}"
    signed = table.ms * np.array([1, 1, -1])
    df = satterthwaite(signed, table.df)
    most = int(np.argmax(table.ms))
    square = float(signed.sum())
    if square <= table.ms[most]:
        square, df = float(table.ms[most]), float(table.df[most])
    return Mean(mean, float(np.sqrt(square / size)), df, kind, "training and partition")


def over_labels(values: np.ndarray, training: np.ndarray, label: np.ndarray) -> Mean:
    """Return the mean when the same unlearning seeds are used under all trained models.

    A random crossed table (see `crossed`): another draw of unlearning seeds moves all models.

    Args:
        values: (N,) one value per run.
        training: (N,) its trained model.
        label: (N,) its unlearning seed.

    Example:
        >>> row, column = np.indices((3, 2)).reshape(2, -1)
        >>> over_labels(np.array([1.0, 2.0, 3.0, 6.0, 5.0, 4.0]), row, column).unit
        'training and unlearning'
    """
    both = crossed(values, training, label, partitions="random")
    kind = both.kind.replace("training seeds and partitions", "training and unlearning seeds")
    kind = kind.replace(" or partition", " or unlearning seed")
    return both._replace(kind=kind, unit=both.unit.replace("partition", "unlearning"))


def neighbours(values: np.ndarray, partition: np.ndarray, *, partitions: Partitions) -> Mean:
    """Return the mean of distances between each model and the next one, in a ring.

    Every model has a part in two of the distances, so that they are not independent: t(I - 1) on
    them covers .71-.92 where .95 is asked for. The jackknife leaves out a model with both of its
    distances (.93-.98; .83-.92 under skew, I = 4 to 30). It needs three models. Partitions count
    as in `nested`.

    Args:
        values: (I,) distance of each model to the next of its partition, the last one's to the
            first.
        partition: (I,) its partition.
        partitions: Whether these partitions are meant, or others like them.

    Example:
        >>> found = neighbours(np.array([1.0, 2.0, 6.0]), np.zeros(3), partitions="fixed")
        >>> found.mean, round(found.se, 4), found.df
        (3.0, 3.0551, 2.0)
    """
    rings = [values[partition == label] for label in np.unique(partition)]
    if not rings:
        return over_units(values)
    if partitions == "random" and len(rings) > 1:
        return nested(values, partition, partitions=partitions)
    found = [_ring(ring) for ring in rings]
    mean = float(np.mean([ring.estimate for ring in found]))
    shares = np.array([ring.se for ring in found]) ** 2 / len(rings) ** 2
    df = satterthwaite(shares, np.array([ring.df for ring in found]))
    kind = "jackknife over retrained models"
    if np.isnan(shares).any():
        kind = "none: fewer than three retrained models"
    return Mean(mean, float(np.sqrt(shares.sum())), df, kind, "training")


def _ring(values: np.ndarray) -> Jackknife:
    """Leave out each model with its own distance and its predecessor's."""
    if values.size < 3:
        return delete_one(float(values.mean()), [])
    if _variance(values) == 0:
        return delete_one(float(values.mean()), np.full(values.size, values.mean()).tolist())
    left_out = (values.sum() - values - np.roll(values, 1)) / (values.size - 2)
    return delete_one(float(values.mean()), left_out.tolist())


def satterthwaite(shares: np.ndarray, df: np.ndarray) -> float:
    """Return the df of a sum of independent squared errors; terms may be subtracted.

    Args:
        shares: (L,) signed terms.
        df: (L,) their degrees of freedom; a term of 0 costs nothing.

    Example:
        >>> satterthwaite(np.array([1.0, 1.0]), np.array([5.0, 5.0]))
        10.0
    """
    used = shares != 0
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(shares.sum() ** 2 / (shares[used] ** 2 / df[used]).sum())


def _variance(values: np.ndarray) -> float:
    """Return the sample variance, 0 where it is rounding noise of values this large."""
    if values.size < 2:
        return float("nan")
    squares = ((values - values.mean()) ** 2).sum()
    none = nothing(squares, np.array(values.size), np.array(abs(values).max()))
    return 0.0 if none else float(squares / (values.size - 1))
