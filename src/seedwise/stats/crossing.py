"""Variance components when two factors are crossed.

Either the same trained models run through several partitions (forget sets drawn anew), or the
same unlearning seeds are used under every trained model. Both are two-way tables of means.
Unequal numbers enter by their harmonic means, missing cells by Yates' method; both are labelled.
"""

from __future__ import annotations

import numpy as np

from seedwise.stats import parts
from seedwise.stats.inside import Inside, between_part, inside, noise_part, total_part, unlearn_part
from seedwise.stats.layout import Nested, Partitions
from seedwise.stats.parts import Estimates, Part
from seedwise.stats.two_way import TwoWay, pooled, two_way

CROSSED = "none: not for crossed factors"
MIXED = "none: interaction and unlearning confounded"


def of_partitions(
    data: Nested, training: np.ndarray, partition: np.ndarray, partitions: Partitions, level: float
) -> Estimates:
    """Estimate the components of one group whose trained models run through all partitions.

    Args:
        data: One group; a unit is a trained model under a partition.
        training: (I,) trained model of each unit.
        partition: (I,) its partition.
        partitions: Whether partitions are random; trained models are what the jackknife leaves
            out either way.
        level: Confidence level.
    """
    table, within = two_way(data.mean[0], training, partition), inside(data)
    exact = within.equal and not table.filled
    rows, columns = table.cells.shape
    noise, unlearn, rest, train, between = _reml(table, within)
    upper = [(float(ms), float(df)) for ms, df in zip(table.ms, table.df, strict=True)]
    interaction = between_part(
        rest,
        (upper[2][0] * within.runs, upper[2][1]),
        (within.below[0] * within.runs, within.below[1]),
        within.runs,
        level,
        exact=exact,
    )
    block = partition if partitions == "random" and columns > rows else training
    none = parts.constant(1, np.nan, CROSSED)
    return Estimates(
        between_part(train, upper[0], upper[2], columns, level, exact=exact),
        unlearn_part(data, within, block, unlearn, level),
        noise_part(data, within, block, noise, level),
        _total(table, within, (noise, unlearn, rest, train, between), level),
        none,
        none,
        between_part(between, upper[1], upper[2], rows, level, exact=exact),
        interaction,
        _table(table, within, place=0),
    )


def of_labels(data: Nested, level: float) -> Estimates:
    """Estimate the components of one group whose unlearning seeds are the same for all models.

    The variance between unlearning seeds is that of their labels; what a label does under one
    trained model beyond that is the interaction, and is part of the variance of a run.

    Args:
        data: One group; the cells carry the labels.
        level: Confidence level.
    """
    table = two_way(data.cell_mean, data.cell_unit, data.cell_label)
    within = _values_only(inside(data))
    exact = within.equal and not table.filled
    rows, columns = table.cells.shape
    noise, _, rest, train, label = _reml(table, within)
    upper = [(float(ms), float(df)) for ms, df in zip(table.ms, table.df, strict=True)]
    everything = train + label + rest
    share = np.array([train / everything if everything > 0 else np.nan])
    nan = np.full(1, np.nan)
    icc = Part(share, share, nan, nan, np.array([CROSSED], dtype=object))
    block = np.arange(data.cells.shape[1])
    return Estimates(
        between_part(train, upper[0], upper[2], columns, level, exact=exact),
        between_part(label, upper[1], upper[2], rows, level, exact=exact),
        noise_part(data, within, block, noise, level),
        _total(table, within, (noise, np.nan, rest, train, label), level),
        icc,
        icc,
        parts.constant(1, np.nan, parts.ONE_PARTITION),
        between_part(rest, upper[2], within.below, 1.0, level, exact=exact),
        _table(table, within, place=2),
    )


def _values_only(within: Inside) -> Inside:
    """Return an inside without runs: the cells of the table are the runs."""
    return within._replace(runs=1.0, ms_runs=np.nan, df_runs=0.0)


def _reml(table: TwoWay, within: Inside) -> tuple[float, float, float, float, float]:
    """Return the variances of values, runs, interaction, rows, columns; NaN without df."""
    rows, columns = table.cells.shape
    per_run, per_unit = within.values, within.runs
    squares = np.array(
        [
            within.ms_values / per_run / per_unit,
            within.ms_runs / per_unit,
            table.ms[2],
            table.ms[0],
            table.ms[1],
        ]
    )
    df = np.array([within.df_values, within.df_runs, table.df[2], table.df[0], table.df[1]])
    monotone = pooled(squares, df, np.array([0, 0, 1, 2, 2]))
    monotone = np.where(np.isfinite(monotone), monotone, 0.0)
    below = np.array([0.0, monotone[0], monotone[1], monotone[2], monotone[2]])
    counts = np.array([1 / per_run / per_unit, 1 / per_unit, 1, columns, rows])
    found = np.where(df > 0, (monotone - below) / counts, np.nan)
    return tuple(float(x) for x in found)  # pyright: ignore[reportReturnType]


def _total(table: TwoWay, within: Inside, values: tuple[float, ...], level: float) -> Part:
    rows, columns = table.cells.shape
    coefficients = [1 / columns, 1 / rows, 1 - 1 / columns - 1 / rows]
    terms = [
        (c, float(ms), float(df))
        for c, ms, df in zip(coefficients, table.ms, table.df, strict=True)
    ]
    terms.append((1 - 1 / within.runs, within.ms_runs, within.df_runs))
    terms.append((1 - 1 / within.values, within.ms_values, within.df_values))
    exact = within.equal and not table.filled
    return total_part(float(np.nansum(values)), terms, level, exact=exact)


def _table(table: TwoWay, within: Inside, *, place: int) -> np.ndarray:
    """Return df, SS, MS per value; `place` is where the columns' factor stands."""
    result = np.full((3, 4), np.nan)
    per_mean = within.runs * within.values
    entries = {
        1: (table.ms[0] * per_mean, table.df[0]),
        place: (table.ms[1] * per_mean, table.df[1]),
    }
    if place == 0:
        entries[2] = (within.ms_runs * within.values, within.df_runs)
    entries[3] = (within.ms_values, within.df_values)
    for at, (mean_square, df) in entries.items():
        if df > 0:
            result[:, at] = df, df * mean_square, mean_square
    return result[:, :, None]
