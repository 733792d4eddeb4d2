"""Two methods side by side, and many such pairs: differences, their intervals, multiplicity.

Everything works on the means of training seeds, never on pooled runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from seedwise.stats.difference import (
    Difference,
    Error,
    difference,
    mean_of,
    numbers,
    seeds_to_halve,
    variance,
    welch_df,
)
from seedwise.stats.quantiles import t_quantile, t_tail


def paired(a: ArrayLike, b: ArrayLike, *, level: float = 0.95) -> Difference:
    """Compare two methods on the same trained models: t(I - 1) on D_i = a_i - b_i.

    Args:
        a: (I,) means of the training seeds under one method.
        b: (I,) means of the same training seeds under the other.
        level: Confidence level.

    Raises:
        ValueError: If the lengths differ or a value is not finite.

    Example:
        >>> result = paired([1.0, 2.0, 4.0], [0.0, 1.5, 2.5])
        >>> result.diff, result.df, round(result.se, 4), round(result.p, 4)
        (1.0, 2.0, 0.2887, 0.0742)
    """
    first, second = numbers(a), numbers(b)
    if first.size != second.size:
        raise ValueError(
            f"paired values must match one to one, but there are {first.size} and {second.size}"
        )
    largest = np.maximum(abs(first), abs(second))
    with np.errstate(divide="ignore", invalid="ignore"):
        se = float(np.sqrt(variance(first - second, largest) / first.size))
    to_halve = seeds_to_halve(first.size, lambda n: n - 1, se, level)
    error = Error(se, first.size - 1.0, "t on paired differences", to_halve)
    return difference(mean_of(first - second), first, second, error, level)


def independent(a: ArrayLike, b: ArrayLike, *, level: float = 0.95) -> Difference:
    """Compare two methods on different trained models, e.g. with independent references.

    Welch's interval with Satterthwaite's degrees of freedom. With a single value in `b` the
    result is conditional on it (`single_reference`): t(I - 1) on a - b.

    Args:
        a: (I,) means of training seeds.
        b: (N,) means of other training seeds.
        level: Confidence level.

    Raises:
        ValueError: If a value is not finite.

    Example:
        >>> result = independent([1.0, 2.0, 3.0], [2.0, 4.0, 6.0, 8.0])
        >>> result.diff, round(result.se, 4), round(result.df, 3)
        (-3.0, 1.4142, 4.075)
    """
    first, second = numbers(a), numbers(b)
    fixed = second.size == 1
    with np.errstate(divide="ignore", invalid="ignore"):
        share_a = float(variance(first, abs(first)) / first.size)
        share_b = 0.0 if fixed else float(variance(second, abs(second)) / second.size)
        df = float(welch_df(share_a, share_b, first.size, second.size))
    se = float(np.sqrt(share_a + share_b))

    def df_with(n: np.ndarray) -> np.ndarray:
        """Return the df if both sides grew in proportion at the same variances."""
        return welch_df(share_a, share_b, n, second.size * n / first.size)

    to_halve = seeds_to_halve(first.size, df_with, se, level)
    error = Error(se, df, "t, given the single reference" if fixed else "Welch t", to_halve)
    return difference(mean_of(first) - mean_of(second), first, second, error, level)


def holm(p: ArrayLike) -> np.ndarray:
    """Adjust the p-values of one family (Holm 1979).

    Args:
        p: (m,) p-values; NaN is a test that could not be made: it counts in the family and
            stays NaN.

    Example:
        >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
        [0.03, 0.06, 0.06]
    """
    given = np.asarray(p, dtype=float)
    order = np.argsort(given)
    steps = (given.size - np.arange(given.size)) * given[order]
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted


def simultaneous_level(level: float, family: int) -> float:
    """Return the Bonferroni level at which all intervals of a family hold together.

    Example:
        >>> round(simultaneous_level(0.95, 5), 10)
        0.99
    """
    return 1 - (1 - level) / max(family, 1)


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided tests of a difference against a fixed margin. Not estimable is NaN.

    Args:
        diff, se, df: The difference, its standard error and degrees of freedom.
        low, high: Interval of level 2 level - 1 (90 % for .95): equivalent if inside the margin.
        margin: The margin, NaN if none was given.
        p: The greater p-value of the two tests, NaN without margin.
        equivalent: Whether p < 1 - level; None without margin.
        smallest_margin: The least margin that would be met: max(abs(low), abs(high)).
    """

    diff: float
    se: float
    df: float
    low: float
    high: float
    margin: float
    p: float
    equivalent: bool | None
    smallest_margin: float


