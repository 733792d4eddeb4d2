"""Intervals for skewed or bounded metrics, asked for beside the t interval, and the max-t check.

All resample units (training seeds) only, never the runs inside them. The random numbers come from
the generator that is passed in, so equal generators give equal bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from seedwise.stats.intervals import Ends

LEAST = 8
"""Below this number of units the bootstrap has too few different samples."""
LEAST_MAX_T = 10
_BLOCK = 2_000_000
"""Numbers held at a time."""


def bootstrap_t(
    means: ArrayLike, rng: np.random.Generator, *, draws: int = 9999, level: float = 0.95
) -> Ends:
    """Return the studentised cluster bootstrap interval of the mean (Efron & Tibshirani 1993, 12).

    Covers .89 to .98 of skewed or bounded metrics at I = 10, where t covers .81 to .93.

    Args:
        means: (I,) means of the units.
        rng: Where the resamples come from.
        draws: Number of resamples.
        level: Confidence level.

    Returns:
        Ends of shape (); NaN below 8 units or without spread.

    Example:
        >>> ends = bootstrap_t(np.arange(10.0), np.random.default_rng(0))
        >>> bool(ends.low < 4.5 < ends.high)
        True
    """
    values = np.asarray(means, dtype=float)
    if values.size < LEAST or not np.ptp(values) > 0:
        return Ends(np.array(np.nan), np.array(np.nan))
    t = studentised(values[:, None], rng, draws)[:, 0]
    tail = (1 - level) / 2
    # A resample without spread says that the tail is unbounded; a neighbour stands for it.
    low, high = np.quantile(t, [tail, 1 - tail], method="closest_observation")
    se = values.std(ddof=1) / np.sqrt(values.size)
    return Ends(values.mean() - high * se, values.mean() - low * se)


def gaffke(
    means: ArrayLike,
    bounds: tuple[float, float],
    rng: np.random.Generator,
    *,
    draws: int = 9999,
    level: float = 0.95,
) -> Ends:
    """Return Gaffke's interval for the mean of values with known bounds.

    Gaffke (2005); Learned-Miller & Thomas (2020): the upper limit is a quantile of
    sum_k D_k x_k + D_(n+1) bound over Dirichlet(1, .., 1) weights D; the lower one is symmetric.
    No coverage below the level is known for any distribution (.988 and more in simulations at .95).

    Args:
        means: (I,) means of the units, inside the bounds.
        bounds: Least and greatest possible value; infinite where there is none.
        rng: Where the weights come from.
        draws: Number of draws.
        level: Confidence level.

    Returns:
        Ends of shape (); NaN on a side without bound or without units.

    Raises:
        ValueError: If a value lies outside the bounds.

    Example:
        >>> ends = gaffke([1.0, 1.0, 1.0, 1.0], (0.0, 1.0), np.random.default_rng(0))
        >>> float(ends.high), bool(abs(ends.low - 0.025 ** (1 / 4)) < 0.02)
        (1.0, True)
    """
    values = np.asarray(means, dtype=float)
    if values.size and (values.min() < bounds[0] or values.max() > bounds[1]):
        raise ValueError(f"values lie outside the bounds {bounds[0]} to {bounds[1]}")
    if not values.size:
        return Ends(np.array(np.nan), np.array(np.nan))
    weights = rng.standard_exponential((draws, values.size + 1))
    weights /= weights.sum(axis=1, keepdims=True)
    inner = weights[:, :-1] @ values
    tail = (1 - level) / 2
    ends = [
        np.clip(np.quantile(inner + weights[:, -1] * bound, share), *bounds)
        if np.isfinite(bound)
        else np.nan
        for bound, share in zip(bounds, (tail, 1 - tail), strict=True)
    ]
    return Ends(np.array(ends[0]), np.array(ends[1]))


def max_t(differences: ArrayLike, rng: np.random.Generator, *, draws: int = 9999) -> np.ndarray:
    """Return p-values adjusted by the studentised cluster max-t bootstrap (Westfall & Young 1993).

    A check of Holm's where differences are correlated: all of them are resampled together.

    Args:
        differences: (I, m) paired differences of m comparisons on the same units.
        rng: Where the resamples come from.
        draws: Number of resamples.

    Returns:
        (m,) adjusted p-values; NaN below 10 units, or for a comparison without spread.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> d = rng.normal(size=(12, 3)) + np.array([0.0, 0.0, 3.0])
        >>> (max_t(d, rng) < 0.05).tolist()
        [False, False, True]
    """
    values = np.asarray(differences, dtype=float)
    adjusted = np.full(values.shape[1], np.nan)
    usable = np.ptp(values, axis=0) > 0 if len(values) >= LEAST_MAX_T else adjusted > 0
    if not usable.any():
        return adjusted
    kept = values[:, usable]
    observed = abs(kept.mean(axis=0)) / (kept.std(axis=0, ddof=1) / np.sqrt(len(kept)))
    greatest = abs(studentised(kept, rng, draws)).max(axis=1)
    exceed = (greatest[:, None] >= observed).sum(axis=0)
    adjusted[usable] = (exceed + 1) / (draws + 1)
    return adjusted


def studentised(values: np.ndarray, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Return t = (mean* - mean) / se* of resampled units, jointly for all columns, (draws, m).

    Args:
        values: (I, m).
        rng: Where the resamples come from.
        draws: Number of resamples; one without spread gives an infinite t, or 0 at the mean.
    """
    count = len(values)
    centred = values - values.mean(axis=0)
    found = []
    for size in _sizes(draws, max(1, _BLOCK // values.size)):
        sample = centred[rng.integers(count, size=(size, count))]
        mean, sd = sample.mean(axis=1), sample.std(axis=1, ddof=1)
        sd = np.where(np.ptp(sample, axis=1) > 0, sd, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = mean / (sd / np.sqrt(count))
        found.append(np.where(np.isnan(t), 0, t))
    return np.concatenate(found)


def _sizes(draws: int, block: int) -> list[int]:
    return [min(block, draws - start) for start in range(0, draws, block)]
