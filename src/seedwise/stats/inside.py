"""What varies inside the units of one design: unlearning seeds and, in them, evaluation seeds.

Designs with partitions or crossed factors are analysed one group at a time. What lies inside a
unit (one trained model under one partition) is the same for all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seedwise.stats import anova, intervals, parts
from seedwise.stats.layout import Nested
from seedwise.stats.parts import Part


class Inside(NamedTuple):
    """Mean squares inside the units of one group; NaN with 0 df where nothing was repeated.

    Args:
        runs, values: Harmonic means of the numbers of runs per unit and of values per run.
        ms_runs, df_runs: Mean square of run means inside units, per run.
        ms_values, df_values: Mean square of values inside runs.
        equal: Whether all units have equally many runs, and these equally many values.
        two: The analysis of variance of the runs.
    """

    runs: float
    values: float
    ms_runs: float
    df_runs: float
    ms_values: float
    df_values: float
    equal: bool
    two: anova.TwoLevel

    @property
    def below(self) -> tuple[float, float]:
        """Mean square and df of what varies inside a unit, per unit mean."""
        if self.df_runs > 0:
            return self.ms_runs / self.runs, self.df_runs
        return self.ms_values / self.values / self.runs, self.df_values


def inside(data: Nested) -> Inside:
    """Analyse the inside of the units of one group.

    Args:
        data: One group.
    """
    two = anova.two_level(data.cells, data.mean, data.spread, data.largest)
    df_values = float(data.rows.sum() - data.cells.sum())
    noise = anova.three_level(data).ms[0, 0] if df_values > 0 else np.nan
    harmonic = data.cell_rows.size / (1 / data.cell_rows).sum()
    equal = bool(two.balanced[0] and data.rows_min[0] == data.rows_max[0])
    runs, ms_runs, df_runs = (float(x[0]) for x in (two.harmonic, two.ms_within, two.df_within))
    return Inside(runs, float(harmonic), ms_runs, df_runs, float(noise), df_values, equal, two)


def unlearn_part(
    data: Nested, within: Inside, block: np.ndarray, value: float, level: float
) -> Part:
    """Return the variance between unlearning seeds.

    Args:
        data: One group.
        within: Its inside.
        block: (I,) the independent unit that each place belongs to, for the jackknife.
        value: The estimate.
        level: Confidence level.
    """
    if within.df_runs <= 0:
        return parts.constant(1, np.nan, parts.NOT_REPEATED)
    estimate, mean_square = np.array([value]), np.array([within.ms_runs])
    if within.df_values <= 0:
        squares, df = _by_block(block, data.spread[0], data.cells[0] - 1.0)
        return parts.pooled(squares, df, mean_square, estimate, level)
    ends = mls(
        within.values * within.ms_runs,
        within.ms_values,
        (within.df_runs, within.df_values),
        within.values,
        level,
    )
    raw = mean_square - within.ms_values / within.values
    return parts.limited(estimate, raw, ends, named(parts.MLS, exact=within.equal))


def noise_part(data: Nested, within: Inside, block: np.ndarray, value: float, level: float) -> Part:
    """Return the variance between evaluation seeds; arguments as for `unlearn_part`."""
    if within.df_values <= 0:
        return parts.constant(1, np.nan, parts.NOT_REPEATED)
    squares, df = _by_block(block, data.noise[0], data.rows[0] - data.cells[0] + 0.0)
    return parts.pooled(squares, df, np.array([within.ms_values]), np.array([value]), level)


def between_part(
    value: float,
    upper: tuple[float, float],
    lower: tuple[float, float],
    count: float,
    level: float,
    *,
    exact: bool,
) -> Part:
    """Return a variance from the mean square of a factor and that of the one inside it.

    Args:
        value: The estimate.
        upper: Mean square of the factor, and its df.
        lower: Mean square inside, per value of the same means, and its df; 0 df if there is none,
            and the limits are those of a chi-square.
        count: Number of means per level of the factor.
        level: Confidence level.
        exact: Whether all numbers are equal.

    Example:
        >>> part = between_part(4.0, (10.0, 9.0), (2.0, 20.0), 2.0, 0.95, exact=True)
        >>> float(part.raw[0]), part.kind[0]
        (4.0, 'MLS, normal theory')
    """
    if lower[1] <= 0:
        raw = np.array([upper[0] / count])
        ends = intervals.chi_square(raw, np.array([upper[1]]), level)
        return parts.limited(np.array([value]), raw, ends, np.array([parts.CHI_SQUARE]))
    ends = mls(upper[0], lower[0], (upper[1], lower[1]), count, level)
    few = upper[1] + 1 < parts.FEW
    vague = parts.VAGUE if few or not ends.high[0] <= 100 * ends.low[0] else ""
    raw = np.array([(upper[0] - lower[0]) / count])
    return parts.limited(np.array([value]), raw, ends, named(parts.MLS, vague, exact=exact))


def mls(
    upper: float, lower: float, df: tuple[float, float], count: float, level: float
) -> intervals.Ends:
    """Return `intervals.mls_between` for one group."""
    first, second = np.array([df[0]]), np.array([df[1]])
    squares = np.array([upper]), np.array([lower])
    return intervals.mls_between(squares[0], squares[1], first, second, np.array([count]), level)


def total_part(
    value: float, terms: list[tuple[float, float, float]], level: float, *, exact: bool
) -> Part:
    """Return a sum of variances from (coefficient, mean square, df) of all levels."""
    kept = np.array([term for term in terms if term[2] > 0])
    coefficients, squares, df = kept.T[:, :, None]
    ends = intervals.sum_of_mean_squares(squares, df, coefficients, level)
    raw = (coefficients * squares).sum(axis=0)
    return parts.limited(np.array([value]), raw, ends, named(parts.TOTAL, exact=exact))


def named(kind: str, more: str = "", *, exact: bool) -> np.ndarray:
    """Return the kind of limits of one group, with a word on unequal numbers."""
    return np.array([kind + more + ("" if exact else parts.APPROXIMATE)])


def _by_block(
    block: np.ndarray, squares: np.ndarray, df: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    place = np.unique(block, return_inverse=True)[1]
    return np.bincount(place, squares)[None], np.bincount(place, df)[None]