def tost(
    d: ArrayLike | Difference, margin: float | None = None, *, level: float = 0.95
) -> Equivalence:
    """Test whether a difference lies inside a margin that was fixed before (Schuirmann 1987).

    A margin taken from the data, such as a multiple of the reference's standard deviation, has a
    size of .15 to .24 instead of .05: give a number that was chosen for its meaning.

    Args:
        d: (I,) paired differences, or a difference with its standard error.
        margin: Greatest difference that does not matter, above 0; None for its least value.
        level: One minus the size of the test.

    Raises:
        ValueError: If the margin is not above 0.

    Example:
        >>> result = tost([0.01, 0.02, -0.01, 0.0, 0.01], margin=0.03)
        >>> result.equivalent, round(result.p, 4), round(result.smallest_margin, 4)
        (True, 0.0046, 0.0169)
    """
    if margin is not None and not (0 < margin < np.inf):
        raise ValueError(f"the margin must be a number above 0, not {margin}")
    given = d if isinstance(d, Difference) else paired(d, np.zeros(np.size(d)), level=level)
    usable = given.se > 0 and given.df > 0
    half = float(t_quantile(2 * level - 1, given.df)) * given.se if usable else np.nan
    low, high = given.diff - half, given.diff + half
    p = np.nan
    if margin is not None and usable:
        p = float(t_tail((abs(given.diff) - margin) / given.se, given.df))
    return Equivalence(
        given.diff,
        given.se,
        given.df,
        low,
        high,
        np.nan if margin is None else margin,
        p,
        None if margin is None or np.isnan(p) else p < 1 - level,
        max(abs(low), abs(high)),
    )


@dataclass(frozen=True)
class Closer:
    """Which of two methods is closer to the reference; NaN where it cannot be tested.

    Args:
        closer: `a`, `b` or `neither` (not shown).
        p: p-value of the intersection-union test, the greater of the two below.
        p_difference: Two-sided p-value of A - B.
        p_sides: Two-sided p-value of A + B - 2 R.
        difference: A - B.
        sides: A + B - 2 R. With the sign of A - B opposite to it A is closer, else B.
    """

    closer: Literal["a", "b", "neither"]
    p: float
    p_difference: float
    p_sides: float
    difference: float
    sides: float


def closer(
    a: ArrayLike,
    b: ArrayLike,
    reference: ArrayLike,
    *,
    pairing: Literal["independent", "paired"] = "independent",
    level: float = 0.95,
) -> Closer:
    """Test which of two methods is closer to the reference in the mean.

    abs(A - R) < abs(B - R) if and only if (A - B) (A + B - 2 R) < 0: both factors must be shown to
    differ from 0 (intersection-union test, Berger 1982), so no adjustment is needed for two tests.

    Args:
        a: (I,) means of the training seeds under one method.
        b: (I,) means of the same training seeds under the other.
        reference: (N,) means of the reference's training seeds.
        pairing: Whether reference i belongs to training seed i.
        level: One minus the size of the test.

    Example:
        >>> a, b = np.array([0.50, 0.52, 0.49, 0.51]), np.array([0.60, 0.63, 0.59, 0.60])
        >>> result = closer(a, b, [0.48, 0.51, 0.50, 0.49])
        >>> result.closer, result.p < 0.01
        ('a', True)
    """
    first, second, third = numbers(a), numbers(b), numbers(reference)
    between = paired(first, second, level=level)
    test = paired if pairing == "paired" else independent
    return closer_of(between, test(first + second, 2 * third, level=level), level=level)


def closer_of(between: Difference, sides: Difference, *, level: float = 0.95) -> Closer:
    """Return the verdict from A - B and A + B - 2 R.

    Args:
        between: A - B.
        sides: A + B - 2 R.
        level: One minus the size of the test.
    """
    p = float(np.maximum(between.p, sides.p))
    nearer = "a" if between.diff * sides.diff < 0 else "b"
    return Closer(
        nearer if p < 1 - level else "neither", p, between.p, sides.p, between.diff, sides.diff
    )
