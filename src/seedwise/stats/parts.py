"""Estimated quantities with their limits, and the wording of what the limits are.

Everything is held for B groups at once; entries have shape (B,) unless stated.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from seedwise.stats import anova, intervals
from seedwise.stats.layout import Nested

FEW = 5
"""Below this number of training seeds a jackknife has too little to leave out."""

MLS = "MLS, normal theory"
CHI_SQUARE = "chi-square, if normal"
TOTAL = "Graybill-Wang, normal theory"
VAGUE = "; not usefully estimable"
APPROXIMATE = "; approximate, unequal numbers"
NOT_REPEATED = "none: not repeated"
NO_STAGE = "none: no unlearning stage"
CONFOUNDED = "none: training and unlearning confounded"
DETERMINISTIC = "none: deterministic"
NO_SPREAD = "none: no spread"
LOST_SPREAD = "none: without one training seed there is no spread"
AT_MOST_ZERO = "none: at most 0 by this method"
TOO_FEW = "none: too few training seeds"
ONE_PARTITION = "none: one partition"
NEIGHBOURS = "none: neighbours share a model"
NOT_CROSSED = "none: nothing is crossed"


class Part(NamedTuple):
    """One quantity: estimate, raw (ANOVA) estimate, limits, kind of the limits (or why none)."""

    value: np.ndarray
    raw: np.ndarray
    low: np.ndarray
    high: np.ndarray
    kind: np.ndarray

    def where(self, condition: np.ndarray, other: Part) -> Part:
        """Return this part where a condition holds, else the other."""
        pairs = zip(self, other, strict=True)
        return Part(*(np.where(condition, mine, theirs) for mine, theirs in pairs))


class Estimates(NamedTuple):
    """All quantities of B groups.

    Args:
        train, unlearn, noise: Variances between training, unlearning and evaluation seeds.
        total: Variance of a single run.
        icc: Share of the training seed in train + unlearn.
        icc_run: Share of the training seed in the variance of a run as it was evaluated, the
            mean of its K values: train / (train + unlearn + noise / K). Equal to icc if K = 1.
        partition: Variance between partitions.
        interaction: Variance of crossed factors beyond the sum of their effects.
        table: (3, 4, B) analysis of variance: df, SS, MS by partition, training, unlearning,
            evaluation.
    """

    train: Part
    unlearn: Part
    noise: Part
    total: Part
    icc: Part
    icc_run: Part
    partition: Part
    interaction: Part
    table: np.ndarray


_PARTS = len(Estimates._fields) - 1


def one_partition(groups: int) -> tuple[Part, Part]:
    """Return `partition` and `interaction` of designs with one partition and nothing crossed."""
    return constant(groups, np.nan, ONE_PARTITION), constant(groups, np.nan, NOT_CROSSED)


def constant(groups: int, value: float, kind: str) -> Part:
    """Return a quantity that is not estimated but given: a value without limits.

    Example:
        >>> constant(1, 0.0, DETERMINISTIC).kind.tolist()
        ['none: deterministic']
    """
    nan, given = np.full(groups, np.nan), np.full(groups, value)
    return Part(given, given.copy(), nan, nan.copy(), np.full(groups, kind, dtype=object))


def limited(value: np.ndarray, raw: np.ndarray, ends: intervals.Ends, kind: np.ndarray) -> Part:
    """Return an estimate with limits where they have a width and lie above 0, else the reason.

    Args:
        value: REML estimates.
        raw: ANOVA estimates.
        ends: Limits, of which some may be NaN, negative or without width.
        kind: What they are; text that begins with `none` is a reason and kept.

    Example:
        >>> ends = intervals.Ends(np.array([0.0, 0.0]), np.array([2.0, -1.0]))
        >>> part = limited(np.ones(2), np.ones(2), ends, np.array([MLS, MLS]))
        >>> part.high.tolist(), part.kind.tolist()
        ([2.0, nan], ['MLS, normal theory', 'none: at most 0 by this method'])
    """
    usable = (ends.high > ends.low) & (ends.high > 0) & np.isfinite(ends.high + value)
    reason = np.where(ends.high <= 0, AT_MOST_ZERO, TOO_FEW)
    reason = np.where(value == 0, np.where(raw == 0, NO_SPREAD, reason), reason)
    is_reason = np.char.startswith(kind.astype(str), "none")
    low, high = (np.where(usable & ~is_reason, end, np.nan) for end in ends)
    return Part(value, raw, low, high, np.where(usable | is_reason, kind, reason).astype(object))


def pooled(
    squares: np.ndarray, df: np.ndarray, mean_square: np.ndarray, value: np.ndarray, level: float
) -> Part:
    """Return the innermost variance: jackknife of the log, chi-square below FEW units.

    Args:
        squares: (B, I) sums of squares inside units.
        df: (B, I) their degrees of freedom; a unit without any says nothing and does not count.
        mean_square: Pooled mean square.
        value: The estimate to report with the limits.
        level: Confidence level.
    """
    many = (df > 0).sum(axis=1) >= FEW
    robust = intervals.log_jackknife(squares, df, level)
    normal = intervals.chi_square(mean_square, np.where(df > 0, df, 0).sum(axis=1), level)
    ends = intervals.Ends(*(np.where(many, *pair) for pair in zip(robust, normal, strict=True)))
    kind = np.where(many, "jackknife of log MSE", CHI_SQUARE)
    kind = np.where(many & ~np.isfinite(robust.low), LOST_SPREAD, kind)
    return limited(value, mean_square, ends, np.where(mean_square == 0, NO_SPREAD, kind))


def between_limits(two: anova.TwoLevel, level: float) -> tuple[intervals.Ends, np.ndarray]:
    """Return MLS limits of the variance between units, and their kind.

    Unequal numbers enter by their harmonic mean (Thomas & Hultquist 1978).
    """
    ends = intervals.mls_between(
        two.harmonic * two.var_means,
        two.ms_within,
        two.df_between,
        two.df_within,
        two.harmonic,
        level,
    )
    name = np.where(two.balanced, MLS, f"{MLS}, harmonic mean of J")
    vague = (two.units < FEW) | ~(ends.high <= 100 * ends.low)
    return ends, np.char.add(name, np.where(vague, VAGUE, ""))


def training_share(
    two: anova.TwoLevel, data: Nested, train: np.ndarray, within: np.ndarray, level: float
) -> Part:
    """Return train / (train + within) with exact limits: F if balanced, else Wald.

    Args:
        two: The analysis of variance of the cell means.
        data: The same groups.
        train: Variance between training seeds.
        within: Variance of the cell means inside them.
        level: Confidence level.
    """
    low, high = intervals.exact_f(
        two.ms_between / two.ms_within, two.df_between, two.df_within, two.harmonic, level
    )
    odd = np.flatnonzero(~two.balanced & (two.units > 1) & (two.ms_within > 0))
    if odd.size:
        low[odd], high[odd] = intervals.wald(
            data.cells[odd], data.mean[odd], two.ms_within[odd], level
        )
    kind = np.where(two.balanced, "exact F, normal theory", "Wald exact, normal theory")
    kind = np.where(two.ss_within == 0, NO_SPREAD, kind)
    raw = two.raw_between / (two.raw_between + two.ms_within)
    return limited(train / (train + within), raw, intervals.Ends(low, high), kind)


def gather(groups: int, pieces: Iterable[tuple[np.ndarray, Estimates]]) -> Estimates:
    """Put the estimates of disjoint sets of groups together.

    Args:
        groups: B.
        pieces: Group numbers and their estimates; groups in none of them get NaN.
    """
    whole = Estimates(
        *(constant(groups, np.nan, "none: no values") for _ in range(_PARTS)),
        table=np.full((3, 4, groups), np.nan),
    )
    for index, piece in pieces:
        whole.table[..., index] = piece.table
        for mine, theirs in zip(whole[:_PARTS], piece[:_PARTS], strict=True):
            for column, entries in zip(mine, theirs, strict=True):
                column[index] = entries
    return whole
