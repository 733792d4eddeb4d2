"""Plans that meet their target with some assurance, not half of the time.

A plan that takes a pilot's components for the truth meets its target in 44-53 % of cases. Here a
target must be met in a share of the draws of what the components may be (`pilot`), and, where it
is a half-width, of what the new sample's standard deviation may be. With unchanged J this is the
F-predictive rule t(I - 1)^2 F(assurance; I - 1, I0 - 1) V / I <= h^2.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from seedwise.stats.demands import Demand
from seedwise.stats.pilot import DRAWS, sample
from seedwise.stats.planner import PairVariances, room_of
from seedwise.stats.search import (
    MAX_EVALUATION,
    MAX_TRAINING,
    TIE,
    Found,
    Prices,
    Variances,
)

_STARTS = 12
_ABOVE = (1.3, 1.15, 1.5, 1.8, 2.2, 3.0, 5.0)
"""Where a first assured design is looked for, in training seeds of the plug-in plan."""

Needed = Callable[[int, int], np.ndarray]
"""From I and K to the least runs (M,) of each method, infinite where none suffices."""


class Assurance(NamedTuple):
    """Targets per metric (Q,), draws (M, Q, D) of the components, and the share to be met."""

    demands: Sequence[Demand]
    draws: Variances
    share: float

    def needed(self, count: int, evaluations: int) -> np.ndarray:
        """Return the least runs (M,) with which each target is met in that share of the draws.

        In one draw J >= within / (room - s_t^2); the share's order statistic of it is the answer,
        since more runs never hurt.
        """
        allowed = self.allowed(count)
        spare = allowed - self.draws.train
        within = self.draws.unlearn + self.draws.evaluation / evaluations
        with np.errstate(divide="ignore", invalid="ignore"):
            runs = np.where(spare > 0, within / spare, np.inf)
        runs[(within == 0) & (spare >= 0)] = 1.0
        return _share_of(runs, self.share).max(axis=1).clip(1)

    def fill(self, count: int, runs: np.ndarray, evaluations: int) -> float:
        """Return the share's quantile of variance over room, the worst over methods and metrics."""
        within = self.draws.unlearn + self.draws.evaluation / evaluations
        total = self.draws.train + within / np.asarray(runs, float)[:, None, None]
        return float(np.quantile(total / self.allowed(count), self.share, axis=-1).max())

    def allowed(self, count: int) -> np.ndarray:
        """Return the room (Q, D) for the true variance, given what the sample may show."""
        room = room_of(self.demands, np.array([count]))[0]
        return np.stack(
            [
                value / sample(count - 1) if demand.rests_on_sample else np.full(DRAWS, value)
                for value, demand in zip(room, self.demands, strict=True)
            ]
        )


class PairAssurance(NamedTuple):
    """As `Assurance`, for the difference of two methods: draws (Q, D) and (2, Q, D)."""

    demands: Sequence[Demand]
    draws: PairVariances
    prices: Prices
    share: float

    def needed(self, count: int, evaluations: int) -> np.ndarray:
        """Return the cheapest runs of both methods that meet the target in that share of draws."""
        allowed = Assurance(self.demands, Variances(*self.draws), self.share).allowed(count)
        noise = self.draws.unlearn + self.draws.evaluation / evaluations
        each = self.prices.unlearn + evaluations * self.prices.evaluate
        best, least = np.full(2, np.inf), np.inf
        first = 1
        while first <= self.prices.most_runs[0] and (first * each[0] + each[1] < least):
            spare = allowed - self.draws.train - noise[0] / first
            with np.errstate(divide="ignore", invalid="ignore"):
                runs = np.where(spare > 0, noise[1] / spare, np.inf)
            runs[(noise[1] == 0) & (spare >= 0)] = 1.0
            second = float(_share_of(runs[None], self.share).max().clip(1))
            cost = first * each[0] + second * each[1]
            if second <= self.prices.most_runs[1] and cost < least:
                best, least = np.array([float(first), second]), cost
            if not np.isfinite(least) and first >= 4 * DRAWS:
                break
            first += 1 if first < 128 or np.isfinite(least) else first // 8
        return best

    def fill(self, count: int, runs: np.ndarray, evaluations: int) -> float:
        """Return the share's quantile of variance over room."""
        noise = self.draws.unlearn + self.draws.evaluation / evaluations
        total = self.draws.train + (noise / np.asarray(runs, float)[:, None, None]).sum(axis=0)
        allowed = Assurance(self.demands, Variances(*self.draws), self.share).allowed(count)
        return float(np.quantile(np.maximum(total, 0) / allowed, self.share, axis=-1).max())


