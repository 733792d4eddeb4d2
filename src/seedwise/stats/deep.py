"""Designs with both unlearning and evaluation seeds: three levels of variance.

The training level is analysed on the cell means, so its intervals are those of two levels; for
equal numbers that is MLS on (MSA, MSB) with J K runs. This module adds the two variances below.
"""

from __future__ import annotations

import numpy as np

from seedwise.stats import anova, intervals, parts, pivots, reml, reml_nested
from seedwise.stats.layout import Nested, nothing
from seedwise.stats.parts import Estimates, Part


def both_repeated(data: Nested, level: float) -> Estimates:
    """Estimate all three variances.

    Args:
        data: B groups in which some training seed has several runs, and some run several values.
        level: Confidence level.
    """
    cells = anova.two_level(data.cells, data.mean, data.spread, data.largest)
    three = anova.three_level(data)
    per_cell = _harmonic_rows(data)
    noise, unlearn, train = _reml(data, cells, three, per_cell)
    ends, kind = _between_limits(cells, three, level)
    return Estimates(
        parts.limited(train, three.raw[2], ends, kind),
        _unlearn(cells, three, per_cell, unlearn, level),
        parts.pooled(_noise(data), _noise_df(data), three.ms[0], noise, level),
        _total(cells, three, per_cell, noise + unlearn + train, level),
        _icc(cells, three, per_cell, train / (train + unlearn), level),
        _icc_run(data, cells, three, train, unlearn + noise / per_cell, level),
        *parts.one_partition(cells.units.size),
        _table(three),
    )


def _table(three: anova.ThreeLevel) -> np.ndarray:
    table = np.array([three.df, three.ss, three.ms], dtype=float)[:, ::-1]
    return np.concatenate([np.full_like(table[:, :1], np.nan), table], axis=1)


def _noise(data: Nested) -> np.ndarray:
    return np.where(nothing(data.noise, data.rows, data.largest[:, None]), 0, data.noise)


def _noise_df(data: Nested) -> np.ndarray:
    return np.where(data.cells > 0, data.rows - data.cells, -1)


def _harmonic_rows(data: Nested) -> np.ndarray:
    """Return the harmonic mean of the numbers of values per cell."""
    groups = data.centre.size
    inverse = np.bincount(data.cell_group, weights=1 / data.cell_rows, minlength=groups)
    return np.bincount(data.cell_group, minlength=groups) / inverse


def _reml(
    data: Nested, cells: anova.TwoLevel, three: anova.ThreeLevel, per_cell: np.ndarray
) -> np.ndarray:
    """Return REML estimates, innermost first, (3, B)."""
    pooled = reml.monotone(three.ms, three.df)
    values = np.array(
        [
            pooled[0],
            (pooled[1] - pooled[0]) / per_cell,
            (pooled[2] - pooled[1]) / (per_cell * cells.harmonic),
        ]
    )
    silent = ~three.balanced & (three.ss[0] == 0)
    two = reml.fit_two(cells, data.cells, data.mean)
    values = np.where(silent, [np.zeros_like(two.within), two.within, two.between], values)
    for group in np.flatnonzero(~three.balanced & ~silent):
        mine = data.cell_group == group
        columns = (data.cell_rows[mine], data.cell_mean[mine], (data.cell_unit[mine],))
        sample = reml_nested.Sample(*columns, float(three.ss[0, group]))
        values[:, group] = reml_nested.fit(sample)
    values[2] = np.where(cells.units > 1, values[2], np.nan)
    return values


def _between_limits(
    cells: anova.TwoLevel, three: anova.ThreeLevel, level: float
) -> tuple[intervals.Ends, np.ndarray]:
    ends, kind = parts.between_limits(cells, level)
    return ends, np.char.add(kind, np.where(three.balanced, "", parts.APPROXIMATE))


def _unlearn(
    cells: anova.TwoLevel,
    three: anova.ThreeLevel,
    per_cell: np.ndarray,
    value: np.ndarray,
    level: float,
) -> Part:
    """Return the variance between unlearning seeds with MLS limits on (MSB, MSE)."""
    ends = intervals.mls_between(
        per_cell * cells.ms_within, three.ms[0], cells.df_within, three.df[0], per_cell, level
    )
    kind = np.where(three.balanced, parts.MLS, parts.MLS + parts.APPROXIMATE)
    return parts.limited(value, three.raw[1], ends, kind)


def _total(
    cells: anova.TwoLevel,
    three: anova.ThreeLevel,
    per_cell: np.ndarray,
    value: np.ndarray,
    level: float,
) -> Part:
    ends = intervals.sum_of_mean_squares(
        np.array([three.ms[0], cells.ms_within, cells.var_means]),
        np.array([three.df[0], cells.df_within, cells.df_between]),
        np.array([1 - 1 / per_cell, 1 - 1 / cells.harmonic, np.ones_like(per_cell)]),
        level,
    )
    kind = np.where(three.balanced, parts.TOTAL, parts.TOTAL + parts.APPROXIMATE)
    return parts.limited(value, three.raw.sum(axis=0), ends, kind)


def _icc(
    cells: anova.TwoLevel,
    three: anova.ThreeLevel,
    per_cell: np.ndarray,
    value: np.ndarray,
    level: float,
) -> Part:
    """Return rho = s_t^2 / (s_t^2 + s_u^2) with the limits of its generalised pivot."""
    between = cells.df_between * cells.var_means * cells.harmonic * per_cell
    squares = np.array([three.ss[0], cells.ss_within * per_cell, between])
    df = np.array([three.df[0], cells.df_within, cells.df_between])
    ends = pivots.share_of_units(squares, df, cells.harmonic, per_cell, level)
    name = "generalised pivot, normal theory"
    kind = np.where(three.balanced, name, name + parts.APPROXIMATE)
    raw = three.raw[2] / (three.raw[2] + three.raw[1])
    return parts.limited(value, raw, ends, kind)


def _icc_run(
    data: Nested,
    cells: anova.TwoLevel,
    three: anova.ThreeLevel,
    train: np.ndarray,
    within: np.ndarray,
    level: float,
) -> Part:
    share = parts.training_share(cells, data, train, within, level)
    rough = np.where(three.balanced, "", parts.APPROXIMATE)
    return share._replace(kind=np.char.add(share.kind.astype(str), rough).astype(object))
