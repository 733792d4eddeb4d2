"""Confidence limits for means and variance components, for B groups at once.

Those of variances rest on normal values, except the jackknife. Where a limit does not exist it is
NaN.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seedwise.stats.alike import alike
from seedwise.stats.quantiles import chi2_ratio, f_quantile, t_quantile

_HALVINGS = 60


class Ends(NamedTuple):
    """Lower and upper confidence limits, each of shape (B,)."""

    low: np.ndarray
    high: np.ndarray


def student(mean: np.ndarray, se: np.ndarray, df: np.ndarray, level: float) -> Ends:
    """Return mean -+ t(df) se.

    Example:
        >>> ends = student(np.array([1.0]), np.array([0.5]), np.array([9]), 0.95)
        >>> float(ends.low[0].round(3)), float(ends.high[0].round(3))
        (-0.131, 2.131)
    """
    half = t_quantile(level, df) * se
    return Ends(mean - half, mean + half)


def chi_square(mean_square: np.ndarray, df: np.ndarray, level: float) -> Ends:
    """Return the limits of a variance from a mean square, if values are normal.

    Example:
        >>> ends = chi_square(np.array([4.0]), np.array([9]), 0.95)
        >>> float(ends.low[0].round(3)), float(ends.high[0].round(3))
        (1.892, 13.331)
    """
    tail = (1 - level) / 2
    return Ends(mean_square / chi2_ratio(1 - tail, df), mean_square / chi2_ratio(tail, df))


def mls_between(
    ms_upper: np.ndarray,
    ms_lower: np.ndarray,
    df_upper: np.ndarray,
    df_lower: np.ndarray,
    runs: np.ndarray,
    level: float,
) -> Ends:
    """Return the modified large-sample limits of (MS_upper - MS_lower) / runs.

    Ting, Burdick, Graybill, Jeyaratnam & Lu (1990). The lower limit is clipped at 0; the upper
    one may be negative, which says that units differ less than chance would let them.

    Args:
        ms_upper: (B,) mean square of the level.
        ms_lower: (B,) mean square of the level inside it.
        df_upper: (B,) degrees of freedom of the first.
        df_lower: (B,) degrees of freedom of the second.
        runs: (B,) number of runs per unit (their harmonic mean if unequal).
        level: Confidence level.

    Example:
        >>> dyestuff = [np.array([x]) for x in (11271.5, 2451.25, 5, 24, 5)]
        >>> ends = mls_between(*dyestuff, 0.95)
        >>> float(ends.low[0].round(0)), float(ends.high[0].round(0))
        (306.0, 13046.0)
    """
    tail = (1 - level) / 2
    f_high, f_low = f_quantile(1 - tail, df_upper, df_lower), f_quantile(tail, df_upper, df_lower)
    g1, g2 = 1 - 1 / chi2_ratio(1 - tail, df_upper), 1 - 1 / chi2_ratio(1 - tail, df_lower)
    h1, h2 = 1 / chi2_ratio(tail, df_upper) - 1, 1 / chi2_ratio(tail, df_lower) - 1
    g12 = ((f_high - 1) ** 2 - (g1 * f_high) ** 2 - h2**2) / f_high
    h12 = ((1 - f_low) ** 2 - (h1 * f_low) ** 2 - g2**2) / f_low
    product = ms_upper * ms_lower
    below = (g1 * ms_upper) ** 2 + (h2 * ms_lower) ** 2 + g12 * product
    above = (h1 * ms_upper) ** 2 + (g2 * ms_lower) ** 2 + h12 * product
    # The cross terms may push a sum of squares just below zero where the limit is zero anyway.
    low = (ms_upper - ms_lower - np.sqrt(np.maximum(below, 0))) / runs
    high = (ms_upper - ms_lower + np.sqrt(np.maximum(above, 0))) / runs
    # With one or two df below, the formula may exceed what holds without any variance below.
    most = ms_upper / chi2_ratio(1 - tail, df_upper) / runs
    return Ends(np.clip(low, 0, most), high)


def sum_of_mean_squares(
    mean_squares: np.ndarray, df: np.ndarray, coefficients: np.ndarray, level: float
) -> Ends:
    """Return the limits of a positive combination of mean squares (Graybill & Wang 1980).

    Args:
        mean_squares: (L, B).
        df: (L, B); a level without df is left out.
        coefficients: (L, B), none negative.
        level: Confidence level.
    """
    tail = (1 - level) / 2
    terms = np.where(df > 0, coefficients * mean_squares, 0)
    below = (1 - 1 / chi2_ratio(1 - tail, df)) * terms
    above = (1 / chi2_ratio(tail, df) - 1) * terms
    centre = terms.sum(axis=0)
    low = centre - np.sqrt(np.nansum(below**2, axis=0))
    return Ends(low, centre + np.sqrt(np.nansum(above**2, axis=0)))


def exact_f(
    ratio: np.ndarray, df1: np.ndarray, df2: np.ndarray, runs: np.ndarray, level: float
) -> Ends:
    """Return the exact limits of rho in balanced designs, from F = MSA / MSE.

    Searle, Casella & McCulloch (1992), section 3.6. Limits are at least 0.

    Args:
        ratio: (B,) F.
        df1: (B,) I - 1.
        df2: (B,) N - I.
        runs: (B,) number of runs per unit.
        level: Confidence level.

    Example:
        >>> ends = exact_f(*(np.array([x]) for x in (4.598, 5, 24, 5)), 0.95)
        >>> float(ends.low[0].round(3)), float(ends.high[0].round(3))
        (0.084, 0.848)
    """
    tail = (1 - level) / 2
    low = np.maximum(ratio / f_quantile(1 - tail, df1, df2) - 1, 0)
    high = np.maximum(ratio / f_quantile(tail, df1, df2) - 1, 0)
    return Ends(low / (low + runs), high / (high + runs))


def wald(runs: np.ndarray, mean: np.ndarray, ms_within: np.ndarray, level: float) -> Ends:
    """Return the exact limits of rho in unbalanced designs (Wald 1940).

    Q(theta) = sum w_i (mean_i - mu_w)^2 / ((I - 1) MSE), w_i = n_i / (1 + theta n_i), falls in
    theta = s_t^2 / s_u^2 and is F(I - 1, N - I); the limits solve for its quantiles.

    Args:
        runs: (B, I) numbers of runs; 0 pads.
        mean: (B, I) unit means.
        ms_within: (B,) MSE, above 0.
        level: Confidence level.
    """
    units, total = (runs > 0).sum(axis=1), runs.sum(axis=1)
    tail = (1 - level) / 2

    classes = alike(runs, mean)

    def pivot(theta: np.ndarray) -> np.ndarray:
        return classes.weigh(theta).residual / ((units - 1) * ms_within)

    def solve(target: np.ndarray) -> np.ndarray:
        at_zero = pivot(np.zeros(len(units)))
        low = np.full(len(units), np.log(1e-12))
        high = np.log1p(at_zero / target)  # since Q(theta) <= Q(0) / theta
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            above = pivot(np.exp(middle)) > target
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        theta = np.exp((low + high) / 2)
        return np.where(at_zero > target, theta / (1 + theta), 0.0)

    bounds = [f_quantile(p, units - 1, total - units) for p in (1 - tail, tail)]
    return Ends(solve(bounds[0]), solve(bounds[1]))


def jackknife(estimate: np.ndarray, without: np.ndarray, present: np.ndarray, level: float) -> Ends:
    """Return delete-one-unit jackknife limits: the mean of I th - (I - 1) th_(-i), -+ t(I-1) se.

    Arvesen & Layard (1975) recommend it on the log of a variance: robust against skew.

    Args:
        estimate: (B,) th on all units.
        without: (B, I) th_(-i); a value that is not finite makes the limits NaN.
        present: (B, I) which places hold a unit.
        level: Confidence level.

    Example:
        >>> without, present = np.array([[2.5, 2.0, 1.5]]), np.ones((1, 3), dtype=bool)
        >>> ends = jackknife(np.array([2.0]), without, present, 0.95)
        >>> float(ends.low[0].round(3)), float(ends.high[0].round(3))
        (-0.484, 4.484)
    """
    units = present.sum(axis=1)
    pseudo = units[:, None] * estimate[:, None] - (units - 1)[:, None] * without
    pseudo = np.where(present, pseudo, 0)
    mean = pseudo.sum(axis=1) / units
    squares = np.where(present, (pseudo - mean[:, None]) ** 2, 0).sum(axis=1)
    return student(mean, np.sqrt(squares / (units - 1) / units), units - 1, level)


def log_jackknife(squares: np.ndarray, df: np.ndarray, level: float) -> Ends:
    """Return jackknife limits of a mean square pooled over units, on the log scale.

    Args:
        squares: (B, I) sums of squares inside units, 0 where rounding is all there is.
        df: (B, I) their degrees of freedom; a unit without any says nothing and does not count.
        level: Confidence level.
    """
    present = df > 0
    df, squares = np.where(present, df, 0), np.where(present, squares, 0)
    all_squares, all_df = squares.sum(axis=1), df.sum(axis=1)
    left = np.maximum(all_squares[:, None] - squares, 0)
    left = np.where(left > 1e-12 * all_squares[:, None], left, 0)
    log_all = np.log(all_squares / all_df)
    without = np.log(left / (all_df[:, None] - df))
    ends = jackknife(log_all, without, present, level)
    return Ends(np.exp(ends.low), np.exp(ends.high))
