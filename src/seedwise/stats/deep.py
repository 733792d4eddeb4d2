"""Designs with both unlearning and evaluation seeds: three levels of variance.

The training level is analysed on the cell means, so its intervals are those of two levels; for
equal numbers that is MLS on (MSA, MSB) with J K runs. This module adds the two variances below.
"""

from __future__ import annotations

import numpy as np

from seedwise.stats import anova, intervals, parts, reml
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
        _icc(data, cells, three, per_cell, train / (train + unlearn), level),
        np.array([three.df, three.ss, three.ms])[:, ::-1],
    )


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
        columns = (data.cell_rows[mine], data.cell_mean[mine], data.cell_unit[mine])
        values[:, group] = reml.three_level(reml.Sample(*columns, float(three.ss[0, group])))
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
    data: Nested,
    cells: anova.TwoLevel,
    three: anova.ThreeLevel,
    per_cell: np.ndarray,
    value: np.ndarray,
    level: float,
) -> Part:
    """Return rho = s_t^2 / (s_t^2 + s_u^2) with delete-one-training-seed jackknife limits."""
    present, noise = data.cells > 0, _noise(data)
    df_noise, df_runs = np.where(present, _noise_df(data), 0), np.where(present, data.cells - 1, 0)

    def rho(between: np.ndarray, runs: np.ndarray, values: np.ndarray) -> np.ndarray:
        """All arguments (B, I or 1)."""
        train = np.maximum(between - runs / cells.harmonic[:, None], 0)
        return train / (train + np.maximum(runs - values / per_cell[:, None], 0))

    def pooled_without(squares: np.ndarray, df: np.ndarray) -> np.ndarray:
        left = squares.sum(axis=1, keepdims=True) - squares
        return left / (df.sum(axis=1, keepdims=True) - df)

    whole = rho(cells.var_means[:, None], cells.ms_within[:, None], three.ms[0][:, None])
    without = rho(
        _var_without(data, cells),
        pooled_without(data.spread, df_runs),
        pooled_without(noise, df_noise),
    )
    ends = intervals.jackknife(whole[:, 0], without, present, level)
    usable = (cells.units >= parts.FEW) & (ends.high > ends.low)
    limits = intervals.Ends(*(np.where(usable, np.clip(end, 0, 1), np.nan) for end in ends))
    raw = three.raw[2] / (three.raw[2] + three.raw[1])
    return parts.limited(value, raw, limits, np.full(value.shape, "jackknife"))


def _var_without(data: Nested, cells: anova.TwoLevel) -> np.ndarray:
    """Return the variance of the unit means without each unit in turn, (B, I)."""
    units = cells.units[:, None]
    deviation = data.mean - cells.mean[:, None]
    squares = (units - 1) * cells.var_means[:, None] - units / (units - 1) * deviation**2
    return np.maximum(squares, 0) / (units - 2)
