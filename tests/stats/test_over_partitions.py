"""Plans over random partitions against brute force over P, I, J and K."""

import itertools

import numpy as np
import pytest
from scipy import stats

from seedwise.stats.assured import Assurance, PairAssurance, assured_cost, assured_for_budget
from seedwise.stats.demands import Equivalence, HalfWidth, Power
from seedwise.stats.over_partitions import of_partition, over_training
from seedwise.stats.pilot import Pilot
from seedwise.stats.planner import (
    PairVariances,
    best_for,
    best_pair_for,
    cheapest_for,
    over_methods,
    over_pair,
)
from seedwise.stats.search import Prices, Variances


def column(*values):
    return np.array(values, dtype=float)[:, None]


METHODS = Variances(column(1.0, 0.4), column(2.0, 3.0), column(0.0, 0.5))
PAIR = PairVariances(np.array([0.5]), column(2.0, 3.0), column(0.0, 0.5))
BETWEEN = {"methods": column(0.3, 0.5), "pair": np.array([0.2])}
SEARCHES = {"methods": (METHODS, over_methods, best_for), "pair": (PAIR, over_pair, best_pair_for)}


def prices(partition, most=40):
    return Prices(4.0, np.array([1.0, 0.6]), 0.2, np.array([np.inf, np.inf]), partition, most)


def cost(given, p, i, runs, k):
    return p * (given.partition + i * float(given.of_unit(np.array(runs), k)))


def variance(kind, i, runs, k):
    """The variance of a partition's mean, written out."""
    parts = SEARCHES[kind][0]
    noise = [(parts.unlearn[m] + parts.evaluation[m] / k) / runs[m] for m in (0, 1)]
    if kind == "pair":
        return BETWEEN[kind] + (parts.train + noise[0] + noise[1]) / i
    return max(BETWEEN[kind][m] + (parts.train[m] + noise[m]) / i for m in (0, 1))


def everything(p_most=24, i_most=12, j_most=13, k_most=3):
    seeds = range(1, j_most), range(1, j_most), range(1, k_most)
    return itertools.product(range(2, p_most), range(1, i_most), *seeds)


def cheapest(kind, demand, given):
    parts, search, _ = SEARCHES[kind]

    def solve(low, high):
        own = given.of_partition(low)
        inside = search(of_partition(parts, BETWEEN[kind], high), own)
        return cheapest_for([demand], inside, own.least)

    return over_training(solve, given.most_inside, lambda found: found.cost)


@pytest.mark.parametrize("kind", SEARCHES)
@pytest.mark.parametrize("partition", [0.0, 30.0])
@pytest.mark.parametrize("demand", [HalfWidth(1.0), Power(1.2), Equivalence(1.3)])
def test_the_cheapest_design_of_any_target(kind, partition, demand):
    given = prices(partition)
    room = demand.room(np.arange(2, 30))
    best = min(
        cost(given, p, i, (a, b), k)
        for p, i, a, b, k in everything()
        if variance(kind, i, (a, b), k) <= room[p - 2] * (1 + 1e-12)
    )
    found = cheapest(kind, demand, given)
    assert found.cost == pytest.approx(best)
    assert found.cost == pytest.approx(
        cost(given, found.training, found.inside, found.runs, found.evaluations)
    )
    if partition == 0:
        assert found.inside == 1


@pytest.mark.parametrize("kind", SEARCHES)
def test_the_narrowest_design_of_a_budget(kind):
    given, budget = prices(30.0), 400.0
    parts, _, best_of = SEARCHES[kind]
    room = HalfWidth(1.0).room(np.arange(2, 30))
    best = min(
        np.max(variance(kind, i, (a, b), k)) / room[p - 2]
        for p, i, a, b, k in everything(j_most=20)
        if cost(given, p, i, (a, b), k) <= budget
    )

    def solve(low, high):
        own = of_partition(parts, BETWEEN[kind], high)
        return best_of([HalfWidth(1.0)], own, given.of_partition(low), budget)

    found = over_training(solve, given.most_inside, lambda one: one.fill)
    assert found.fill == pytest.approx(best)
    assert found.cost <= budget


def pilot():
    shape = (2, 1)
    squares = {"units": 1.6, "runs": 2.5, "noise": 0.4, "partitions": 1.0}
    df = {"units_df": 18.0, "runs_df": 72.0, "noise_df": 96.0, "partitions_df": 8.0}
    counts = {"unlearning": 4.0, "evaluations": 2.0, "training": 3.0}
    values = {**squares, **df, **counts}
    return Pilot(**{name: np.full(shape, values[name]) for name in Pilot._fields})


@pytest.mark.parametrize("demand", [HalfWidth(1.3), Power(1.5), Equivalence(1.6)])
def test_the_assured_design_meets_its_target_in_that_share_of_draws_at_the_least_cost(demand):
    given = prices(12.0, most=6)
    plan = Assurance([demand], pilot().draws, 0.8, pilot().between)
    best = np.inf
    for p, i, k in itertools.product(range(2, 24), range(1, 7), range(1, 11)):
        runs = plan.needed(p, k, i)
        if np.isfinite(runs).all():
            best = min(best, cost(given, p, i, runs, k))
            assert plan.fill(p, runs, k, i) <= 1 + 1e-6
            if (runs > 1).all():
                assert plan.fill(p, runs - 1, k, i) > 1 - 1e-3
    assert assured_cost(plan, given).cost == pytest.approx(best)


