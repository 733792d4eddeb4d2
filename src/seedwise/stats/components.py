"""Variance components of nested designs with their intervals, for B groups at once.

What can be estimated depends on what was repeated: unlearning seeds, evaluation seeds, both or
neither. Evaluation seeds are averaged first, so the training level is always analysed as two
levels on the means below it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seedwise.stats import anova, crossing, deep, intervals, partitioned, parts, reml
from seedwise.stats.layout import Nested, Units, nothing
from seedwise.stats.parts import Estimates, Part


class Components(NamedTuple):
    """Estimates of B groups, and what a reader should know of them, each (B,)."""

    estimates: Estimates
    boundary: np.ndarray
    below_chance: np.ndarray
    constant: np.ndarray


def estimate(data: Nested, units: Units, stage: np.ndarray, level: float) -> Components:
    """Estimate everything that the repetitions allow.

    Args:
        data: B groups.
        units: What their training seeds stand for.
        stage: (B,) `unlearning`, `none` or `deterministic`.
        level: Confidence level.
    """
    has_runs = data.cells.max(axis=1, initial=0) > 1
    has_evals = data.rows_max > 1
    designs = (
        (~has_runs & ~has_evals & (data.rows_max > 0), _nothing_repeated),
        (has_runs & ~has_evals, _runs_repeated),
        (~has_runs & has_evals, _evals_repeated),
        (has_runs & has_evals, deep.both_repeated),
    )
    shared = units.crossing == "neighbours"
    plain = (units.crossing == "none") | (shared & ~_in_partitions(data, units))
    pieces = [
        (np.flatnonzero(mask & plain), estimator(data.take(np.flatnonzero(mask & plain)), level))
        for mask, estimator in designs
        if (mask & plain).any()
    ]
    pieces += [
        (group, _one(data, units, group, level)) for group in np.flatnonzero(~plain)[:, None]
    ]
    found = parts.gather(len(stage), pieces)
    found = _without_limits(found, shared) if shared.any() else found
    found = _as_staged(
        found, stage, np.array([has_runs, has_evals, units.crossing == "partitions"])
    )
    squares = data.noise.sum(1) + data.spread.sum(1) + np.nan_to_num(found.table[1, :2]).sum(axis=0)
    return Components(
        found,
        _on_boundary(found.train) | _on_boundary(found.unlearn) | _on_boundary(found.partition),
        found.train.kind == parts.AT_MOST_ZERO,
        nothing(squares, data.rows.sum(axis=1), data.largest) & (data.rows.sum(axis=1) > 1),
    )


def _one(data: Nested, units: Units, group: np.ndarray, level: float) -> Estimates:
    """Estimate one group with several partitions or with crossed unlearning seeds."""
    own = data.take(group)
    width = own.cells.shape[1]
    partition, training = (x[group[0], :width] for x in (units.partition, units.training))
    if units.crossing[group[0]] in ("nested", "neighbours"):
        return partitioned.estimate(own, partition, units.partitions, level)
    if units.crossing[group[0]] == "partitions":
        return crossing.of_partitions(own, training, partition, units.partitions, level)
    return crossing.of_labels(own, level)


def _in_partitions(data: Nested, units: Units) -> np.ndarray:
    """Return the groups whose trained models lie in several partitions, (B,)."""
    inside = np.where(data.cells > 0, units.partition, -1)
    return (inside.max(axis=1, initial=-1)[:, None] != inside).any(axis=1, where=data.cells > 0)


def _without_limits(found: Estimates, where: np.ndarray) -> Estimates:
    """Take the limits of variances away from distances that share a model with the next one."""
    lost = {
        name: part._replace(
            low=np.where(where, np.nan, part.low),
            high=np.where(where, np.nan, part.high),
            kind=np.where(where & np.isfinite(part.high), parts.NEIGHBOURS, part.kind),
        )
        for name in ("partition", "train", "total")
        for part in (getattr(found, name),)
    }
    return found._replace(**lost)


def _on_boundary(part: Part) -> np.ndarray:
    return (part.value == 0) & (part.raw != 0)


def _as_staged(found: Estimates, stage: np.ndarray, design: np.ndarray) -> Estimates:
    """Apply what the design decides: no unlearning stage, one without randomness, or J = 1.

    `design` (3, B) tells whether there are several runs, several values per run, and whether the
    trained models recur under several partitions: then J = 1 leaves their variance estimable.
    """
    groups = len(stage)
    has_runs, has_evals, recurring = design
    fixed = (stage == "deterministic") & ~has_runs
    mixed = (stage == "unlearning") & ~has_runs
    absent = parts.constant(groups, np.nan, parts.NO_STAGE)
    confounded = parts.constant(groups, np.nan, parts.CONFOUNDED)
    unlearn = absent.where(stage == "none", confounded.where(mixed, found.unlearn))
    one = parts.constant(groups, 1.0, parts.DETERMINISTIC)
    icc, icc_run = (
        absent.where(stage == "none", confounded.where(mixed, share))
        for share in (found.icc, found.icc_run)
    )
    return found._replace(
        train=confounded.where(mixed & ~recurring, found.train),
        unlearn=parts.constant(groups, 0.0, parts.DETERMINISTIC).where(fixed, unlearn),
        icc=one.where(fixed, icc),
        icc_run=one.where(fixed & ~has_evals, icc_run),
    )


def _nothing_repeated(data: Nested, level: float) -> Estimates:
    """One value per training seed: the variance of these values is all there is."""
    two = anova.two_level(data.cells, data.mean, data.spread, data.largest)
    ends = intervals.chi_square(two.var_means, two.df_between, level)
    kind = np.full(two.units.shape, parts.CHI_SQUARE)
    spread = parts.limited(two.var_means, two.var_means, ends, kind)
    none = _not_repeated(two)
    return _estimates(two, (spread, none, none, spread, none, none), None)


def _runs_repeated(data: Nested, level: float) -> Estimates:
    """Unlearning seeds inside training seeds, one value each."""
    two = anova.two_level(data.cells, data.mean, data.spread, data.largest)
    train, unlearn, total = _two_levels(two, data.cells, data.mean, data.spread, level)
    icc = parts.training_share(two, data, train.value, unlearn.value, level)
    return _estimates(two, (train, unlearn, _not_repeated(two), total, icc, icc), 2)


def _evals_repeated(data: Nested, level: float) -> Estimates:
    """Evaluation seeds of one run per training seed."""
    two = anova.two_level(data.rows, data.mean, data.noise, data.largest)
    train, noise, total = _two_levels(two, data.rows, data.mean, data.noise, level)
    none = _not_repeated(two)
    return _estimates(two, (train, none, noise, total, none, none), 3)


def _two_levels(
    two: anova.TwoLevel, runs: np.ndarray, mean: np.ndarray, squares: np.ndarray, level: float
) -> tuple[Part, Part, Part]:
    """Return the variances between units, within units, and their sum."""
    fitted = reml.fit_two(two, runs, mean)
    between = fitted.between
    train = parts.limited(between, two.raw_between, *parts.between_limits(two, level))
    within = parts.pooled(squares, runs - 1, two.ms_within, fitted.within, level)
    ends = intervals.sum_of_mean_squares(
        np.array([two.ms_within, two.var_means]),
        np.array([two.df_within, two.df_between]),
        np.array([1 - 1 / two.harmonic, np.ones_like(two.harmonic)]),
        level,
    )
    raw = two.var_means + (1 - 1 / two.harmonic) * two.ms_within
    kind = np.full(two.units.shape, parts.TOTAL)
    return train, within, parts.limited(between + fitted.within, raw, ends, kind)


def _not_repeated(two: anova.TwoLevel) -> Part:
    return parts.constant(two.units.size, np.nan, parts.NOT_REPEATED)


def _estimates(two: anova.TwoLevel, found: tuple[Part, ...], within: int | None) -> Estimates:
    """Return estimates with their analysis of variance; `within` is the inner factor's place."""
    table = np.full((3, 4, two.units.size), np.nan)
    table[:, 1] = np.array([two.df_between, two.ss_between, two.ms_between])
    if within is not None:
        table[:, within] = np.array([two.df_within, two.ss_within, two.ms_within])
    table[:, 1, two.units < 2] = np.nan
    train, unlearn, noise, total, icc, icc_run = found
    more = parts.one_partition(two.units.size)
    return Estimates(train, unlearn, noise, total, icc, icc_run, *more, table)
