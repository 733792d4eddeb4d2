"""A difference of two means as a result: what it holds, and how its parts are worked out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from seedwise.stats.means import Mean
from seedwise.stats.parts import FEW
from seedwise.stats.quantiles import t_pvalue, t_quantile

_ROUNDING = 8 * np.finfo(float).eps


@dataclass(frozen=True)
class Difference:
    """A difference of two means, a - b. Not estimable is NaN; `flags` say why.

    Args:
        diff, se, df: Difference, its standard error and degrees of freedom.
        ci_low, ci_high, ci_kind: Its interval.
        p: Two-sided p-value of no difference.
        n_a, n_b: Numbers of training seeds (equal when paired).
        mean_a, mean_b: The two means, on the seeds that were used.
        n_training_seeds_to_halve: Training seeds of `a` that would halve the half-width at the
            same spread; the number of the other side grows in proportion.
        flags: Codes of `seedwise.stats.flags.FLAGS`.
    """

    diff: float
    se: float
    df: float
    ci_low: float
    ci_high: float
    ci_kind: str
    p: float
    n_a: int
    n_b: int
    mean_a: float
    mean_b: float
    n_training_seeds_to_halve: float
    flags: tuple[str, ...]


def assemble(
    mean: Mean, sides: tuple[float, float], counts: tuple[int, int], level: float
) -> Difference:
    """Return a difference whose standard error is known, e.g. over several partitions.

    Args:
        mean: The difference with its standard error and df.
        sides: Means of the two sides.
        counts: Numbers of trained models of the two sides.
        level: Confidence level.
    """
    per_seed = mean.df / counts[0] if counts[0] else np.nan
    to_halve = np.nan
    if mean.unit == "training":
        to_halve = seeds_to_halve(counts[0], lambda n: per_seed * n, mean.se, level)
    usable = mean.se > 0 and mean.df > 0
    half = float(t_quantile(level, mean.df)) * mean.se if usable else np.nan
    error = Error(mean.se, mean.df, mean.kind, to_halve)
    flags = _seed_flags(*counts, error)
    few = mean.unit == "partition" and 0 < mean.df < FEW - 1
    reason = mean.kind if mean.kind.startswith("none") else "none: no spread"
    return Difference(
        mean.mean,
        mean.se,
        mean.df,
        mean.mean - half,
        mean.mean + half,
        mean.kind if usable else reason,
        float(t_pvalue(mean.mean / mean.se, mean.df)) if usable else np.nan,
        *counts,
        *sides,
        to_halve,
        (*flags, "few_partitions") if few else flags,
    )


class Error(NamedTuple):
    """The standard error of a difference, its df, the kind of interval, and seeds to halve it."""

    se: float
    df: float
    kind: str
    to_halve: float


def difference(diff: float, a: np.ndarray, b: np.ndarray, error: Error, level: float) -> Difference:
    """Return a difference of two samples from its error.

    Args:
        diff: The difference.
        a: (I,) means of the training seeds of one side, as used.
        b: (N,) those of the other.
        error: Its standard error, df and kind.
        level: Confidence level.
    """
    usable = error.se > 0 and error.df > 0
    half = float(t_quantile(level, error.df)) * error.se if usable else np.nan
    flags = _seed_flags(a.size, b.size, error)
    reason = "none: no spread" if "degenerate" in flags else "none: too few training seeds"
    return Difference(
        diff,
        error.se,
        error.df if error.df > 0 else np.nan,
        diff - half,
        diff + half,
        error.kind if usable else reason,
        float(t_pvalue(diff / error.se, error.df)) if usable else np.nan,
        a.size,
        b.size,
        mean_of(a),
        mean_of(b),
        error.to_halve,
        flags,
    )


def _seed_flags(n_a: int, n_b: int, error: Error) -> tuple[str, ...]:
    given = "single reference" in error.kind
    fewest = n_a if given else min(n_a, n_b)
    codes = {
        "single_training_seed": fewest == 1,
        "few_training_seeds": 1 < fewest < FEW,
        "single_reference": given,
        "degenerate": error.se == 0,
        "missing_cells": fewest == 0,
    }
    return tuple(code for code, is_set in codes.items() if is_set)


def seeds_to_halve(
    count: int, df_with: Callable[[np.ndarray], np.ndarray], se: float, level: float
) -> float:
    """Return the least n with t(df(n)) / sqrt(n) at most half of what it is at `count`."""
    if not se > 0:
        return np.nan
    # Four times as many seeds halve the standard error, and t only gets smaller.
    numbers = np.arange(count, 4 * count + 1, dtype=float)
    width = t_quantile(level, df_with(numbers)) / np.sqrt(numbers)
    return float(numbers[np.argmax(width <= width[0] / 2 * (1 + 1e-12))])


def welch_df(share_a: float, share_b: float, n_a: ArrayLike, n_b: ArrayLike) -> np.ndarray:
    """Return the df of the sum of two squared standard errors; a share of 0 costs none."""
    count_a, count_b = np.asarray(n_a, dtype=float), np.asarray(n_b, dtype=float)
    rest = share_b**2 / (count_b - 1) if share_b else 0.0
    return (share_a + share_b) ** 2 / (share_a**2 / (count_a - 1) + rest)


def variance(values: np.ndarray, largest: np.ndarray) -> np.float64:
    """Return the sample variance, 0 where it is rounding noise of values this large."""
    if values.size < 2:
        return np.float64(np.nan)
    squares = float(((values - values.mean()) ** 2).sum())
    noise = values.size * (_ROUNDING * float(largest.max())) ** 2
    return np.float64(0.0 if squares <= noise else squares / (values.size - 1))


def mean_of(values: np.ndarray) -> float:
    """Return the mean, NaN of nothing."""
    return float(values.mean()) if values.size else float("nan")


def numbers(values: ArrayLike) -> np.ndarray:
    """Return means of training seeds as an array.

    Raises:
        ValueError: If a value is not finite.
    """
    given = np.asarray(values, dtype=float).ravel()
    if not np.isfinite(given).all():
        raise ValueError("means of training seeds must be finite; leave failed ones out")
    return given
