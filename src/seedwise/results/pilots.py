"""From a pilot's table to the problem of a plan: components, with draws of what they may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from seedwise.errors import TableError
from seedwise.results.chosen import Chosen, enough, partitions
from seedwise.results.groups import About, Groups
from seedwise.results.problem import Between, Problem
from seedwise.results.sides import Request, Side, contrast, matched, side_of
from seedwise.results.tidy import BASELINES, REFERENCE
from seedwise.stats.over_partitions import of_partition
from seedwise.stats.pilot import Pilot, pivot, relative_error
from seedwise.stats.planner import PairVariances
from seedwise.stats.search import MAX_TRAINING, Prices, Variances


class _Squares(NamedTuple):
    """Mean squares of units in partitions; 0 on no degrees of freedom where there are none.

    One value each, or one per place (Q,).

    Args:
        units: Variance of units inside partitions.
        units_df: Its degrees of freedom.
        partitions: Variance of the partition means.
        partitions_df: P0 - 1.
        training: Harmonic mean of the units in a partition.
    """

    units: Any
    units_df: Any
    partitions: Any
    partitions_df: Any
    training: Any


def of_methods(
    groups: Groups, table: Mapping[str, Any], chosen: Chosen, prices: Prices, about: About
) -> Problem:
    """Return the problem in which each method is to meet the target by itself.

    Args:
        groups: The grouped table.
        table: The fitted groups.
        chosen: What the plan is for.
        prices: The costs; a method without a second run in the pilot stays at one.
        about: What is declared of the design.

    Raises:
        TableError: If a component cannot be estimated; says what to run next.
    """
    enough(groups, chosen, about)
    pilot = _pilot(groups, chosen)
    train, unlearn, evaluation = (
        _column(table, name, chosen) for name in ("var_train", "var_unlearn", "var_eval")
    )
    confounded = (pilot.runs_df == 0) & (chosen.group >= 0)
    train = np.where(confounded, pilot.units - np.nan_to_num(evaluation) / pilot.evaluations, train)
    variances = Variances(*(np.nan_to_num(one).clip(0) for one in (train, unlearn, evaluation)))
    prices, notes = _one_run(groups, table, chosen, confounded, prices)
    with np.errstate(invalid="ignore"):
        soft = relative_error(pilot, variances.train)
    found = Problem(
        chosen.methods, chosen.places, variances, prices, pilot.draws, softness=soft, notes=notes
    )
    if about.partitions == "fixed":
        return _in_blocks(found, partitions(groups, chosen))
    between = np.nan_to_num(_column(table, "var_partition", chosen)).clip(0)
    draws, outer = pilot.between, pilot.outer
    assert draws is not None  # noqa: S101 - `_pilot` has the partitions
    assert outer is not None  # noqa: S101
    with np.errstate(invalid="ignore", divide="ignore"):
        soft = relative_error(outer, between)
    found = replace(found, between=Between(between, draws), softness=soft)
    return _with_partitions(found, pilot.units_df, chosen)


def of_pair(
    groups: Groups, table: Mapping[str, Any], chosen: Chosen, prices: Prices, about: About
) -> Problem:
    """Return the problem for the difference of two methods on the same training seeds.

    s_D^2 = var_i(D_i) - s_ua^2 / n_ha - s_ub^2 / n_hb, inside partitions where there are several;
    between random partitions var_p(D_p) - var_i(D_i) / I. Raw estimates may be negative and count
    as 0 then: taken as they stand they would promise that enough runs leave no variance at all.
    Against references of their own, var(D) is the sum of both variances, and df = I - 1 is on the
    safe side.
    """
    enough(groups, chosen, about)
    pilot = _pilot(groups, chosen)
    confounded = (pilot.runs_df == 0) & (chosen.group >= 0)
    prices, notes = _one_run(groups, table, chosen, confounded, prices)
    rows, independent = _differences(groups, table, chosen, about)
    squares = _Squares(*(np.array(column) for column in zip(*rows, strict=True)))
    if independent:
        df = "" if about.partitions == "random" else ", df = I - 1"
        why = f"The references are models of their own: their variance is added{df}."
        notes = (*notes, why)
    unlearn, evaluation = (
        np.nan_to_num(_column(table, name, chosen)) for name in ("var_unlearn", "var_eval")
    )
    raw = np.where(squares.units_df > 0, squares.units - _inner(pilot), 0.0)
    both = pilot.draws
    units = pivot(squares.units, squares.units_df, 0)
    train = np.maximum(units - _inner_draws(pilot), 0.0)
    found = Problem(
        chosen.methods,
        chosen.places,
        PairVariances(raw.clip(0), unlearn, evaluation),
        prices,
        PairVariances(both.train.sum(axis=0) if independent else train, *both[1:]),
        softness=_softness(squares.units, squares.units_df, raw),
        notes=(*notes, *_negative("s_D^2", raw)),
    )
    if about.partitions == "fixed":
        return _in_blocks(found, partitions(groups, chosen))
    return _with_partitions(_pair_between(found, pilot, squares), squares.units_df, chosen)


def _pair_between(found: Problem, pilot: Pilot, squares: _Squares) -> Problem:
    """Add the variance of a difference between random partitions."""
    has_units = squares.units_df > 0
    below = np.where(has_units, squares.units, _inner(pilot))
    raw = squares.partitions - below / squares.training
    units = pivot(squares.units, squares.units_df, 0)
    below = np.where(has_units[:, None], units, _inner_draws(pilot))
    outer = pivot(squares.partitions, squares.partitions_df, 3)
    draws = np.maximum(outer - below / squares.training[:, None], 0.0)
    name = "The variance of the difference between partitions"
    return replace(
        found,
        between=Between(raw.clip(0), draws),
        softness=_softness(squares.partitions, squares.partitions_df, raw),
        notes=(*found.notes, *_negative(name, raw)),
    )


def _inner(pilot: Pilot) -> np.ndarray:
    """Return what runs add to the variance of the pilot's differences (Q,)."""
    return (pilot.runs / pilot.unlearning).sum(axis=0)


