"""Plans that meet their target with some assurance, not half of the time.

A plan that takes a pilot's components for the truth meets its target in 44-53 % of cases. Here a
target must be met in a share of the draws of what the components may be (`pilot`), and, where it
is a half-width, of what the new sample's standard deviation may be. With unchanged J this is the
F-predictive rule t(I - 1)^2 F(assurance; I - 1, I0 - 1) V / I <= h^2.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from functools import lru_cache
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

_TOLERANCE = 2e-3
_ABOVE = (1.3, 1.15, 1.5, 1.8, 2.2, 3.0, 5.0)
"""Where a first assured design is looked for, in training seeds of the plug-in plan."""


class Assurance(NamedTuple):
    """Targets per metric (Q,), draws (M, Q, D) of the components, and the share to be met.

    `between` are draws (M, Q, D) of the variance between random partitions, 0 without them: then
    units are partitions, with `inside` training seeds in each.
    """

    demands: Sequence[Demand]
    draws: Variances
    share: float
    between: np.ndarray | float = 0.0

    def needed(self, count: int, evaluations: int, inside: int = 1) -> np.ndarray:
        """Return the least runs (M,) with which each target is met in that share of the draws.

        In one draw J >= within / (I (room - s_p^2) - s_t^2); the share's order statistic of it is
        the answer, since more runs never hurt. One metric after the other: most of them are met
        by what the others need.
        """
        least = np.ones(len(self.draws.train))
        between = np.broadcast_to(self.between, self.draws.train.shape)
        enough = _place(self.share, DRAWS) + 1
        for metric, allowed in enumerate(self.allowed(count)):
            train, unlearn, noise = (part[:, metric] for part in self.draws)
            spare = inside * (allowed - between[:, metric]) - train
            within = unlearn + noise / evaluations
            met = within <= (least * (1 + TIE))[:, None] * spare
            short = met.sum(axis=1) < enough
            least[short] = _share_of(_runs(within[short], spare[short]), self.share)
        return least

    def fill(self, count: int, runs: np.ndarray, evaluations: int, inside: int = 1) -> float:
        """Return the share's quantile of variance over room, the worst over methods and metrics."""
        within = self.draws.unlearn + self.draws.evaluation / evaluations
        total = self.draws.train + within / np.asarray(runs, float)[:, None, None]
        return _quantile((self.between + total / inside) / self.allowed(count), self.share)

    def allowed(self, count: int) -> np.ndarray:
        """Return the room (Q, D) for the true variance, given what the sample may show."""
        return _allowed(tuple(self.demands), count)


class PairAssurance(NamedTuple):
    """As `Assurance`, for the difference of two methods: draws (Q, D) and (2, Q, D)."""

    demands: Sequence[Demand]
    draws: PairVariances
    prices: Prices
    share: float
    between: np.ndarray | float = 0.0

    def needed(self, count: int, evaluations: int, inside: int = 1) -> np.ndarray:
        """Return the cheapest runs of both methods that meet the target in that share of draws."""
        allowed = _allowed(tuple(self.demands), count)
        left = inside * (allowed - self.between) - self.draws.train
        noise = self.draws.unlearn + self.draws.evaluation / evaluations
        each = self.prices.unlearn + evaluations * self.prices.evaluate
        best, least = np.full(2, np.inf), np.inf
        first = 1
        while first <= self.prices.most_runs[0] and (first * each[0] + each[1] < least):
            runs = _runs(noise[1], left - noise[0] / first)
            second = float(_share_of(runs[None], self.share).max().clip(1))
            cost = first * each[0] + second * each[1]
            if second <= self.prices.most_runs[1] and cost < least:
                best, least = np.array([float(first), second]), cost
            if not np.isfinite(least) and first >= 4 * DRAWS:
                break
            first += 1 if first < 128 or np.isfinite(least) else first // 8
        return best

    def fill(self, count: int, runs: np.ndarray, evaluations: int, inside: int = 1) -> float:
        """Return the share's quantile of variance over room."""
        noise = self.draws.unlearn + self.draws.evaluation / evaluations
        total = self.draws.train + (noise / np.asarray(runs, float)[:, None, None]).sum(axis=0)
        allowed = _allowed(tuple(self.demands), count)
        return _quantile((self.between + total / inside) / allowed, self.share)


@lru_cache(maxsize=64)
def _allowed(demands: tuple[Demand, ...], count: int) -> np.ndarray:
    """Return the room (Q, D) of each demand for the true variance, one draw of the sample each."""
    room = room_of(demands, np.array([count]))[0]
    return np.stack(
        [
            value / sample(demand.df(count)) if demand.rests_on_sample else np.full(DRAWS, value)
            for value, demand in zip(room, demands, strict=True)
        ]
    )


def _runs(within: np.ndarray, spare: np.ndarray) -> np.ndarray:
    """Return within / spare, the runs needed in each draw; infinite where nothing is left."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spare > 0, within / spare, np.inf)


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
        min_training: Fewest units: training seeds, or random partitions.
        start: The plug-in plan, whose number of evaluations is tried first.
        budget: Return any design that costs no more, None if there is none.
    """
    hunt = _Hunt(plan, prices, max(2, min_training), budget)
    has_noise = bool((plan.draws.evaluation > 0).any())
    order = list(range(1, (MAX_EVALUATION if has_noise else 1) + 1))
    if start is not None:
        order.sort(key=lambda evaluations: abs(evaluations - start.evaluations))
        hunt.try_above(start)
    for evaluations in order:
        if not hunt.is_over:
            hunt.search(evaluations)
    return hunt.best


