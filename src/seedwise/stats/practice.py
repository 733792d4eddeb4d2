"""What one training seed would have claimed: the usual practice, measured.

With one trained model the usual t interval rests on its unlearning runs alone. It is centred on
that model's mean, so it misses the mean over trained models more often than its level says.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from seedwise.stats.quantiles import t_pvalue, t_quantile


def single_seed_coverage(icc: ArrayLike, runs: ArrayLike, *, level: float = 0.95) -> np.ndarray:
    """Return how often the usual interval over the runs of one trained model covers the mean.

    P(abs(t_(J-1)) < t(level, J - 1) / sqrt(1 + J rho / (1 - rho))), exact under normality: the
    mean of one model varies by s_t^2 + s_u^2 / J, but the interval knows of s_u^2 / J only.

    Args:
        icc: Share rho of the training seed, in [0, 1]; 1 gives 0. NaN gives NaN.
        runs: Number J of unlearning seeds, at least 2 (else NaN).
        level: Nominal level of the interval.

    Example:
        >>> single_seed_coverage([0, 0.1, 0.5, 0.9, 1], 10).round(3).tolist()
        [0.95, 0.846, 0.488, 0.182, 0.0]
    """
    rho, count = np.broadcast_arrays(np.asarray(icc, dtype=float), np.asarray(runs, dtype=float))
    df = np.where(count > 1, count - 1, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = t_quantile(level, df) / np.sqrt(1 + count * rho / (1 - rho))
    return 1 - 2 * special.stdtr(df, -bound)


def tipping_icc(t: ArrayLike, runs: ArrayLike, *, level: float = 0.95) -> np.ndarray:
    """Return the share of the training seed up to which a published claim stays significant.

    A t statistic over J runs of one trained model survives while rho < x / (1 + x),
    x = ((t / t_crit)^2 - 1) / J. A claim that is not significant to begin with gives 0.

    Args:
        t: The published statistic, mean / (sd / sqrt(J)).
        runs: Number J of runs, at least 2 (else NaN).
        level: Confidence level of the claim.

    Example:
        >>> float(tipping_icc(4.0, 10).round(2))
        0.18
    """
    count = np.asarray(runs, dtype=float)
    critical = t_quantile(level, np.where(count > 1, count - 1, np.nan))
    excess = np.maximum(((np.asarray(t) / critical) ** 2 - 1) / count, 0)
    return excess / (1 + excess)


def failure_bound(
    training_seeds: ArrayLike, failures: ArrayLike = 0, *, level: float = 0.95
) -> np.ndarray:
    """Return the share of training seeds that may fail without contradicting what was seen.

    The one-sided limit of Clopper & Pearson (1934): 1 - (1 - level)^(1 / I) without a failure.

    Args:
        training_seeds: Number I of training seeds.
        failures: How many of them failed.
        level: Confidence level.

    Example:
        >>> failure_bound([3, 10]).round(2).tolist()
        [0.63, 0.26]
    """
    count, seen = np.asarray(training_seeds, dtype=float), np.asarray(failures, dtype=float)
    some = np.where(seen < count, count - seen, 1)
    return np.where(seen < count, special.betaincinv(seen + 1, some, level), 1.0)


class Units(NamedTuple):
    """The runs of I training seeds: numbers (I,), means (I,), sums of squares about them (I,)."""

    runs: np.ndarray
    mean: np.ndarray
    squares: np.ndarray


def single_seed_misses(units: Units, *, level: float = 0.95) -> np.ndarray:
    """Return which training seeds' own intervals miss the mean of the other training seeds.

    Args:
        units: The runs of the training seeds; one with fewer than two runs has no interval.
        level: Nominal level of the intervals.

    Returns:
        (I,) 1 for a miss, 0 for a hit, NaN without an interval or without other seeds.

    Example:
        >>> units = Units(np.full(3, 5), np.array([0.0, 0.1, 5.0]), np.ones(3))
        >>> single_seed_misses(units).tolist()
        [1.0, 1.0, 1.0]
    """
    if units.mean.size < 2:
        return np.full(units.mean.shape, np.nan)
    half = t_quantile(level, units.runs - 1) * np.sqrt(_share(units))
    miss = abs(units.mean - _others(units.mean)) > half
    return np.where(np.isnan(half), np.nan, miss)


def sign_reversals(a: Units, b: Units, *, level: float = 0.95) -> tuple[int, int]:
    """Count the training seeds whose own comparison is significant, and those with a false sign.

    Args:
        a: Runs of one method.
        b: Runs of the other, on the same training seeds.
        level: One minus the size of the naive test (Welch, on the runs of one trained model).

    Returns:
        Number of significant comparisons, and how many of them have the sign opposite to the
        mean difference over the other training seeds.

    Example:
        >>> runs, noise = np.full(3, 5), np.full(3, 0.1)
        >>> a = Units(runs, np.array([1.0, 5.0, 5.0]), noise)
        >>> sign_reversals(a, Units(runs, np.array([2.0, 2.0, 2.0]), noise))
        (3, 1)
    """
    differences = a.mean - b.mean
    if differences.size < 2:
        return 0, 0
    share_a, share_b = _share(a), _share(b)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = share_a**2 / (a.runs - 1) + share_b**2 / (b.runs - 1)
        df = (share_a + share_b) ** 2 / parts
        p = t_pvalue(differences / np.sqrt(share_a + share_b), df)
    significant = p < 1 - level
    reversed_sign = significant & (differences * _others(differences) < 0)
    return int(significant.sum()), int(reversed_sign.sum())


def _share(units: Units) -> np.ndarray:
    """Return the squared standard error of each mean, NaN from a single run."""
    df = np.where(units.runs > 1, units.runs - 1, np.nan)
    return units.squares / df / units.runs


def _others(values: np.ndarray) -> np.ndarray:
    return (values.sum() - values) / (values.size - 1)
