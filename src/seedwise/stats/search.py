"""The exact search behind every plan: the cheapest (I, J per method, K) that fits a room.

Arrays have shape (M, Q) over methods and metrics. For each I and K the least J of a method is
max over its metrics of ceil((s_u^2 + s_e^2 / K) / (R(I) - s_t^2)), so that nothing but I and K
is enumerated.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

MAX_TRAINING = 2_000
MAX_EVALUATION = 10
TIE = 1e-12
"""Relative difference below which two costs, or two variances, are the same."""


def reachable(limit: float) -> float:
    """Return a limit that only endless runs reach, rounded up to three digits: within reach.

    Example:
        >>> reachable(0.042431), reachable(2.5)
        (0.0425, 2.51)
    """
    if limit == 0:
        return 0.0
    digits = 2 - math.floor(math.log10(limit))
    return round(math.ceil(limit * (1 + 1e-6) * 10.0**digits) / 10.0**digits, digits)


class Variances(NamedTuple):
    """Components (M, Q): between training seeds, unlearning seeds, evaluation seeds."""

    train: np.ndarray
    unlearn: np.ndarray
    evaluation: np.ndarray

    def within(self, evaluations: int) -> np.ndarray:
        """Return the variance of one run about its training seed's mean."""
        return self.unlearn + self.evaluation / evaluations

    def of_unit(self, runs: np.ndarray, evaluations: int) -> np.ndarray:
        """Return the variance of a training seed's mean over `runs` (M,)."""
        return self.train + self.within(evaluations) / np.asarray(runs, dtype=float)[:, None]


class Prices(NamedTuple):
    """What seeds cost.

    Args:
        once: All that is paid once per training seed, its reference included.
        unlearn: (M,) one unlearning run of each method.
        evaluate: One evaluation of a run.
        most_runs: (M,) most runs per training seed: 1 for a deterministic method, else infinity.
        partition: What is paid once per random partition.
        most_inside: Most training seeds in a partition; 1 where partitions are not planned for.
    """

    once: float
    unlearn: np.ndarray
    evaluate: float
    most_runs: np.ndarray
    partition: float = 0.0
    most_inside: int = 1

    def of_unit(self, runs: np.ndarray, evaluations: int) -> np.ndarray:
        """Return the cost of one training seed with `runs` (..., M) of each method."""
        return self.once + runs @ (self.unlearn + evaluations * self.evaluate)

    def of_partition(self, inside: int) -> Prices:
        """Return the prices of whole partitions, with so many training seeds in each."""
        return Prices(
            self.partition + inside * self.once,
            inside * self.unlearn,
            inside * self.evaluate,
            self.most_runs,
        )

    @property
    def least(self) -> float:
        """The cost of one unit (a training seed, or a partition with one) with one run of each."""
        return self.partition + float(self.of_unit(np.ones(len(self.unlearn)), 1))


class Found(NamedTuple):
    """A design: units, runs (M,) per training seed, evaluations, cost, and its fill.

    Units are training seeds, or random partitions with `inside` training seeds in each. `fill` is
    the greatest variance in units of its room: at most 1 where the target is met.
    """

    training: int
    runs: np.ndarray
    evaluations: int
    cost: float
    fill: float
    inside: int = 1


def evaluations_to_try(variances: Variances) -> range:
    """Return K = 1 .. 10, or 1 alone where no metric draws anything."""
    return range(1, (MAX_EVALUATION if (variances.evaluation > 0).any() else 1) + 1)


def least_cost(
    variances: Variances, prices: Prices, counts: np.ndarray, room: np.ndarray
) -> Found | None:
    """Return the cheapest design; of equally cheap ones the narrowest. None if nothing fits.

    Args:
        variances: The components.
        prices: The costs.
        counts: (n,) the I to try.
        room: (n, M, Q), or what broadcasts to it.
    """
    best: Found | None = None
    spare = room - variances.train
    for evaluations in evaluations_to_try(variances):
        runs = least_runs(variances.within(evaluations), spare)
        fits: np.ndarray = np.all(runs <= prices.most_runs, axis=1)
        affordable = np.where(np.expand_dims(fits, 1), runs, 1.0)
        costs = np.where(fits, counts * prices.of_unit(affordable, evaluations), np.inf)
        least = costs.min(initial=np.inf)
        if not np.isfinite(least) or (best and least > best.cost * (1 + TIE)):
            continue
        for at in np.flatnonzero(costs <= least * (1 + TIE)):
            filled = variances.of_unit(runs[at], evaluations)
            fill = _fill(filled, np.broadcast_to(room, spare.shape)[at])
            found = Found(
                int(counts[at]), runs[at].astype(int), evaluations, float(costs[at]), fill
            )
            best = better(best, found)
    return best


def better(best: Found | None, found: Found) -> Found:
    """Return the cheaper of two designs, the narrower one where both cost the same."""
    if best is None or found.cost < best.cost * (1 - TIE):
        return found
    is_as_cheap = found.cost <= best.cost * (1 + TIE)
    return found if is_as_cheap and found.fill < best.fill else best


def least_runs(within: np.ndarray, spare: np.ndarray) -> np.ndarray:
    """Return the least runs (n, M) that fit into what a training seed leaves (n, M, Q).

    Infinite where nothing is left; 1 where runs do not differ.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        runs = np.ceil(within / spare * (1 - TIE))
    runs = np.where(spare > 0, runs, np.inf)
    settled = (within == 0) & (spare >= 0)
    return np.where(settled, 1.0, runs).max(axis=-1).clip(1)


def narrowest(
    variances: Variances, prices: Prices, counts: np.ndarray, room: np.ndarray, budget: float
) -> Found:
    """Return the design with the least fill that a budget buys; the room scales with its square.

    Args:
        variances: The components.
        prices: The costs; the budget must buy the fewest training seeds.
        counts: (n,) ascending, the I to try.
        room: (n, M, Q) the room at scale 1.
        budget: What may be spent.
    """
    ones = np.ones(len(prices.unlearn))
    first = np.broadcast_to(room, (len(counts), *variances.train.shape))[0]
    fill = _fill(variances.of_unit(ones, 1), first)
    best = Found(int(counts[0]), ones.astype(int), 1, float(counts[0] * prices.least), fill)
    low, scale, guess = 0.0, best.fill, best.fill * best.cost / budget
    while scale > 0:
        # Close in on the bracket, then ask whether anything at all is narrower than the best.
        is_close = scale - low <= 1e-4 * scale
        aim = min(max(guess, low + 0.1 * (scale - low)), scale - 0.1 * (scale - low))
        middle = scale * (1 - 1e-9) if is_close else aim
        found = least_cost(variances, prices, counts, room * middle)
        # A variance and its cost are about inverse; where nothing fits, halve what is left.
        guess = (middle + scale) / 2 if found is None else middle * found.cost / budget
        if found is not None and found.cost <= budget * (1 + TIE):
            scale = middle * min(found.fill, 1.0)
            best = found._replace(fill=scale)
        elif is_close:
            break
        else:
            low = middle
    return best


def _fill(variance: np.ndarray, room: np.ndarray) -> float:
    """Return the greatest ratio of a variance to its room; 0 / 0 is 0."""
    ratio = np.zeros_like(variance)
    np.divide(variance, room, out=ratio, where=variance > 0)
    return float(ratio.max())