class _Box(NamedTuple):
    """Units and training seeds inside each of them, from the least to the greatest."""

    units: tuple[int, int]
    inside: tuple[int, int]

    def halves(self) -> tuple[_Box, _Box]:
        """Split the side that is longer in proportion."""
        ratios = [high / low for low, high in self]
        side = int(ratios[1] > ratios[0])
        low, high = self[side]
        middle = math.isqrt(low * high)
        name = self._fields[side]
        lower, upper = {name: (low, middle)}, {name: (middle + 1, high)}
        return self._replace(**lower), self._replace(**upper)


class _Hunt:
    """Branch and bound over units and the training seeds inside them, for one K after the other.

    The runs needed never rise with either, so those at the upper corner of a box bound the cost of
    everything inside; the box with the least bound is split first.
    """

    def __init__(
        self, plan: Assurance | PairAssurance, prices: Prices, fewest: int, budget: float
    ) -> None:
        self.plan, self.prices, self.fewest, self.budget = plan, prices, fewest, budget
        self.best: Found | None = None

    @property
    def is_over(self) -> bool:
        """Whether a design within a finite budget was found."""
        return self.best is not None and math.isfinite(self.budget)

    @property
    def limit(self) -> float:
        """What a design must cost less than to be of use."""
        known = np.inf if self.best is None else self.best.cost * (1 - TIE)
        return min(known, self.budget * (1 + TIE))

    @property
    def worthwhile(self) -> float:
        """The least cost in a box must lie below it: a budget is met to two parts in 1,000."""
        return min(self.limit, self.budget * (1 - _TOLERANCE))

    def try_above(self, start: Found) -> None:
        """Take a first design from a little above the plug-in plan, to have a limit."""
        for factor in _ABOVE:
            count = max(self.fewest, round(start.training * factor))
            cost = self._cost(count, start.inside, np.ones_like(start.runs), 1)
            if not self.is_over and cost < self.limit:
                self._needed(min(count, MAX_TRAINING), start.inside, start.evaluations)

    def search(self, evaluations: int) -> None:
        """Look for a better design with K evaluations."""
        heap: list[tuple[float, _Box]] = []

        def push(box: _Box) -> None:
            runs = self._needed(box.units[1], box.inside[1], evaluations)
            bound = self._cost(box.units[0], box.inside[0], runs, evaluations)
            if bound < self.worthwhile:
                heapq.heappush(heap, (bound, box))

        ones = np.ones(len(self.prices.unlearn))
        highest = MAX_TRAINING
        if math.isfinite(self.limit):
            highest = min(highest, int(self.limit / self._cost(1, 1, ones, evaluations)))
        if highest >= self.fewest:
            push(_Box((self.fewest, highest), (1, self.prices.most_inside)))
        while heap and not self.is_over:
            bound, box = heapq.heappop(heap)
            if bound >= self.worthwhile:
                break
            for half in box.halves():
                push(half)

    def _needed(self, count: int, inside: int, evaluations: int) -> np.ndarray:
        """Return the runs (M,) needed; remember the design if it is the cheapest so far."""
        runs = self.plan.needed(count, evaluations, inside)
        runs = np.where(runs <= self.prices.most_runs, runs, np.inf)
        cost = self._cost(count, inside, runs, evaluations)
        if cost < self.limit:
            self.best = Found(count, runs.astype(int), evaluations, cost, 1.0, inside)
        return runs

    def _cost(self, count: int, inside: int, runs: np.ndarray, evaluations: int) -> float:
        of_unit = self.prices.of_unit(runs, evaluations)
        return float(count * (self.prices.partition + inside * of_unit))


def assured_for_budget(
    plan: Assurance | PairAssurance,
    prices: Prices,
    budget: float,
    start: Found,
    *,
    min_training: int = 2,
) -> Found:
    """Return the design whose assured half-width is least within a budget, to two parts in 1,000.

    Args:
        plan: Targets at scale 1 in which half-widths are measured, draws and share.
        prices: The costs.
        budget: What may be spent.
        start: The plug-in plan for the budget.
        min_training: Fewest training seeds.
    """
    best = start._replace(fill=_fill(plan, start))
    low, high = start.fill, best.fill
    while high - low > _TOLERANCE * high:
        middle = (low + high) / 2
        scaled = plan._replace(demands=[_Scaled(demand, middle) for demand in plan.demands])
        found = assured_cost(scaled, prices, min_training=min_training, start=start, budget=budget)
        if found is None:
            low = middle
        else:
            fill = min(_fill(plan, found), middle)
            best, high = found._replace(fill=fill), fill
    return best


def _fill(plan: Assurance | PairAssurance, found: Found) -> float:
    return plan.fill(found.training, found.runs, found.evaluations, found.inside)


class _Scaled(NamedTuple):
    """A target with its room multiplied."""

    demand: Demand
    factor: float

    @property
    def rests_on_sample(self) -> bool:
        return self.demand.rests_on_sample

    def df(self, count: int) -> int:
        return self.demand.df(count)

    def room(self, counts: np.ndarray) -> np.ndarray:
        return self.factor * self.demand.room(counts)


def _share_of(runs: np.ndarray, share: float) -> np.ndarray:
    """Return the least whole number of runs that suffices in a share of the draws (last axis)."""
    place = _place(share, runs.shape[-1])
    return np.ceil(np.partition(runs, place, axis=-1)[..., place] * (1 - TIE))


def _quantile(ratio: np.ndarray, share: float) -> float:
    """Return the greatest ratio that is not exceeded in a share of the draws (last axis)."""
    place = _place(share, ratio.shape[-1])
    return float(np.partition(ratio, place, axis=-1)[..., place].max())


def _place(share: float, draws: int) -> int:
    """Return the place of the draw up to which the share lies."""
    return min(int(np.ceil(share * draws)) - 1, draws - 1)
