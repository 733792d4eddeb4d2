"""Why a plan is what it is: J*, what one more seed buys, how flat and how soft the optimum is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seedwise.stats.demands import Demand
from seedwise.stats.planner import PairVariances, room_of
from seedwise.stats.search import MAX_TRAINING, Prices, Variances

_MOST_RUNS = 100


class Optimum(NamedTuple):
    """The continuous optimum: runs per training seed, evaluations per run."""

    J: float
    K: float


def continuous_optimum(
    *,
    var_train: float,
    var_unlearn: float,
    var_eval: float = 0.0,
    cost_once: float,
    cost_unlearn: float,
    cost_eval: float = 0.0,
    methods: int = 1,
) -> Optimum:
    """Return J* and K* for M methods alike; they do not depend on the budget.

    J* = sqrt((c_once / (M c_u)) (s_u^2 / s_t^2)), K* = sqrt((c_u / c_e) (s_e^2 / s_u^2)); where
    J* < 1, J stays 1 and K* = sqrt(((c_once / M + c_u) / c_e) (s_e^2 / (s_t^2 + s_u^2))).

    Args:
        var_train: s_t^2.
        var_unlearn: s_u^2.
        var_eval: s_e^2.
        cost_once: All that is paid once per training seed, the reference included.
        cost_unlearn: One unlearning run.
        cost_eval: One evaluation.
        methods: M.

    Example:
        >>> round(continuous_optimum(var_train=1.0, var_unlearn=4.0, cost_once=16.0,
        ...                          cost_unlearn=1.0).J, 6)
        8.0
    """
    runs = _root(cost_once * var_unlearn, methods * cost_unlearn * var_train)
    noise = _root(cost_unlearn * var_eval, cost_eval * var_unlearn)
    if runs < 1:
        each = cost_once / methods + cost_unlearn
        noise = _root(each * var_eval, cost_eval * (var_train + var_unlearn))
    return Optimum(runs, noise)


class Gain(NamedTuple):
    """One seed more: its cost, and the greatest half-width with it."""

    cost: float
    half_width: float


class Gains(NamedTuple):
    """One unit more against one unlearning seed more of every method on each training seed.

    Units are training seeds, or random partitions; then `inside` is one training seed more in each.
    """

    half_width: float
    unit: Gain
    unlearning: Gain | None
    inside: Gain | None = None


def marginal_gains(
    variances: Variances | PairVariances,
    prices: Prices,
    scale: np.ndarray,
    quantile: Sequence[float],
    design: tuple[int, np.ndarray, int],
) -> Gains:
    """Return what one more seed of either kind buys.

    Args:
        variances: Components (M, Q), or those of a pair.
        prices: The costs.
        scale: (Q,) what half-widths are measured in.
        quantile: t(I - 1) and t(I).
        design: I, runs (M,) and K.

    Returns:
        Half-widths in units of the scale, the worst over methods and metrics. No gain of an
        unlearning seed where all methods are deterministic.
    """
    count, runs, evaluations = design
    more = np.where(runs < prices.most_runs, runs + 1, runs)

    def worst(count: int, runs: np.ndarray, t: float) -> float:
        of_unit = variances.of_unit(runs, evaluations)
        return float((t * np.sqrt(of_unit / count) / scale).max())

    here = worst(count, runs, quantile[0])
    each = prices.unlearn + evaluations * prices.evaluate
    unit = Gain(float(prices.of_unit(runs, evaluations)), worst(count + 1, runs, quantile[1]))
    if (more == runs).all():
        return Gains(here, unit, None)
    cost = float(count * ((more - runs) @ each))
    return Gains(here, unit, Gain(cost, worst(count, more, quantile[0])))


class Profile(NamedTuple):
    """The cheapest plan for each J that all methods share: I and cost (n,), infinite if none."""

    J: np.ndarray
    training: np.ndarray
    cost: np.ndarray

    def flat(self, best: float, tolerance: float = 0.05) -> tuple[int, int] | None:
        """Return the least and greatest J around the cheapest that cost little more than `best`."""
        good = np.flatnonzero(self.cost <= best * (1 + tolerance))
        return (int(self.J[good[0]]), int(self.J[good[-1]])) if good.size else None


def profile(
    variances: Variances | PairVariances,
    prices: Prices,
    demands: Sequence[Demand],
    evaluations: int,
    *,
    min_training: int = 2,
    most: int = _MOST_RUNS,
) -> Profile:
    """Return the cheapest I for each J = 1 .. most; deterministic methods stay at 1 run."""
    counts = np.arange(max(2, min_training), MAX_TRAINING + 1)
    room = room_of(demands, counts)
    runs = np.arange(1, most + 1)
    found = np.full(most, math.inf)
    for place, number in enumerate(runs):
        own = np.minimum(number, prices.most_runs)
        filled = np.atleast_2d(variances.of_unit(own, evaluations)).max(axis=0)
        fits = np.flatnonzero((filled <= room * (1 + 1e-12)).all(axis=1))
        found[place] = counts[fits[0]] if fits.size else math.inf
    own = np.minimum(runs[:, None], prices.most_runs)
    return Profile(runs, found, found * prices.of_unit(own, evaluations))


def needed_range(
    draws: Variances | PairVariances, runs: np.ndarray, evaluations: int, demands: Sequence[Demand]
) -> tuple[float, float]:
    """Return the 10 % and 90 % point of the I that the design's J needs, over a pilot's draws.

    Args:
        draws: Draws (M, Q, D) of the components, or those of a pair.
        runs: (M,) runs of the plan.
        evaluations: K of the plan.
        demands: (Q,) targets.
    """
    counts = np.arange(2, MAX_TRAINING + 1)
    room = room_of(demands, counts)
    within = draws.unlearn + draws.evaluation / evaluations
    within = within / np.asarray(runs, float)[:, None, None]
    if isinstance(draws, PairVariances):
        within = within.sum(axis=0, keepdims=True)
    total = draws.train + within
    needed = np.full(total.shape[-1], 2.0)
    for column, limits in enumerate(np.maximum.accumulate(room, axis=0).T):
        places = np.searchsorted(limits, total[:, column].max(axis=0) * (1 - 1e-12))
        most = counts.size - 1
        own = np.where(places > most, math.inf, counts[np.minimum(places, most)])
        needed = np.maximum(needed, own)
    low, high = np.quantile(needed, [0.1, 0.9], method="nearest")
    return float(low), float(high)


def _root(above: float, below: float) -> float:
    """Return sqrt(above / below), infinite at 1 / 0 and 1 at 0 / 0: nothing speaks for more."""
    if below > 0:
        return math.sqrt(above / below)
    return math.inf if above > 0 else 1.0
