"""Restricted maximum likelihood (REML) estimates of variance components in nested designs.

Balanced designs have closed forms: the mean squares, made monotone (Thompson 1962). Unbalanced
ones profile the likelihood over the variance ratios, from sufficient statistics alone. The
estimates are never negative, and at all levels they add up to the total.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import optimize

from seedwise.stats import anova

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
    profile = _Profile(runs, mean, safe, total)
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

    runs: np.ndarray
    mean: np.ndarray
    ss_within: np.ndarray
    total: np.ndarray

    def _parts(self, ratio: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        weight = self.runs / (1 + ratio[:, None] * self.runs)
        sums = weight.sum(axis=1)
        centre = (weight * self.mean).sum(axis=1) / sums
        return weight, sums, (self.mean - centre[:, None]) ** 2

    def residual(self, ratio: np.ndarray) -> np.ndarray:
        weight, _, squares = self._parts(ratio)
        return self.ss_within + (weight * squares).sum(axis=1)

    def criterion(self, ratio: np.ndarray) -> np.ndarray:
        weight, sums, squares = self._parts(ratio)
        residual = self.ss_within + (weight * squares).sum(axis=1)
        logs = np.log1p(ratio[:, None] * self.runs).sum(axis=1) + np.log(sums)
        return (self.total - 1) * np.log(residual) + logs

    def slope(self, ratio: np.ndarray) -> np.ndarray:
        """Return the derivative; mu may be held fixed, since Q is least there."""
        weight, sums, squares = self._parts(ratio)
        residual = self.ss_within + (weight * squares).sum(axis=1)
        inner = (weight**2 * squares).sum(axis=1)
        return sums - (weight**2).sum(axis=1) / sums - (self.total - 1) * inner / residual

    def bracket(self) -> tuple[np.ndarray, np.ndarray]:
        """Return two values of ln lambda around the least value on a grid."""
        spread = np.where(self.runs > 0, self.mean**2, 0).max(axis=1, initial=0)
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


class Sample(NamedTuple):
    """One three-level design: cells inside units, and the sum of squares inside cells.

    Args:
        rows: (C,) numbers of values K_ij.
        mean: (C,) cell means.
        unit: (C,) place of the unit of each cell, 0 .. I - 1, ascending.
        noise: Sum of squares inside cells, above 0.
    """

    rows: np.ndarray
    mean: np.ndarray
    unit: np.ndarray
    noise: float


def three_level(sample: Sample) -> tuple[float, float, float]:
    """Estimate the components (values, cells, units) of one design with any numbers.

    Minimises the criterion of `_criterion` over the two ratios to the innermost variance: inside
    by BFGS on their logarithms from several starts, on each boundary as a two-level problem.

    Example:
        >>> cells = np.array([2, 2, 2, 2]), np.array([0.0, 4.0, 9.0, 15.0]), np.array([0, 0, 1, 1])
        >>> [round(part, 4) for part in three_level(Sample(*cells, 4.0))]
        [1.0, 12.5, 43.5]
    """
    ratios = [_interior(sample, np.log(start)) for start in _STARTS]
    ratios += [(_cells_alone(sample), 0.0), (0.0, _units_alone(sample)), (0.0, 0.0)]
    best = min(ratios, key=lambda pair: _criterion(sample, *pair)[0])
    noise = _criterion(sample, *best)[1] / (sample.rows.sum() - 1)
    return float(noise), float(best[0] * noise), float(best[1] * noise)


_STARTS = ((0.1, 0.1), (1.0, 1.0), (10.0, 0.1), (0.1, 10.0), (100.0, 100.0))


def _criterion(
    sample: Sample, cells: float, units: float
) -> tuple[float, float, tuple[float, float]]:
    """Return criterion, Q and gradient at the ratios (cells, units) to the innermost variance.

    d = 1 + cells K, w = K / d, W_i = sum_j w, W*_i = W_i / (1 + units W_i); the criterion is
    (N - 1) ln Q + sum ln d + sum ln(1 + units W_i) + ln sum W*_i. By the envelope theorem the
    derivatives of Q need only the predicted effects.
    """
    stretch = 1 + cells * sample.rows
    weight = sample.rows / stretch
    mass = np.bincount(sample.unit, weights=weight)
    unit_mean = np.bincount(sample.unit, weights=weight * sample.mean) / mass
    outer = mass / (1 + units * mass)
    grand = (outer * unit_mean).sum() / outer.sum()
    in_units = sample.mean - unit_mean[sample.unit]
    between = unit_mean - grand
    q = sample.noise + (weight * in_units**2).sum() + (outer * between**2).sum()
    count = sample.rows.sum() - 1
    value = count * np.log(q) + np.log(stretch).sum()
    value += np.log1p(units * mass).sum() + np.log(outer.sum())
    left = sample.mean - grand - (units * outer * between)[sample.unit]
    squares = np.bincount(sample.unit, weights=weight**2)
    by_cells = (
        weight.sum()
        - units * (squares / (1 + units * mass)).sum()
        - (squares / (1 + units * mass) ** 2).sum() / outer.sum()
        - count * (weight**2 * left**2).sum() / q
    )
    by_units = outer.sum() - (outer**2).sum() / outer.sum()
    by_units -= count * (outer**2 * between**2).sum() / q
    return float(value), float(q), (float(by_cells), float(by_units))


def _interior(sample: Sample, start: np.ndarray) -> tuple[float, float]:
    def objective(logs: np.ndarray) -> tuple[float, np.ndarray]:
        ratios = np.exp(np.clip(logs, -30, 60))
        value, _, slope = _criterion(sample, *ratios)
        return value, ratios * slope

    found = optimize.minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-9})
    cells, units = np.exp(np.clip(found.x, -30, 60))
    return float(cells), float(units)


def _cells_alone(sample: Sample) -> float:
    """Return the ratio of cells when units do not differ: a two-level problem."""
    fit = two_level(
        sample.rows[None], sample.mean[None], np.array([sample.noise]), np.array([np.nan])
    )
    return float(fit.between[0] / fit.within[0])


def _units_alone(sample: Sample) -> float:
    """Return the ratio of units when cells do not differ: values directly inside units."""
    rows = np.bincount(sample.unit, weights=sample.rows)
    mean = np.bincount(sample.unit, weights=sample.rows * sample.mean) / rows
    squares = sample.noise + (sample.rows * (sample.mean - mean[sample.unit]) ** 2).sum()
    fit = two_level(rows[None], mean[None], np.array([squares]), np.array([np.nan]))
    return float(fit.between[0] / fit.within[0])
