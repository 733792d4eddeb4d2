"""Pairs and blocks of training seeds against brute force."""

import itertools

import numpy as np
import pytest
from scipy import stats

from seedwise.stats.demands import Equivalence, HalfWidth, Power
from seedwise.stats.planner import (
    PairVariances,
    best_for,
    best_pair_for,
    cheapest_for,
    over_methods,
    over_pair,
)
from seedwise.stats.search import Prices, Variances

ONE = np.array([np.inf])
TWO = np.array([np.inf, np.inf])


def column(*values):
    return np.array(values, dtype=float)[:, None]


@pytest.mark.parametrize("demand", [HalfWidth(0.8), Power(1.0), Equivalence(1.3)])
def test_any_target_against_brute_force(demand):
    variances = Variances(column(1.0), column(2.5), column(0.8))
    prices = Prices(7.0, np.array([1.0]), 0.2, ONE)
    counts = np.arange(2, 80)
    room = demand.room(counts)
    costs = [
        i * (7.0 + j * (1.0 + k * 0.2))
        for (i, r), j, k in itertools.product(
            zip(counts, room, strict=True), range(1, 60), range(1, 11)
        )
        if 1.0 + (2.5 + 0.8 / k) / j <= r * (1 + 1e-12)
    ]
    found = cheapest_for([demand], over_methods(variances, prices), prices.least)
    assert found.cost == pytest.approx(min(costs))


def test_blocks_of_training_seeds_are_crossed():
    variances = Variances(column(1.0), column(1.0), column(0.0))
    prices = Prices(1.0, np.array([5.0]), 0.0, ONE)
    found = cheapest_for([HalfWidth(0.1)], over_methods(variances, prices), prices.least)
    needed = stats.t.ppf(0.975, found.training - 1) ** 2 * 2 / 0.01
    assert found.training >= needed > found.training - 2
    assert found.runs.tolist() == [1]


def test_a_deterministic_method_stays_at_one_run_with_evaluation_noise():
    variances = Variances(column(1.0), column(0.0), column(4.0))
    prices = Prices(100.0, np.array([0.1]), 1.0, np.array([1.0]))
    found = cheapest_for([HalfWidth(1.0)], over_methods(variances, prices), prices.least)
    assert found.runs.tolist() == [1]
    assert found.evaluations > 1


PAIRS = [
    (0.5, (2.0, 0.3), (0.0, 0.0), 5.0, (1.0, 0.4)),
    (-0.2, (2.0, 3.0), (0.0, 0.0), 5.0, (1.0, 2.0)),
    (0.3, (1.0, 0.0), (0.5, 0.5), 3.0, (0.5, 1.0)),
]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("demand", [HalfWidth(0.7), Power(0.9)])
def test_a_pair_against_brute_force(pair, demand):
    train, unlearn, noise, once, each = pair
    variances = PairVariances(np.array([train]), column(*unlearn), column(*noise))
    prices = Prices(once, np.array(each), 0.1, TWO)
    counts = np.arange(2, 40)
    best = np.inf
    evaluations = range(1, 11 if any(noise) else 2)
    for count, room in zip(counts, demand.room(counts), strict=True):
        for a, b, k in itertools.product(range(1, 40), range(1, 40), evaluations):
            total = train + (unlearn[0] + noise[0] / k) / a + (unlearn[1] + noise[1] / k) / b
            if max(total, 0) <= room * (1 + 1e-12):
                cost = count * (once + a * (each[0] + 0.1 * k) + b * (each[1] + 0.1 * k))
                best = min(best, cost)
    found = cheapest_for([demand], over_pair(variances, prices), prices.least)
    assert found.cost == pytest.approx(best)
    assert found.fill <= 1 + 1e-9


@pytest.mark.parametrize("pair", PAIRS)
def test_the_narrowest_pair_for_a_budget_against_brute_force(pair):
    train, unlearn, noise, once, each = pair
    variances = PairVariances(np.array([train]), column(*unlearn), column(*noise))
    prices = Prices(once, np.array(each), 0.1, TWO)
    best = np.inf
    for count in range(2, 25):
        room = HalfWidth(1.0).room(np.array([count]))[0]
        for a, b, k in itertools.product(range(1, 60), range(1, 60), range(1, 11)):
            cost = count * (once + a * (each[0] + 0.1 * k) + b * (each[1] + 0.1 * k))
            if cost <= 150 * (1 + 1e-12):
                total = variances.of_unit(np.array([a, b]), k)[0]
                best = min(best, total / room)
    found = best_pair_for([HalfWidth(1.0)], variances, prices, 150.0)
    assert found.fill == pytest.approx(best)
    assert found.cost <= 150 * (1 + 1e-9)


def test_a_budget_below_the_fewest_seeds_buys_nothing():
    variances = Variances(column(1.0), column(2.0), column(0.0))
    prices = Prices(4.0, np.array([1.0]), 0.0, ONE)
    assert best_for([HalfWidth(1.0)], variances, prices, 9.0) is None
    pair = PairVariances(np.array([1.0]), column(1.0, 1.0), column(0.0, 0.0))
    assert best_pair_for([HalfWidth(1.0)], pair, prices._replace(unlearn=np.ones(2)), 9.0) is None
