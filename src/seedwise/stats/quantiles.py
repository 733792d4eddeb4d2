"""Quantiles and tail probabilities as plain array functions: NaN where there is no df."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

_MANY = 16
"""From this number of arguments on it pays to look for equal ones."""


def t_quantile(level: ArrayLike, df: ArrayLike) -> np.ndarray:
    """Return the two-sided Student factor: P(abs(t_df) < factor) = level.

    Args:
        level: Confidence level in (0, 1), any shape.
        df: Degrees of freedom; below or equal to 0 gives NaN.

    Example:
        >>> float(t_quantile(0.95, 9).round(3))
        2.262
    """
    return _distinct(special.stdtrit, _positive(df), 0.5 + np.asarray(level, dtype=float) / 2)


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
    return _distinct(special.fdtri, _positive(df1), _positive(df2), np.asarray(p, dtype=float))


def chi2_ratio(p: ArrayLike, df: ArrayLike) -> np.ndarray:
    """Return the p-quantile of chi-square(df) / df, the F distribution with df2 = infinity.

    Example:
        >>> float(chi2_ratio(0.975, 5).round(4))
        2.5665
    """
    half = _positive(df) / 2
    return _distinct(special.gammaincinv, half, np.asarray(p, dtype=float)) / half


def _positive(df: ArrayLike) -> np.ndarray:
    given = np.asarray(df, dtype=float)
    return np.where(given > 0, given, np.nan)


def _distinct(function: np.ufunc, *arguments: np.ndarray) -> np.ndarray:
    """Return a slow function of arrays, worked out once for arguments that come again and again.

    Many groups of one design share their degrees of freedom.
    """
    given = np.broadcast_arrays(*arguments)
    if given[0].size < _MANY:
        return function(*arguments)
    flat = [argument.ravel() for argument in given]
    if all((argument == argument[0]).all() for argument in flat):
        return np.full(given[0].shape, function(*(argument[0] for argument in flat)))
    code = np.zeros(given[0].size, dtype=np.int64)
    for argument in flat:
        values, place = np.unique(argument, return_inverse=True)
        code = code * values.size + place
    _, first, place = np.unique(code, return_index=True, return_inverse=True)
    found = function(*(argument[first] for argument in flat))
    return found[place].reshape(given[0].shape)
