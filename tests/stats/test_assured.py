"""The assured plan against an exhaustive search, the F-predictive rule, and simulated studies."""

import numpy as np
import pytest
from scipy import stats

from seedwise.stats.assured import Assurance, PairAssurance, assured_cost, assured_for_budget
from seedwise.stats.demands import HalfWidth, Power
from seedwise.stats.pilot import Pilot, pivot, relative_error
from seedwise.stats.planner import PairVariances, best_for, cheapest_for, over_methods
from seedwise.stats.power import assured_training
from seedwise.stats.search import Found, Prices, Variances

PRICES = Prices(6.0, np.array([1.0]), 0.0, np.array([np.inf]))


def pilot(units=2.0, runs=3.0, count=10, unlearning=4.0):
    values = (units, count - 1, runs, count * (unlearning - 1), 0.0, 0.0, unlearning, 1.0)
    return Pilot(*(np.array([[float(value)]]) for value in values))


def test_draws_agree_with_the_theory_of_their_quantiles():
    found = pivot(np.array([[2.0]]), np.array([[9.0]]), 0)[0, 0]
    for share in (0.1, 0.5, 0.9):
        exact = 2.0 * 9 / stats.chi2.ppf(1 - share, 9)
        assert np.quantile(found, share) == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize("demand", [HalfWidth(0.9), Power(1.1)])
def test_branch_and_bound_finds_what_all_training_seeds_give(demand):
    plan = Assurance([demand], pilot().draws, 0.8)
    best = min(
        (count * PRICES.of_unit(runs, 1), count)
        for count in range(2, 120)
        if np.isfinite(runs := plan.needed(count, 1)).all()
    )
    found = assured_cost(plan, PRICES)
    assert found.cost == pytest.approx(best[0])


def test_more_runs_are_needed_for_more_assurance_and_fewer_for_more_seeds():
    plans = [Assurance([HalfWidth(0.9)], pilot().draws, share) for share in (0.5, 0.8, 0.95)]
    costs = [assured_cost(plan, PRICES).cost for plan in plans]
    assert costs == sorted(costs)
    needed = [plans[1].needed(count, 1)[0] for count in range(20, 80)]
    assert needed == sorted(needed, reverse=True)


def test_with_unchanged_runs_it_is_the_f_predictive_rule():
    given = pilot(units=2.0, runs=1.0, count=10, unlearning=4.0)
    exact = assured_training(2.0, 10, 0.8)
    plan = Assurance([HalfWidth(0.8)], given.draws, 0.8)
    enough = [count for count in range(exact - 3, exact + 4) if plan.needed(count, 1)[0] <= 4]
    assert abs(enough[0] - exact) <= 1


def simulated(rng, count, runs, spread=(1.0, 2.0)):
    means = spread[0] ** 0.5 * rng.normal(size=count)
    return means[:, None] + spread[1] ** 0.5 * rng.normal(size=(count, runs))


def test_assured_plans_meet_their_target_and_plug_in_plans_half_of_the_time():
    rng, target, met = np.random.default_rng(5), 0.8, {"plug-in": 0, "assured": 0}
    for _ in range(150):
        values = simulated(rng, 8, 3)
        units, runs = values.mean(1).var(ddof=1), values.var(axis=1, ddof=1).mean()
        given = pilot(units, runs, 8, 3.0)
        train = max(units - runs / 3, 0.0)
        variances = Variances(*(np.array([[v]]) for v in (train, runs, 0.0)))
        plans = {
            "plug-in": cheapest_for(
                [HalfWidth(target)], over_methods(variances, PRICES), PRICES.least
            ),
            "assured": assured_cost(Assurance([HalfWidth(target)], given.draws, 0.8), PRICES),
        }
        for name, plan in plans.items():
            means = simulated(rng, plan.training, plan.runs[0]).mean(1)
            half = stats.t.ppf(0.975, plan.training - 1) * means.std(ddof=1) / plan.training**0.5
            met[name] += half <= target
    assert met["assured"] / 150 == pytest.approx(0.83, abs=0.1)
    assert met["plug-in"] / 150 < 0.62


def test_an_assured_pair_against_all_its_runs():
    noise = pilot(runs=2.0).draws.unlearn[0]
    draws = PairVariances(
        pilot(1.0).draws.train[0], np.stack([noise, noise / 2]), 0 * np.stack([noise, noise])
    )
    prices = Prices(5.0, np.array([1.0, 0.5]), 0.0, np.full(2, np.inf))
    plan = PairAssurance([HalfWidth(0.9)], draws, prices, 0.8)
    runs = plan.needed(20, 1)
    costs = [
        a + 0.5 * b
        for a in range(1, 60)
        for b in range(1, 60)
        if plan.fill(20, np.array([a, b]), 1) <= 1
    ]
    assert runs @ prices.unlearn == pytest.approx(min(costs), abs=0.51)
    assert assured_cost(plan, prices).cost <= 20 * (5.0 + min(costs)) + 1e-9


def test_the_assured_design_of_a_budget_is_within_it_and_not_worse_than_the_plug_in():
    variances = Variances(*(np.array([[v]]) for v in (1.25, 3.0, 0.0)))
    start = best_for([HalfWidth(1.0)], variances, PRICES, 200.0)
    plan = Assurance([HalfWidth(1.0)], pilot().draws, 0.8)
    found = assured_for_budget(plan, PRICES, 200.0, start)
    assert found.cost <= 200.0 * (1 + 1e-9)
    assert start.fill < found.fill <= plan.fill(start.training, start.runs, 1)


def test_what_is_out_of_reach_is_none():
    assert assured_cost(Assurance([HalfWidth(1e-4)], pilot().draws, 0.8), PRICES) is None
    start = Found(10, np.array([1]), 1, 70.0, 1.0)
    assert (
        assured_cost(Assurance([HalfWidth(1e-4)], pilot().draws, 0.8), PRICES, start=start) is None
    )


@pytest.mark.parametrize(
    ("count", "unlearning", "error"), [(75, 10, 0.18), (10, 5, 0.57), (5, 5, 0.85)]
)
def test_softness_as_published(count, unlearning, error):
    """At rho = .5: s_t^2 = s_u^2 = 1."""
    given = pilot(1 + 1 / unlearning, 1.0, count, float(unlearning))
    assert relative_error(given, np.array([[1.0]])).item() == pytest.approx(error, abs=0.006)
