"""Plans for any target: blocks of training seeds, pairs of methods.

Everything here is a search over I around `search.least_cost`; nothing is approximated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from seedwise.stats.demands import Demand
from seedwise.stats.search import (
    MAX_TRAINING,
    TIE,
    Found,
    Prices,
    Variances,
    better,
    evaluations_to_try,
    least_cost,
    least_runs,
    narrowest,
)

_BLOCK = 64
_CELLS = 2_000_000
"""Numbers held at once in the search of a pair."""

Search = Callable[[np.ndarray, np.ndarray], Found | None]
"""From training seeds (n,) and their room (n, Q) to the cheapest design."""


class PairVariances(NamedTuple):
    """Components of a paired difference per metric: s_D^2 (Q,), runs and evaluations (2, Q).

    s_D^2 is the variance of the difference that more runs cannot lower; as a raw estimate it may
    be negative.
    """

    train: np.ndarray
    unlearn: np.ndarray
    evaluation: np.ndarray

    def of_unit(self, runs: np.ndarray, evaluations: int) -> np.ndarray:
        """Return the variance (Q,) of the difference on one training seed, not below 0."""
        within = (self.unlearn + self.evaluation / evaluations) / np.asarray(runs, float)[:, None]
        return np.maximum(self.train + within.sum(axis=0), 0.0)


def room_of(demands: Sequence[Demand], counts: np.ndarray) -> np.ndarray:
    """Return the room (n, Q) of one target per metric for consecutive counts (n,)."""
    ends = int(counts[0]), int(counts[-1])
    known = {demand: _room(demand, *ends) for demand in dict.fromkeys(demands)}
    return np.stack([known[demand] for demand in demands], axis=1)


@lru_cache(maxsize=128)
def _room(demand: Demand, first: int, last: int) -> np.ndarray:
    """Searches ask for the same rooms many times, and those of tests are integrals."""
    return demand.room(np.arange(first, last + 1))


def cheapest_for(
    demands: Sequence[Demand], search: Search, each: float, min_training: int = 2
) -> Found | None:
    """Return the cheapest design for one target per metric, None if 2,000 seeds do not reach it.

    Training seeds are tried in growing blocks: once I seeds alone cost more than the best design,
    more of them need not be looked at.

    Args:
        demands: (Q,) targets.
        search: The search for given training seeds.
        each: Least cost of one training seed.
        min_training: Fewest training seeds.
    """
    best: Found | None = None
    start, size = max(2, min_training), _BLOCK
    while start <= MAX_TRAINING and (best is None or start * each <= best.cost * (1 + TIE)):
        counts = np.arange(start, min(start + size, MAX_TRAINING + 1))
        found = search(counts, room_of(demands, counts))
        best = best if found is None else better(best, found)
        start, size = start + size, 2 * size
    return best


def over_methods(variances: Variances, prices: Prices) -> Search:
    """Return the search in which every method meets the target by itself."""
    return lambda counts, room: least_cost(variances, prices, counts, room[:, None, :])


def over_pair(variances: PairVariances, prices: Prices) -> Search:
    """Return the search for the difference of two methods: scan J_a, solve J_b.

    Exact: runs of the first method are tried until they alone cost more than the best design.
    """
    return lambda counts, room: _least_pair(variances, prices, counts, room)


def best_for(
    demands: Sequence[Demand],
    variances: Variances,
    prices: Prices,
    budget: float,
    min_training: int = 2,
) -> Found | None:
    """Return the design whose worst ratio of variance to room is least, None if too poor.

    Args:
        demands: (Q,) what half-widths are measured in, as targets at scale 1.
        variances: The components.
        prices: The costs.
        budget: What may be spent.
        min_training: Fewest training seeds.
    """
    fewest = max(2, min_training)
    most = min(MAX_TRAINING, int(budget / prices.least * (1 + TIE)))
    if most < fewest:
        return None
    counts = np.arange(fewest, most + 1)
    return narrowest(variances, prices, counts, room_of(demands, counts)[:, None, :], budget)


def best_pair_for(
    demands: Sequence[Demand],
    variances: PairVariances,
    prices: Prices,
    budget: float,
    min_training: int = 2,
) -> Found | None:
    """Return the pair's design with the least ratio of variance to room within a budget."""
    fewest = max(2, min_training)
    most = min(MAX_TRAINING, int(budget / prices.least * (1 + TIE)))
    if most < fewest:
        return None
    best: Found | None = None
    counts = np.arange(fewest, most + 1)
    room = room_of(demands, counts)
    for evaluations in range(1, _most_evaluations(variances) + 1):
        each = prices.unlearn + evaluations * prices.evaluate
        left = budget * (1 + TIE) / counts - prices.once
        first = np.arange(1, max(int((left.max() - each[1]) / each[0]), 0) + 1)
        first = first[first <= prices.most_runs[0]]
        for at, spare in enumerate(left):
            found = _narrowest_pair(variances, prices, first, spare, evaluations, room[at])
            if found is not None and (best is None or found.fill < best.fill * (1 - TIE)):
                best = found._replace(training=int(counts[at]), cost=float(counts[at] * found.cost))
    return best