def test_an_assured_pair_over_partitions():
    given, draws = prices(12.0, most=6), pilot().draws
    both = PairVariances(draws.train[0], draws.unlearn, draws.evaluation)
    plan = PairAssurance([HalfWidth(1.5)], both, given, 0.8, pilot().between[0])
    best = np.inf
    for p, i, k in itertools.product(range(2, 24), range(1, 7), range(1, 11)):
        runs = plan.needed(p, k, i)
        if np.isfinite(runs).all():
            best = min(best, cost(given, p, i, runs, k))
            assert plan.fill(p, runs, k, i) <= 1 + 1e-6
    assert assured_cost(plan, given).cost == pytest.approx(best)


def test_the_assured_design_of_a_budget_is_as_narrow_as_any():
    given, budget = prices(12.0, most=12), 300.0
    plan = Assurance([HalfWidth(1.0)], pilot().draws, 0.8, pilot().between)

    def solve(low, high):
        own = of_partition(METHODS, BETWEEN["methods"], high)
        return best_for([HalfWidth(1.0)], own, given.of_partition(low), budget)

    start = over_training(solve, 12, lambda one: one.fill)
    found = assured_for_budget(plan, given, budget, start)
    assert found.cost <= budget
    designs = itertools.product(range(2, 12), range(1, 8), range(1, 7), range(1, 7), range(1, 3))
    best = min(
        plan.fill(p, np.array([a, b]), k, i)
        for p, i, a, b, k in designs
        if budget * 0.8 < cost(given, p, i, (a, b), k) <= budget
    )
    assert found.fill <= best * (1 + 5e-3)


def test_draws_between_partitions_are_those_of_their_mean_squares():
    draws = pilot().between[0, 0]
    assert np.median(draws) == pytest.approx(1.0 * 8 / 7.344 - 1.6 / 3, abs=0.04)
    lone = pilot()._replace(
        units_df=np.zeros((2, 1)), units=np.zeros((2, 1)), training=np.ones((2, 1))
    )
    assert np.median(lone.between[0, 0]) == pytest.approx(1.0 * 8 / 7.344 - 2.5 / 4, abs=0.04)
    assert not lone.draws.train.any()


def test_nothing_within_reach_is_none():
    given = prices(1.0)
    assert cheapest("methods", HalfWidth(1e-3), given) is None


def nested_sample(rng, partitions, inside, runs):
    """Values (P, I, J) with s_p^2 = 1, s_t^2 = .8, s_u^2 = .8."""
    shape = (partitions, inside, runs)
    spread = rng.normal(size=(partitions, 1, 1)) + 0.9 * rng.normal(size=(partitions, inside, 1))
    return spread + 0.9 * rng.normal(size=shape)


def estimated(values):
    """A pilot's mean squares, and its plug-in components."""
    partitions, inside, runs = values.shape
    means = values.mean(axis=2)
    squares = (
        means.var(axis=1, ddof=1).mean(),
        partitions * (inside - 1),
        values.var(axis=2, ddof=1).mean(),
        partitions * inside * (runs - 1),
        0.0,
        0.0,
        runs,
        1.0,
        means.mean(axis=1).var(ddof=1),
        partitions - 1,
        inside,
    )
    found = Pilot(*(np.array([[float(value)]]) for value in squares))
    train = max(squares[0] - squares[2] / runs, 0.0)
    between = max(squares[8] - squares[0] / inside, 0.0)
    parts = Variances(*(np.array([[v]]) for v in (train, squares[2], 0.0)))
    return found, parts, np.array([[between]])


def test_assured_plans_over_partitions_meet_their_target_and_plug_in_plans_half_of_the_time():
    rng, given = np.random.default_rng(3), Prices(4.0, np.ones(1), 0.0, np.array([np.inf]), 9.0, 6)
    demand, met = [HalfWidth(0.8)], {"plug-in": 0, "assured": 0}
    for _ in range(100):
        own, parts, between = estimated(nested_sample(rng, 10, 3, 3))

        def solve(low, high, parts=parts, between=between):
            prices = given.of_partition(low)
            inside = over_methods(of_partition(parts, between, high), prices)
            return cheapest_for(demand, inside, prices.least)

        plug_in = over_training(solve, 6, lambda found: found.cost)
        safe = assured_cost(Assurance(demand, own.draws, 0.8, own.between), given, start=plug_in)
        for name, plan in (("plug-in", plug_in), ("assured", safe)):
            values = nested_sample(rng, plan.training, plan.inside, plan.runs[0])
            spread = values.mean(axis=(1, 2)).std(ddof=1)
            half = stats.t.ppf(0.975, plan.training - 1) * spread / plan.training**0.5
            met[name] += half <= 0.8
    assert met["assured"] / 100 == pytest.approx(0.81, abs=0.12)
    assert met["plug-in"] / 100 < 0.64
