import numpy as np
import pytest
from scipy import stats

from seedwise.stats.demands import HalfWidth
from seedwise.stats.pilot import Pilot
from seedwise.stats.planner import cheapest_for, over_methods
from seedwise.stats.search import Prices, Variances
from seedwise.stats.tradeoffs import continuous_optimum, marginal_gains, needed_range, profile

VARIANCES = Variances(*(np.array([[v]]) for v in (1.0, 4.0, 0.0)))
PRICES = Prices(16.0, np.array([1.0]), 0.0, np.array([np.inf]))


def test_the_square_roots_minimise_cost_times_variance():
    found = continuous_optimum(
        var_train=1.0,
        var_unlearn=4.0,
        var_eval=9.0,
        cost_once=16.0,
        cost_unlearn=2.0,
        cost_eval=0.1,
    )

    def product(j, k):
        return (16 + j * (2 + k * 0.1)) * (1 + (4 + 9 / k) / j)

    here = product(found.J, found.K)
    assert all(
        product(found.J * a, found.K * b) >= here * (1 - 1e-12)
        for a in (0.97, 1, 1.03)
        for b in (0.97, 1, 1.03)
    )


def test_evaluations_at_one_run_have_their_own_root():
    found = continuous_optimum(
        var_train=9.0, var_unlearn=1.0, var_eval=5.0, cost_once=2.0, cost_unlearn=1.0, cost_eval=0.1
    )
    assert found.J < 1
    assert pytest.approx(np.sqrt((3.0 / 0.1) * (5.0 / 10.0))) == found.K


def test_without_one_kind_of_variance_the_optimum_is_at_an_end():
    ask = {"cost_once": 1.0, "cost_unlearn": 1.0}
    assert np.inf == continuous_optimum(var_train=0.0, var_unlearn=1.0, **ask).J
    assert continuous_optimum(var_train=1.0, var_unlearn=0.0, **ask).J == 0


def test_gains_are_the_half_widths_of_the_neighbours():
    t = [stats.t.ppf(0.975, df) for df in (9, 10)]
    found = marginal_gains(VARIANCES, PRICES, np.array([2.0]), t, (10, np.array([4]), 1))
    assert found.half_width == pytest.approx(t[0] * np.sqrt(2 / 10) / 2)
    assert found.unit == pytest.approx((20.0, t[1] * np.sqrt(2 / 11) / 2))
    assert found.unlearning == pytest.approx((10.0, t[0] * np.sqrt((1 + 4 / 5) / 10) / 2))


def test_a_deterministic_method_has_no_gain_of_a_run():
    alone = PRICES._replace(most_runs=np.array([1.0]))
    found = marginal_gains(VARIANCES, alone, np.ones(1), [2.0, 2.0], (10, np.array([1]), 1))
    assert found.unlearning is None


def test_the_profile_holds_the_cheapest_plan():
    demand = [HalfWidth(0.9)]
    best = cheapest_for(demand, over_methods(VARIANCES, PRICES), PRICES.least)
    found = profile(VARIANCES, PRICES, demand, 1)
    assert found.cost.min() == pytest.approx(best.cost)
    assert found.J[found.cost.argmin()] == best.runs[0]
    low, high = found.flat(best.cost)
    assert low <= best.runs[0] <= high
    inside = found.cost[low - 1 : high]
    assert inside.min() >= best.cost * (1 - 1e-12)


def test_a_bigger_pilot_makes_a_harder_plan():
    ranges = []
    for count in (8, 80):
        values = (2.0, count - 1, 4.0, 3.0 * count, 0.0, 0.0, 4.0, 1.0)
        draws = Pilot(*(np.array([[float(v)]]) for v in values)).draws
        ranges.append(needed_range(draws, np.array([4]), 1, [HalfWidth(0.9)]))
    assert ranges[0][0] <= ranges[1][0] < ranges[1][1] < ranges[0][1]
