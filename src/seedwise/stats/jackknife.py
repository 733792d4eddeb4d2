"""The delete-one-training-seed jackknife of a number computed on all models of a method at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seedwise.stats.layout import nothing
from seedwise.stats.quantiles import t_quantile


@dataclass(frozen=True)
class Jackknife:
    """An estimate with its delete-one interval.

    Args:
        estimate: The value on all training seeds.
        se: Jackknife standard error, NaN with fewer than two training seeds.
        df: Training seeds minus one.
        low: Lower end; NaN where the estimate is the same without each of the training seeds, and
            with fewer than two of them.
        high: Upper end.
    """

    estimate: float
    se: float
    df: float
    low: float
    high: float


def delete_one(estimate: float, left_out: Sequence[float], *, level: float = 0.95) -> Jackknife:
    """Return the interval of an estimate from its values with one training seed left out.

    se^2 = (I - 1) / I sum_i (theta_(-i) - mean theta_(-.))^2, interval theta +- t(I - 1) se
    (Efron & Tibshirani 1993, ch. 11). A bootstrap with replacement would bias distances between
    distributions, which is why ensemble metrics have this one.

    Args:
        estimate: The value on all I training seeds.
        left_out: The I values with one of them left out.
        level: Confidence level.

    Example:
        The jackknife of a mean is its usual standard error:

        >>> values = np.array([1.0, 2.0, 4.0])
        >>> left_out = [(values.sum() - value) / 2 for value in values]
        >>> found = delete_one(values.mean(), left_out)
        >>> bool(np.isclose(found.se, values.std(ddof=1) / np.sqrt(3)))
        True
    """
    values = np.asarray(left_out, dtype=float)
    count = len(values)
    if count < 2 or not np.isfinite(values).all() or not np.isfinite(estimate):
        return Jackknife(estimate, np.nan, max(count - 1.0, 0.0), np.nan, np.nan)
    squares = ((values - values.mean()) ** 2).sum()
    if nothing(squares, np.array(count), abs(values).max()):
        return Jackknife(estimate, 0.0, count - 1.0, np.nan, np.nan)
    se = float(np.sqrt((count - 1) / count * squares))
    half = float(t_quantile(level, count - 1)) * se
    return Jackknife(estimate, se, count - 1.0, estimate - half, estimate + half)