def assured_cost(
    plan: Assurance | PairAssurance,
    prices: Prices,
    *,
    min_training: int = 2,
    start: Found | None = None,
    budget: float = np.inf,
) -> Found | None:
    """Return the cheapest design that meets its targets with assurance, None if out of reach.

    Args:
        plan: Targets, draws and share.
        prices: The costs.
        min_training: Fewest training seeds.
        start: The plug-in plan, whose number of evaluations is tried first.
        budget: Return any design that costs no more, None if there is none.
    """
    hunt = _Hunt(plan, prices, max(2, min_training), budget)
    has_noise = bool((plan.draws.evaluation > 0).any())
    order = list(range(1, (MAX_EVALUATION if has_noise else 1) + 1))
    if start is not None:
        order.sort(key=lambda evaluations: abs(evaluations - start.evaluations))
    if start is not None:
        hunt.try_above(start)
    for evaluations in order:
        if not hunt.is_over:
            hunt.search(evaluations)
    return hunt.best


class _Hunt:
    """Branch and bound over I for one K after the other.

    The runs needed never rise with I, so those at the end of an interval bound the cost of
    everything inside it.
    """

    def __init__(
        self, plan: Assurance | PairAssurance, prices: Prices, fewest: int, budget: float
    ) -> None:
        self.plan, self.prices, self.fewest, self.budget = plan, prices, fewest, budget
        self.best: Found | None = None
        self.hopeless = fewest - 1
        """So many training seeds do not suffice, whatever the runs and evaluations."""

    @property
    def is_over(self) -> bool:
        """Whether a design within a finite budget was found."""
        return self.best is not None and math.isfinite(self.budget)

    @property
    def limit(self) -> float:
        """What a design must cost less than to be of use."""
        known = np.inf if self.best is None else self.best.cost * (1 - TIE)
        return min(known, self.budget * (1 + TIE))

    def try_above(self, start: Found) -> None:
        """Take a first design from a little above the plug-in plan, to have a limit."""
        for factor in _ABOVE:
            count = max(self.fewest, round(start.training * factor))
            if not self.is_over and count * self.prices.least < self.limit:
                self._runs(min(count, MAX_TRAINING), start.evaluations)

    def search(self, evaluations: int) -> None:
        """Look for a better design with K evaluations."""
        lowest, highest = self.hopeless + 1, MAX_TRAINING
        if np.isfinite(self.limit):
            highest = min(highest, int(self.limit / self.prices.least))
        known: dict[int, np.ndarray] = {}

        def runs_at(count: int) -> np.ndarray:
            if count not in known:
                known[count] = self._runs(count, evaluations)
            return known[count]

        def may_pay(low: int, high: int) -> bool:
            """Whether something strictly inside can be of use."""
            bound = (low + 1) * self.prices.of_unit(runs_at(high), evaluations)
            return high - low > 1 and float(bound) < self.limit

        if highest < lowest or not np.isfinite(runs_at(highest)).all():
            return
        grid = np.unique(np.geomspace(lowest, highest, _STARTS).round().astype(int)).tolist()
        intervals = list(itertools.pairwise(grid))
        runs_at(lowest)
        while intervals and not self.is_over:
            low, high = intervals.pop()
            if may_pay(low, high):
                middle = (low + high) // 2
                runs_at(middle)
                intervals += [(low, middle), (middle, high)]

    def _runs(self, count: int, evaluations: int) -> np.ndarray:
        runs = self.plan.needed(count, evaluations)
        if not np.isfinite(runs).all():
            self.hopeless = max(self.hopeless, count)
        runs = np.where(runs <= self.prices.most_runs, runs, np.inf)
        if np.isfinite(runs).all():
            cost = float(count * self.prices.of_unit(runs, evaluations))
            if cost < self.limit:
                self.best = Found(count, runs.astype(int), evaluations, cost, 1.0)
        return runs


def assured_for_budget(
    plan: Assurance | PairAssurance,
    prices: Prices,
    budget: float,
    start: Found,
    *,
    min_training: int = 2,
) -> Found:
    """Return the design whose assured half-width is least within a budget, to one part in 1,000.

    Args:
        plan: Targets at scale 1 in which half-widths are measured, draws and share.
        prices: The costs.
        budget: What may be spent.
        start: The plug-in plan for the budget.
        min_training: Fewest training seeds.
    """
    best = start._replace(fill=plan.fill(start.training, start.runs, start.evaluations))
    low, high = start.fill, best.fill
    while high - low > 2e-3 * high:
        middle = (low + high) / 2
        scaled = plan._replace(demands=[_Scaled(demand, middle) for demand in plan.demands])
        found = assured_cost(scaled, prices, min_training=min_training, start=start, budget=budget)
        if found is None:
            low = middle
        else:
            fill = min(plan.fill(found.training, found.runs, found.evaluations), middle)
            best, high = found._replace(fill=fill), fill
    return best


class _Scaled(NamedTuple):
    """A target with its room multiplied."""

    demand: Demand
    factor: float

    @property
    def rests_on_sample(self) -> bool:
        return self.demand.rests_on_sample

    def room(self, counts: np.ndarray) -> np.ndarray:
        return self.factor * self.demand.room(counts)


def _share_of(runs: np.ndarray, share: float) -> np.ndarray:
    """Return the least whole number of runs that suffices in a share of the draws (last axis)."""
    place = min(int(np.ceil(share * runs.shape[-1])) - 1, runs.shape[-1] - 1)
    return np.ceil(np.partition(runs, place, axis=-1)[..., place] * (1 - TIE))
