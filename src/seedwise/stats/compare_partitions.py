"""Two methods side by side when the data were drawn in several partitions.

Paired: the differences of the same trained models are averaged like any values (`means`).
Independent, e.g. against references of their own: the two errors add up; with random partitions
the partition means are paired, since both sides share the partition.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seedwise.stats import means
from seedwise.stats.difference import Difference, assemble
from seedwise.stats.layout import Partitions
from seedwise.stats.means import Mean, satterthwaite
from seedwise.stats.two_way import two_way


class Sample(NamedTuple):
    """Units of one method: trained models under partitions.

    Args:
        value: (I,) their means.
        partition: (I,) codes of the partitions.
        training: (I,) codes of the trained models.
        crossed: Whether one code of a trained model is one model under all partitions.
    """

    value: np.ndarray
    partition: np.ndarray
    training: np.ndarray
    crossed: bool

    def mean(self, partitions: Partitions) -> Mean:
        """Return the mean over partitions and trained models."""
        if self.crossed:
            return means.crossed(self.value, self.training, self.partition, partitions=partitions)
        return means.nested(self.value, self.partition, partitions=partitions)

    def by_partition(self) -> dict[int, float]:
        """Return the mean of each partition."""
        labels = np.unique(self.partition)
        return {int(p): float(self.value[self.partition == p].mean()) for p in labels}


def paired(
    a: Sample, b: np.ndarray, *, partitions: Partitions = "fixed", level: float = 0.95
) -> Difference:
    """Compare two methods on the same trained models of several partitions.

    Args:
        a: Units of one method.
        b: (I,) values of the other on the same units.
        partitions: Whether the difference is to hold for these partitions or for others.
        level: Confidence level.

    Example:
        >>> p, t = np.indices((2, 3)).reshape(2, -1)
        >>> a = Sample(np.array([1.0, 2.0, 3.0, 5.0, 7.0, 9.0]), p, t, crossed=False)
        >>> result = paired(a, np.array([0.0, 1.0, 1.0, 3.0, 5.0, 8.0]))
        >>> round(result.diff, 4), round(result.se, 4), result.df
        (1.5, 0.2357, 4.0)
    """
    found = a._replace(value=a.value - b).mean(partitions)
    sides = a.mean(partitions).mean, a._replace(value=b).mean(partitions).mean
    return assemble(found, sides, (a.value.size, b.size), level)


def independent(
    a: Sample, b: Sample, *, partitions: Partitions = "fixed", level: float = 0.95
) -> Difference:
    """Compare two methods on different trained models in the same partitions.

    Random partitions: t(P - 1) on the differences of partition means; if the trained models of `a`
    run through all partitions, what these share is added, SE^2 = S_D^2 / P +
    max(0, MS_rows - MS_interaction) / (I P), with Satterthwaite's df.

    Args:
        a: Units of one method.
        b: Units of the other.
        partitions: Whether the difference is to hold for these partitions or for others.
        level: Confidence level.

    Example:
        >>> p, t = np.indices((2, 2)).reshape(2, -1)
        >>> a = Sample(np.array([1.0, 3.0, 5.0, 7.0]), p, t, crossed=False)
        >>> b = Sample(np.array([0.0, 2.0, 3.0, 5.0]), p, t, crossed=False)
        >>> result = independent(a, b)
        >>> result.diff, result.se, result.df
        (1.5, 1.0, 4.0)
    """
    counts = a.value.size, b.value.size
    mine, theirs = a.by_partition(), b.by_partition()
    if partitions == "random":
        shared = sorted(mine.keys() & theirs.keys())
        found = _over_partitions(a, np.array([mine[p] - theirs[p] for p in shared]))
        sides = tuple(float(np.mean([side[p] for p in shared])) for side in (mine, theirs))
        return assemble(found, (sides[0], sides[1]), counts, level)
    single = len(theirs) == b.value.size
    return of_means(a.mean("fixed"), b.mean("fixed"), counts, given=single, level=level)


def of_means(
    a: Mean, b: Mean, counts: tuple[int, int], *, given: bool, level: float = 0.95
) -> Difference:
    """Compare two independent means: the squared errors add up, df are Satterthwaite's.

    Args:
        a: One mean.
        b: The other.
        counts: Numbers of trained models.
        given: Whether the second rests on single models, and the result is conditional on them.
        level: Confidence level.

    Example:
        >>> a = Mean(3.0, 0.3, 4.0, "t over training seeds", "training")
        >>> b = Mean(2.0, 0.4, 4.0, "t over training seeds", "training")
        >>> result = of_means(a, b, (5, 5), given=False)
        >>> result.diff, result.se, round(result.df, 2)
        (1.0, 0.5, 7.42)
    """
    diff, sides = a.mean - b.mean, (a.mean, b.mean)
    if given:
        kind = a.kind if a.kind.startswith("none") else "t, given the single reference"
        return assemble(a._replace(mean=diff, kind=kind), sides, counts, level)
    shares = np.array([a.se**2, b.se**2])
    df = satterthwaite(shares, np.array([a.df, b.df]))
    kind = next((mean.kind for mean in (a, b) if mean.kind.startswith("none")), "Welch t")
    found = Mean(diff, float(np.sqrt(shares.sum())), df, kind, a.unit)
    return assemble(found, sides, counts, level)


def _over_partitions(a: Sample, differences: np.ndarray) -> Mean:
    found = means.over_units(differences, kind="t over partitions")._replace(unit="partition")
    if not a.crossed or differences.size < 2:
        return found
    table = two_way(a.value, a.training, a.partition)
    extra = table.ms * np.array([1, 0, -1]) / table.cells.size
    if not extra.sum() > 0:
        return found
    shares, df = np.append(extra, found.se**2), np.append(table.df, found.df)
    kind = "Satterthwaite over training seeds and partitions"
    se = float(np.sqrt(shares.sum()))
    return found._replace(
        se=se, df=satterthwaite(shares, df), kind=kind, unit="training and partition"
    )
