"""What one training seed would have claimed: the usual practice, measured.

With one trained model the usual t interval rests on its unlearning runs alone. It is centred on
that model's mean, so it misses the mean over trained models more often than its level says.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from seedwise.stats.compare import independent
from seedwise.stats.quantiles import t_quantile


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
    with np.errstate(divide="ignore"):
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


def single_seed_misses(
    mean: ArrayLike, squares: ArrayLike, runs: ArrayLike, *, level: float = 0.95
) -> np.ndarray:
    """Return which training seeds' own intervals miss the mean of the other training seeds.

    Args:
        mean: (I,) means of the training seeds.
        squares: (I,) sums of squares of their runs about these means.
        runs: (I,) numbers of runs; a seed with fewer than two has no interval.
        level: Nominal level of the intervals.

    Returns:
        (I,) 1 for a miss, 0 for a hit, NaN without an interval or without other seeds.

    Example:
        >>> single_seed_misses([0.0, 0.1, 5.0], [1.0, 1.0, 1.0], [5, 5, 5]).tolist()
        [1.0, 1.0, 1.0]
    """
    centre, count = np.asarray(mean, dtype=float), np.asarray(runs, dtype=float)
    if centre.size < 2:
        return np.full(centre.shape, np.nan)
    others = (centre.sum() - centre) / (centre.size - 1)
    df = np.where(count > 1, count - 1, np.nan)
    half = t_quantile(level, df) * np.sqrt(np.asarray(squares) / df / count)
    return np.where(np.isnan(half), np.nan, abs(centre - others) > half)


def sign_reversals(
    a: list[np.ndarray], b: list[np.ndarray], *, level: float = 0.95
) -> tuple[int, int]:
    """Count the training seeds whose own comparison is significant, and those with a false sign.

    Args:
        a: Runs of one method, one array per training seed.
        b: Runs of the other, on the same training seeds.
        level: One minus the size of the naive test (Welch, on the runs of one trained model).

    Returns:
        Number of significant comparisons, and how many of them have the sign opposite to the
        mean difference over the other training seeds.

    Example:
        >>> a = [np.array([1.0, 1.1]), np.array([5.0, 5.1]), np.array([5.0, 5.2])]
        >>> b = [np.array([2.0, 2.1]), np.array([2.0, 2.1]), np.array([2.0, 2.2])]
        >>> sign_reversals(a, b)
        (3, 1)
    """
    differences = np.array([x.mean() - y.mean() for x, y in zip(a, b, strict=True)])
    if differences.size < 2:
        return 0, 0
    others = (differences.sum() - differences) / (differences.size - 1)
    naive = [
        independent(x, y, level=level).p < 1 - level if min(x.size, y.size) > 1 else False
        for x, y in zip(a, b, strict=True)
    ]
    significant = np.array(naive, dtype=bool)
    return int(significant.sum()), int((significant & (differences * others < 0)).sum())
