"""What a plan is made for: the components of a pilot, or assumed ones, with their prices.

Columns are places, i.e. pairs of task and metric; rows are methods. A pair of methods has the
variance of its difference in place of the variance between training seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from seedwise.stats.assured import Assurance, PairAssurance
from seedwise.stats.demands import Demand
from seedwise.stats.over_partitions import of_partition, over_training
from seedwise.stats.planner import (
    PairVariances,
    Search,
    best_for,
    best_pair_for,
    cheapest_for,
    over_methods,
    over_pair,
)
from seedwise.stats.search import MAX_EVALUATION, Found, Prices, Variances


class Place(NamedTuple):
    """A task and a metric."""

    task: str
    metric: str

    @property
    def name(self) -> str:
        """Return what it is called: the metric, with its task where tasks have names."""
        return f"{self.metric} ({self.task})" if self.task else self.metric


class Between(NamedTuple):
    """The variance between random partitions, shaped as that between training seeds.

    Args:
        variance: (M, Q), of a pair (Q,).
        draws: Draws of it from a pilot, with a last axis (D,).
    """

    variance: np.ndarray
    draws: np.ndarray


@dataclass(frozen=True)
class Problem:
    """Variances and prices that a plan is made with.

    Units are what an interval counts: training seeds, or random partitions where there are any.
    With several fixed partitions a unit is one training seed number in all of them: variances are
    those of its mean, prices are paid in each partition.

    Args:
        methods: (M,) names; for a pair the two, the second may be `retrain`.
        places: (Q,) what is planned for.
        variances: Components, of each method or of the difference of a pair.
        prices: The costs.
        draws: Draws of the components from a pilot, None where they are assumed.
        between: The variance between random partitions, None without them.
        blocks: Number of fixed partitions.
        softness: (M, Q), of a pair (1, Q), relative standard error of the variance between units;
            None if assumed.
        notes: What a reader should know.
    """

    methods: tuple[str, ...]
    places: tuple[Place, ...]
    variances: Variances | PairVariances
    prices: Prices
    draws: Variances | PairVariances | None = None
    between: Between | None = None
    blocks: int = 1
    softness: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """What an interval counts."""
        return "training seed" if self.between is None else "partition"

    @property
    def search(self) -> Search:
        """The search for given units."""
        if isinstance(self.variances, PairVariances):
            return over_pair(self.variances, self.prices)
        return over_methods(self.variances, self.prices)

    def at(self, inside: int) -> Problem:
        """Return the problem whose units are partitions with so many training seeds in each.

        Without random partitions it is the problem itself.
        """
        return self._over(inside, inside)

    def _over(self, low: int, high: int) -> Problem:
        """Return partitions with the prices of few and the variances of many training seeds."""
        if self.between is None:
            return self
        variance, own = self.between
        return replace(
            self,
            variances=of_partition(self.variances, variance, high),
            prices=self.prices.of_partition(low),
            draws=None if self.draws is None else of_partition(self.draws, own, high),
            between=None,
        )

    def _over_training(
        self, solve: Callable[[Problem], Found | None], worth: Callable[[Found], float]
    ) -> Found | None:
        """Return the best of the designs with any number of training seeds in each partition."""
        if self.between is None:
            return solve(self)
        most = self.prices.most_inside
        return over_training(lambda low, high: solve(self._over(low, high)), most, worth)

    def cheapest(self, demands: Sequence[Demand], fewest: int) -> Found | None:
        """Return the cheapest design that meets the targets."""

        def solve(one: Problem) -> Found | None:
            return cheapest_for(demands, one.search, one.prices.least, fewest)

        return self._over_training(solve, lambda found: found.cost)

    def best(self, demands: Sequence[Demand], budget: float, fewest: int) -> Found | None:
        """Return the design with the narrowest worst interval for a budget."""

        def solve(one: Problem) -> Found | None:
            if isinstance(one.variances, PairVariances):
                return best_pair_for(demands, one.variances, one.prices, budget, fewest)
            return best_for(demands, one.variances, one.prices, budget, fewest)

        return self._over_training(solve, lambda found: found.fill)

    def assurance(
        self, demands: Sequence[Demand], share: float | None
    ) -> Assurance | PairAssurance | None:
        """Return what must hold in a share of the draws, None without draws."""
        if self.draws is None or share is None:
            return None
        between = 0.0 if self.between is None else self.between.draws
        if isinstance(self.draws, PairVariances):
            return PairAssurance(demands, self.draws, self.prices, share, between)
        return Assurance(demands, self.draws, share, between)

    def of_unit(self, runs: np.ndarray, evaluations: int) -> np.ndarray:
        """Return the variance of a training seed's mean: (M, Q), of a pair (1, Q)."""
        return np.atleast_2d(self.variances.of_unit(runs, evaluations))

    @property
    def floor(self) -> np.ndarray:
        """The variance (Q,) of a unit that nothing inside it goes below, the worst method."""
        most = np.minimum(self.prices.most_runs, 1e12)
        return self.at(self.prices.most_inside).of_unit(most, MAX_EVALUATION).max(axis=0)

    @property
    def spread(self) -> np.ndarray:
        """The standard deviation (Q,) of a single run, the greatest over methods."""
        ones = np.ones(len(self.methods))
        return np.sqrt(self.at(1).of_unit(ones, 1).max(axis=0))
