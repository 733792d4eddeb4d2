"""Variance components when trained models lie inside several partitions: up to four levels.

The partition level is analysed on the means of trained models, these on the means below, so that
each interval is that of two levels. All levels are estimated together by REML.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seedwise.stats import anova, intervals, parts, pivots, reml, reml_nested
from seedwise.stats.inside import (
    Inside,
    between_part,
    inside,
    named,
    noise_part,
    total_part,
    unlearn_part,
)
from seedwise.stats.layout import Nested, Partitions
from seedwise.stats.parts import Estimates, Part

CONFOUNDED = "none: one training seed per partition"


class _Design(NamedTuple):
    """One group: its inside, and trained models (units) inside partitions."""

    data: Nested
    place: np.ndarray
    within: Inside
    outer: anova.TwoLevel
    models: np.ndarray
    means: np.ndarray

    @property
    def exact(self) -> bool:
        return bool(self.within.equal and self.outer.balanced[0])

    @property
    def train(self) -> tuple[float, float]:
        return float(self.outer.ms_within[0]), float(self.outer.df_within[0])


def estimate(
    data: Nested, partition: np.ndarray, partitions: Partitions, level: float
) -> Estimates:
    """Estimate the components of one group with several partitions.

    Args:
        data: One group whose units are trained models.
        partition: (I,) the partition of each.
        partitions: Whether partitions are random: then they are what the jackknife leaves out.
        level: Confidence level.
    """
    design = _design(data, partition)
    within, outer = design.within, design.outer
    noise, unlearn, train, between = _reml(design)
    block = design.place if partitions == "random" else np.arange(partition.size)
    few, many = float(outer.harmonic[0]), within.below
    above = (float(outer.var_means[0]) * few, float(outer.df_between[0]))
    lower = design.train if design.train[1] > 0 else (np.nan, 0.0)
    parted = between_part(between, above, lower, few, level, exact=design.exact)
    if design.train[1] > 0:
        upper = (design.train[0] * within.runs, design.train[1])
        inner = (many[0] * within.runs, many[1])
        models = between_part(train, upper, inner, within.runs, level, exact=design.exact)
    else:
        models = parts.constant(1, np.nan, CONFOUNDED)
    values = [noise, unlearn, train, between]
    return Estimates(
        models,
        unlearn_part(data, within, block, unlearn, level),
        noise_part(data, within, block, noise, level),
        _total(design, float(np.nansum(values)), level),
        _share(design, train, unlearn, level),
        _share_of_run(design, train, unlearn, noise, level),
        parted,
        parts.constant(1, np.nan, parts.NOT_CROSSED),
        _table(design),
    )


def _design(data: Nested, partition: np.ndarray) -> _Design:
    place = np.unique(partition, return_inverse=True)[1]
    models = np.bincount(place)
    means = np.bincount(place, data.mean[0]) / models
    squares = np.bincount(place, (data.mean[0] - means[place]) ** 2)
    outer = anova.two_level(models[None], means[None], squares[None], data.largest)
    return _Design(data, place, inside(data), outer, models, means)


def _reml(design: _Design) -> tuple[float, float, float, float]:
    """Return the variances of values, runs, trained models and partitions; NaN without df."""
    within, outer = design.within, design.outer
    df = np.array([within.df_values, within.df_runs, design.train[1], float(outer.df_between[0])])
    counts = np.array([1, within.values, within.runs, float(outer.harmonic[0])]).cumprod()
    if design.exact:
        squares = [within.ms_values, within.ms_runs, design.train[0], float(outer.var_means[0])]
        pooled = reml.monotone((np.array(squares) * counts)[:, None], df[:, None])[:, 0]
        below = np.concatenate([[0.0], pooled[:-1]])
        found = (pooled - below) / counts
    else:
        found = _profiled(design, df)
    return tuple(float(x) for x in np.where(df > 0, found, np.nan))  # pyright: ignore[reportReturnType]


def _profiled(design: _Design, df: np.ndarray) -> np.ndarray:
    """Return the components of unequal numbers, levels without any spread inside left out."""
    data, place = design.data, design.place
    rows = [data.cell_rows, data.cells[0], design.models]
    means = [data.cell_mean, data.mean[0], design.means]
    parents = [data.cell_unit, place]
    spread = [design.within.ms_values, design.within.ms_runs, design.train[0]]
    squares = np.where(df[:3] > 0, np.nan_to_num(spread) * df[:3], 0)
    found = np.zeros(4)
    if not (squares > 0).any():
        found[3] = float(design.outer.var_means[0])
        return found
    start = int(np.argmax(squares > 0))
    # A level whose nodes have one child each is the level below it.
    kept = [k for k in range(start, 3) if k == start or df[k] > 0]
    links = []
    for here, above in zip(kept, [*kept[1:], 3], strict=True):
        if above < 3:
            links.append(_link(parents, here, above))
    sample = reml_nested.Sample(rows[start], means[start], tuple(links), float(squares[start]))
    found[[*kept, 3]] = reml_nested.fit(sample)
    return found


def _link(parents: list[np.ndarray], here: int, above: int) -> np.ndarray:
    link = parents[here]
    for level in range(here + 1, above):
        link = parents[level][link]
    return link


def _total(design: _Design, value: float, level: float) -> Part:
    within, outer = design.within, design.outer
    terms = [
        (1.0, float(outer.var_means[0]), float(outer.df_between[0])),
        (1 - 1 / float(outer.harmonic[0]), *design.train),
        (1 - 1 / within.runs, within.ms_runs, within.df_runs),
        (1 - 1 / within.values, within.ms_values, within.df_values),
    ]
    return total_part(value, terms, level, exact=design.exact)


def _share(design: _Design, train: float, unlearn: float, level: float) -> Part:
    """Return rho = s_t^2 / (s_t^2 + s_u^2) inside partitions."""
    within = design.within
    if within.df_runs <= 0 or design.train[1] <= 0:
        return parts.constant(1, np.nan, parts.NOT_REPEATED)
    if within.df_values <= 0:
        return _share_of_run(design, train, unlearn, 0.0, level)
    between = design.train[0] * design.train[1] * within.runs * within.values
    squares = [
        within.ms_values * within.df_values,
        within.ms_runs * within.df_runs * within.values,
        between,
    ]
    df = np.array([[within.df_values], [within.df_runs], [design.train[1]]])
    ends = pivots.share_of_units(
        np.array(squares)[:, None], df, np.array([within.runs]), np.array([within.values]), level
    )
    share = _quotient(train, train + unlearn)
    kind = named("generalised pivot, normal theory", exact=design.exact)
    return parts.limited(share, share, ends, kind)


def _share_of_run(
    design: _Design, train: float, unlearn: float, noise: float, level: float
) -> Part:
    """Return the share of the training seed in a run as evaluated, with limits by F."""
    within = design.within
    if within.df_runs <= 0 or design.train[1] <= 0:
        return parts.constant(1, np.nan, parts.NOT_REPEATED)
    inner = unlearn + np.nan_to_num(noise) / within.values
    upper = design.train[0] * within.runs
    ratio = upper / within.ms_runs if within.ms_runs > 0 else np.inf
    df, df_within = np.array([design.train[1]]), np.array([within.df_runs])
    ends = intervals.exact_f(np.array([ratio]), df, df_within, np.array([within.runs]), level)
    raw_train = design.train[0] - within.ms_runs / within.runs
    raw = _quotient(raw_train, raw_train + within.ms_runs)
    value = _quotient(train, train + inner)
    kind = named("exact F, normal theory", exact=design.exact)
    return parts.limited(value, raw, ends, kind)


def _quotient(part: float, whole: float) -> np.ndarray:
    return np.array([part / whole if whole else np.nan])


def _table(design: _Design) -> np.ndarray:
    """Return df, SS, MS by partition, training, unlearning, evaluation, per value."""
    within, outer = design.within, design.outer
    counts = np.array([1, within.values, within.runs, float(outer.harmonic[0])]).cumprod()
    squares = [within.ms_values, within.ms_runs, design.train[0], float(outer.var_means[0])]
    df = np.array([within.df_values, within.df_runs, design.train[1], float(outer.df_between[0])])
    mean_squares = np.array(squares) * counts
    table = np.array([df, df * mean_squares, mean_squares])
    return np.where(df > 0, table, np.nan)[:, ::-1, None]
