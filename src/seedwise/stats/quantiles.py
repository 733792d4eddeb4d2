"""Quantiles and tail probabilities as plain array functions: NaN where there is no df."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special


def t_quantile(level: ArrayLike, df: ArrayLike) -> np.ndarray:
    """Return the two-sided Student factor: P(abs(t_df) < factor) = level.

    Args:
        level: Confidence level in (0, 1), any shape.
        df: Degrees of freedom; below or equal to 0 gives NaN.

    Example:
        >>> float(t_quantile(0.95, 9).round(3))
        2.262
    """
    return special.stdtrit(_positive(df), 0.5 + np.asarray(level) / 2)


def t_pvalue(t: ArrayLike, df: ArrayLike) -> np.ndarray:
    """Return the two-sided p-value of a t statistic.

    Example:
        >>> float(t_pvalue(-2.262157, 9).round(4))
        0.05
    """
    return 2 * special.stdtr(_positive(df), -np.abs(t))


def t_tail(t: ArrayLike, df: ArrayLike) -> np.ndarray:
    """Return P(T < t), the p-value of a one-sided test that looks for small values.

    Example:
        >>> float(t_tail(-1.833113, 9).round(4))
        0.05
    """
    return special.stdtr(_positive(df), t)


def f_quantile(p: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> np.ndarray:
    """Return the p-quantile of the F distribution.

    Example:
        >>> float(f_quantile(0.975, 5, 24).round(3))
        3.155
    """
    return special.fdtri(_positive(df1), _positive(df2), p)


def chi2_ratio(p: ArrayLike, df: ArrayLike) -> np.ndarray:
    """Return the p-quantile of chi-square(df) / df, the F distribution with df2 = infinity.

    Example:
        >>> float(chi2_ratio(0.975, 5).round(4))
        2.5665
    """
    half = _positive(df) / 2
    return special.gammaincinv(half, p) / half


def _positive(df: ArrayLike) -> np.ndarray:
    given = np.asarray(df, dtype=float)
    return np.where(given > 0, given, np.nan)