def _narrowest_pair(
    variances: PairVariances,
    prices: Prices,
    first: np.ndarray,
    spare: float,
    evaluations: int,
    room: np.ndarray,
) -> Found | None:
    """Return the narrowest runs of two methods that a training seed's money buys."""
    each = prices.unlearn + evaluations * prices.evaluate
    second = np.minimum(np.floor((spare - first * each[0]) / each[1]), prices.most_runs[1])
    usable = second >= 1
    if not usable.any():
        return None
    first, second = first[usable], second[usable]
    noise = variances.unlearn + variances.evaluation / evaluations
    total = variances.train + noise[0] / first[:, None] + noise[1] / second[:, None]
    fills = (np.maximum(total, 0.0) / room).max(axis=1)
    at = int(fills.argmin())
    runs = np.array([first[at], second[at]], dtype=int)
    return Found(0, runs, evaluations, float(prices.of_unit(runs, evaluations)), float(fills[at]))


def _least_pair(
    variances: PairVariances, prices: Prices, counts: np.ndarray, room: np.ndarray
) -> Found | None:
    best: Found | None = None
    spare = room - variances.train
    for evaluations in range(1, _most_evaluations(variances) + 1):
        start, size = 1, max(1, min(_BLOCK, _CELLS // room.size))
        each = prices.unlearn + evaluations * prices.evaluate
        while start <= prices.most_runs[0] and _may_pay(best, counts, prices, each, start):
            first = np.arange(start, min(start + size, prices.most_runs[0] + 1))
            found = _pair_block(variances, prices, counts, spare, first, evaluations)
            if found is None and best is None and start > 1e5:
                break
            best = best if found is None else better(best, found)
            if best is None and not (spare > 0).all(axis=1).any():
                break
            start += size
    if best is None:
        return None
    filled = variances.of_unit(best.runs, best.evaluations)
    return best._replace(fill=float((filled / room[int(best.training - counts[0])]).max()))


def _may_pay(
    best: Found | None, counts: np.ndarray, prices: Prices, each: np.ndarray, start: int
) -> bool:
    """Return whether so many runs of the first method can still be part of a cheaper design."""
    least = counts[0] * (prices.once + start * each[0] + each[1])
    return best is None or least <= best.cost * (1 + TIE)


def _pair_block(
    variances: PairVariances,
    prices: Prices,
    counts: np.ndarray,
    spare: np.ndarray,
    first: np.ndarray,
    evaluations: int,
) -> Found | None:
    noise = variances.unlearn + variances.evaluation / evaluations
    left = spare[:, None, :] - noise[0] / first[:, None]
    shape = left.shape
    second = least_runs(noise[1], left.reshape(-1, 1, shape[2])).reshape(shape[:2])
    each = prices.unlearn + evaluations * prices.evaluate
    costs = counts[:, None] * (prices.once + first * each[0] + second * each[1])
    costs = np.where(second <= prices.most_runs[1], costs, np.inf)
    at = np.unravel_index(int(costs.argmin()), costs.shape)
    if not np.isfinite(costs[at]):
        return None
    runs = np.array([first[at[1]], second[at]], dtype=int)
    return Found(int(counts[at[0]]), runs, evaluations, float(costs[at]), 1.0)


def _most_evaluations(variances: PairVariances) -> int:
    return evaluations_to_try(Variances(variances.train, *variances[1:])).stop - 1
