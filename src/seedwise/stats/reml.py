"""Restricted maximum likelihood (REML) estimates of variance components in nested designs.

Balanced designs have closed forms: the mean squares, made monotone (Thompson 1962). Unbalanced
ones profile the likelihood over the variance ratios, from sufficient statistics alone. The
estimates are never negative, and at all levels they add up to the total.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seedwise.stats import anova
from seedwise.stats.alike import Alike, alike

_GRID = 64
_HALVINGS = 46


class Components(NamedTuple):
    """REML components of runs inside units, each of shape (B,)."""

    between: np.ndarray
    within: np.ndarray


def monotone(mean_squares: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Pool adjacent violators, so that mean squares do not fall from the inside out.

    Thompson (1962), The problem of negative estimates of variance components: in a balanced
    nested design the REML estimates follow from the pooled mean squares, weights being df.

    Args:
        mean_squares: (L, B), innermost level first.
        df: (L, B) weights; a level without df is left to its neighbours.

    Example:
        >>> pooled = monotone(np.array([[3.0], [1.0]]), np.array([[3], [1]]))
        >>> pooled.ravel().tolist()
        [2.5, 2.5]
    """
    weight = np.where(df > 0, df, 0).astype(float)
    sums = np.where(weight > 0, np.nan_to_num(mean_squares) * weight, 0)
    levels = len(weight)

    def average(first: int, last: int, empty: float) -> np.ndarray:
        total, mass = sums[first : last + 1].sum(0), weight[first : last + 1].sum(0)
        return np.where(mass > 0, total / np.where(mass > 0, mass, 1), empty)

    # Isotonic regression as a maximum of minima (Barlow et al. 1972, theorem 1.4).
    pooled = [
        np.max(
            [
                np.min([average(a, b, np.inf) for b in range(k, levels)], axis=0)
                for a in range(k + 1)
            ],
            axis=0,
            where=np.array([weight[a : k + 1].sum(0) > 0 for a in range(k + 1)]),
            initial=0.0,
        )
        for k in range(levels)
    ]
    return np.array(pooled)


def two_level(
    runs: np.ndarray, mean: np.ndarray, ss_within: np.ndarray, var_means: np.ndarray
) -> Components:
    """Estimate the components of runs inside units with any numbers of runs.

    With lambda = between / within and w_i = n_i / (1 + lambda n_i), minimises
    (N - 1) ln Q + sum ln(1 + lambda n_i) + ln sum w_i, Q = SSE + sum w_i (mean_i - mu)^2, over
    ln lambda: a grid, then bisection of the derivative, compared with lambda = 0.

    Args:
        runs: (B, I) numbers of runs n_i; 0 pads.
        mean: (B, I) unit means.
        ss_within: (B,) SSE; 0 means that units are constant.
        var_means: (B,) variance of the unit means.

    Example:
        >>> n, m = np.array([[2, 2, 2]]), np.array([[1.0, 3.0, 8.0]])
        >>> fit = two_level(n, m, np.array([6.0]), np.array([13.0]))
        >>> fit.between.round(6).tolist(), fit.within.round(6).tolist()
        ([12.0], [2.0])
    """
    total = runs.sum(axis=1)
    safe = np.where(ss_within > 0, ss_within, 1.0)
    profile = _Profile(alike(runs, mean), safe, total)
    best = profile.refine(*profile.bracket())
    at_best, at_zero = profile.criterion(best), profile.criterion(np.zeros_like(safe))
    ratio = np.where(at_best < at_zero, best, 0.0)
    within = profile.residual(ratio) / (total - 1)
    constant = ss_within == 0
    return Components(
        np.where(constant, var_means, ratio * within),
        np.where(constant, 0.0, within),
    )


def fit_two(table: anova.TwoLevel, runs: np.ndarray, mean: np.ndarray) -> Components:
    """Estimate the components of runs inside units: closed form where balanced, else profiled.

    Args:
        table: The analysis of variance of B groups.
        runs: (B, I) numbers of runs; 0 pads.
        mean: (B, I) unit means.
    """
    mean_squares = np.array([table.ms_within, table.ms_between])
    pooled = monotone(mean_squares, np.array([table.df_within, table.df_between]))
    within = np.where(table.df_within > 0, pooled[0], np.nan)
    between = np.where(table.units > 1, (pooled[1] - pooled[0]) / table.harmonic, np.nan)
    odd = np.flatnonzero(~table.balanced & (table.units > 1) & (table.df_within > 0))
    if odd.size:
        profiled = two_level(runs[odd], mean[odd], table.ss_within[odd], table.var_means[odd])
        between[odd], within[odd] = profiled.between, profiled.within
    return Components(between, within)


class _Profile(NamedTuple):
    """The profiled restricted likelihood of B two-level designs as a function of lambda (B,)."""

    classes: Alike
    ss_within: np.ndarray
    total: np.ndarray

    def residual(self, ratio: np.ndarray) -> np.ndarray:
        return self.ss_within + self.classes.weigh(ratio).residual

    def criterion(self, ratio: np.ndarray) -> np.ndarray:
        found, own = self.classes.weigh(ratio), self.classes
        logs = (own.units * np.log1p(ratio[:, None] * own.runs)).sum(axis=1)
        residual = self.ss_within + found.residual
        return (self.total - 1) * np.log(residual) + logs + np.log(found.total)

    def slope(self, ratio: np.ndarray) -> np.ndarray:
        """Return the derivative; mu may be held fixed, since Q is least there."""
        found = self.classes.weigh(ratio)
        residual = self.ss_within + found.residual
        inner = (found.weight**2 * found.squares).sum(axis=1)
        shared = (found.weight * found.heavy).sum(axis=1) / found.total
        return found.total - shared - (self.total - 1) * inner / residual

    def bracket(self) -> tuple[np.ndarray, np.ndarray]:
        """Return two values of ln lambda around the least value on a grid."""
        spread = (self.classes.squares + self.classes.units * self.classes.mean**2).sum(axis=1)
        low = np.full(spread.shape, np.log(1e-8))
        high = np.log(1e3 * (1 + spread * self.total / self.ss_within))
        step = (high - low) / (_GRID - 1)
        best, place = np.full(spread.shape, np.inf), np.zeros(spread.shape)
        for k in range(_GRID):
            value = self.criterion(np.exp(low + k * step))
            place = np.where(value < best, k, place)
            best = np.minimum(best, value)
        return low + (place - 1) * step, low + (place + 1) * step

    def refine(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Return lambda where the slope changes sign, to 1e-13 in ln lambda = logit r."""
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            rising = self.slope(np.exp(middle)) > 0
            low, high = np.where(rising, low, middle), np.where(rising, middle, high)
        return np.exp((low + high) / 2)