def _inner_draws(pilot: Pilot) -> np.ndarray:
    runs = pivot(pilot.runs, pilot.runs_df, 1) / pilot.unlearning[..., None]
    return runs.sum(axis=0)


def _softness(square: np.ndarray, df: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return the relative standard error (1, Q) of a variance that rests on a mean square."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.atleast_2d(np.sqrt(2 / df) * square / variance.clip(0))


def _negative(name: str, raw: np.ndarray) -> tuple[str, ...]:
    if not (raw < 0).any():
        return ()
    return (f"{name} is estimated as 0 (raw: {raw.min():.3g}), so that the plan may be too small.",)


def _with_partitions(found: Problem, units_df: np.ndarray, chosen: Chosen) -> Problem:
    """Say how many training seeds a partition may hold: one where more of them buy nothing.

    Where a partition costs nothing by itself, more partitions serve better than more training
    seeds in each: they lower every component, and add degrees of freedom.
    """
    lone = np.broadcast_to(units_df == 0, chosen.group.shape)[chosen.group >= 0].any()
    notes = found.notes
    if lone:
        notes = (
            *notes,
            "The pilot has one training seed in each partition, so that the variances between "
            "partitions and between training seeds are one sum and the plan stays at I = 1 in "
            "each; two training seeds in some partitions would tell them apart.",
        )
    most = 1 if lone or found.prices.partition == 0 else MAX_TRAINING
    return replace(found, prices=found.prices._replace(most_inside=most), notes=notes)


def _in_blocks(found: Problem, blocks: int) -> Problem:
    """Take one training seed number in each of several fixed partitions as the unit."""
    if blocks == 1:
        return found
    nothing = np.zeros(1)
    return replace(
        found,
        variances=of_partition(found.variances, nothing, blocks),
        draws=found.draws and of_partition(found.draws, nothing, blocks),
        prices=found.prices._replace(partition=0.0).of_partition(blocks),
        blocks=blocks,
        notes=(
            *found.notes,
            f"The plan holds for the {blocks} partitions of the pilot and has I training seeds in "
            "each of them (one more is one in each); for others like them say --partitions random.",
        ),
    )


def _differences(
    groups: Groups, table: Mapping[str, Any], chosen: Chosen, about: About
) -> tuple[list[_Squares], bool]:
    """Return the mean squares of the differences per place, and whether the two are independent."""
    found, independent = [], False
    for first, second in chosen.group.T:
        if first < 0 or second < 0:
            raise TableError(f"{' and '.join(chosen.methods)} have no metric in common")
        flags = table["flags"]
        a, b = (side_of(groups, int(at), flags[at]) for at in (first, second))
        request = Request(None, None, 0.95, about)
        has_reference = chosen.methods[1] == REFERENCE
        pairing = contrast(a, b, has_reference=has_reference, request=request).pairing
        if pairing == "independent":
            independent = True
            found.append(_apart(a, b))
            continue
        left, right = matched(a, b, pairing)
        if left.mean.size < 2:
            raise TableError(
                f"{' and '.join(chosen.methods)} share {left.mean.size} training seeds; run "
                "both on at least 2, better 5, of the same ones"
            )
        found.append(_squares(left.mean - right.mean, left.partition))
    return found, independent


def _apart(a: Side, b: Side) -> _Squares:
    """Return the mean squares of a difference of independent units in the same partitions."""
    mine, theirs = (_squares(side.mean, side.partition) for side in (a, b))
    means = [side.sample.by_partition() for side in (a, b)]
    shared = np.array([means[0][p] - means[1][p] for p in means[0].keys() & means[1].keys()])
    return _Squares(
        mine.units + theirs.units,
        min(mine.units_df, theirs.units_df),
        float(shared.var(ddof=1)) if shared.size > 1 else 0.0,
        max(shared.size - 1.0, 0.0),
        min(mine.training, theirs.training),
    )


def _squares(values: np.ndarray, partition: np.ndarray) -> _Squares:
    """Return the mean squares of the means of units inside partitions and of these."""
    labels, place = np.unique(partition, return_inverse=True)
    counts = np.bincount(place)
    means = np.bincount(place, values) / counts
    df = values.size - labels.size
    within = float(((values - means[place]) ** 2).sum())
    return _Squares(
        within / df if df else 0.0,
        float(df),
        float(means.var(ddof=1)) if labels.size > 1 else 0.0,
        labels.size - 1.0,
        float(labels.size / (1 / counts).sum()),
    )


def _pilot(groups: Groups, chosen: Chosen) -> Pilot:
    """Return the mean squares of the chosen groups; 1 and 0 where there is none."""
    data = groups.data
    present = data.cells > 0
    units = present.sum(axis=1)
    squares = np.zeros((len(units), len(_Squares._fields)))
    for at in np.unique(chosen.group[chosen.group >= 0]):
        own = present[at]
        squares[at] = _squares(data.mean[at, own], groups.units.partition[at, own])
    with np.errstate(divide="ignore", invalid="ignore"):
        cells, rows = data.cells.sum(axis=1), data.rows.sum(axis=1)
        columns = (
            squares[:, 0],
            squares[:, 1],
            data.spread.sum(axis=1) / (cells - units),
            cells - units,
            data.noise.sum(axis=1) / (rows - cells),
            rows - cells,
            units / np.where(present, 1 / np.maximum(data.cells, 1), 0).sum(axis=1),
            rows / cells,
            squares[:, 2],
            squares[:, 3],
            squares[:, 4],
        )
    lost = chosen.group < 0
    filled = []
    for column, absent in zip(columns, (0, 1, 0, 0, 0, 0, 1, 1, 0, 1, 1), strict=True):
        own = np.nan_to_num(np.asarray(column, dtype=float))[chosen.group]
        filled.append(np.where(lost, float(absent), own))
    return Pilot(*filled)


def _one_run(
    groups: Groups,
    table: Mapping[str, Any],
    chosen: Chosen,
    confounded: np.ndarray,
    prices: Prices,
) -> tuple[Prices, tuple[str, ...]]:
    """Keep at one run what one run is all of, or all that is known of."""
    notes = []
    most = prices.most_runs.copy()
    for place, method in enumerate(chosen.methods):
        if not confounded[place].any() or method in BASELINES:
            most[place] = 1.0 if method in BASELINES else most[place]
            continue
        if most[place] > 1:
            notes.append(
                f"{method}: one unlearning seed per training seed in the pilot, so the two "
                "variances are one sum and the plan stays at J = 1; a second unlearning seed on "
                "half of the training seeds would tell them apart"
            )
        most[place] = 1.0
    return prices._replace(most_runs=most), tuple(notes)


def _column(table: Mapping[str, Any], name: str, chosen: Chosen) -> np.ndarray:
    values = np.asarray(table[name], dtype=float)[chosen.group]
    return np.where(chosen.group < 0, np.nan, values)
