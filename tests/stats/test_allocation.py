"""The planner's kernel against brute force, and what it refuses."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seedwise.stats.allocation import best_for_budget, cheapest


def half_width(train, unlearn, evaluation, i, j, k, level=0.95):
    variance = train / i + unlearn / (i * j) + evaluation / (i * j * k)
    return stats.t.ppf(0.5 + level / 2, i - 1) * np.sqrt(variance)


def brute_cheapest(problem, target, most=(40, 60, 10)):
    """Try every (I, J, K)."""
    train, unlearn, evaluation, c_train, c_unlearn, c_eval = problem
    costs = [
        (i * (c_train + j * (c_unlearn + k * c_eval)), i, j, k)
        for i, j, k in itertools.product(*(range(1, n + 1) for n in most))
        if i >= 2 and half_width(train, unlearn, evaluation, i, j, k) <= target * (1 + 1e-12)
    ]
    return min(costs)[0]


PROBLEMS = [
    (4.0, 4.0, 0.0, 10.0, 1.0, 0.0),
    (1.0, 9.0, 0.0, 3.0, 1.0, 0.0),
    (1.0, 1.0, 6.0, 5.0, 2.0, 0.1),
    (0.0, 5.0, 2.0, 2.0, 1.0, 0.5),
    (5.0, 0.0, 0.0, 2.0, 1.0, 0.0),
]


def given_as(problem):
    names = ["var_train", "var_unlearn", "var_eval", "cost_train", "cost_unlearn", "cost_eval"]
    return dict(zip(names, problem, strict=True))


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("target", [1.2, 2.0, 3.7])
def test_the_cheapest_design_is_the_one_of_brute_force(problem, target):
    found = cheapest(**given_as(problem), half_width=target)
    assert found.cost == pytest.approx(brute_cheapest(problem, target))
    assert found.half_width <= target * (1 + 1e-9)
    assert found.half_width == pytest.approx(half_width(*problem[:3], found.I, found.J, found.K))


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("budget", [30.0, 77.0, 150.0])
def test_the_best_design_for_a_budget_is_the_one_of_brute_force(problem, budget):
    train, unlearn, evaluation, c_train, c_unlearn, c_eval = problem
    widths = [
        half_width(train, unlearn, evaluation, i, j, k)
        for i, j, k in itertools.product(range(2, 80), range(1, 80), range(1, 11))
        if i * (c_train + j * (c_unlearn + k * c_eval)) <= budget * (1 + 1e-12)
    ]
    found = best_for_budget(**given_as(problem), budget=budget)
    assert found.cost <= budget * (1 + 1e-9)
    assert found.half_width == pytest.approx(min(widths), rel=1e-8)


def test_several_methods_and_metrics_against_brute_force():
    train = np.array([[1.0, 0.2], [2.0, 0.1]])
    unlearn = np.array([[3.0, 0.9], [0.0, 0.0]])
    costs, targets = np.array([1.0, 0.5]), np.array([1.5, 0.6])
    best = np.inf
    for i, j, m in itertools.product(range(2, 30), range(1, 30), range(1, 4)):
        widths = np.stack(
            [half_width(train[n], unlearn[n], 0.0, i, runs, 1) for n, runs in enumerate((j, m))]
        )
        if (widths <= targets).all():
            best = min(best, i * (4.0 + j * costs[0] + m * costs[1]))
    found = cheapest(
        var_train=train,
        var_unlearn=unlearn,
        cost_train=3.0,
        cost_reference=1.0,
        cost_unlearn=costs,
        half_width=targets,
    )
    assert found.cost == pytest.approx(best)
    assert found.J[1] == 1  # a deterministic method runs once


def test_methods_alike_share_the_training_cost():
    one = cheapest(
        var_train=1.0, var_unlearn=4.0, cost_train=10.0, cost_unlearn=1.0, half_width=1.0
    )
    five = cheapest(
        var_train=1.0, var_unlearn=4.0, cost_train=10.0, cost_unlearn=1.0, methods=5, half_width=1.0
    )
    assert isinstance(five.J, int)
    assert five.cost < 5 * one.cost
    assert five.cost == pytest.approx(five.I * (10.0 + 5 * five.J))


positive = st.floats(0.05, 20.0)


@settings(max_examples=40, deadline=None)
@given(positive, positive, positive, positive, positive, positive)
def test_units_do_not_matter(train, unlearn, c_train, c_unlearn, scale, money):
    widths = 0.9 * half_width(train, unlearn, 0, 3, 1, 1)
    plain = cheapest(
        var_train=train,
        var_unlearn=unlearn,
        cost_train=c_train,
        cost_unlearn=c_unlearn,
        half_width=widths,
    )
    scaled = cheapest(
        var_train=train * scale**2,
        var_unlearn=unlearn * scale**2,
        cost_train=c_train * money,
        cost_unlearn=c_unlearn * money,
        half_width=widths * scale,
    )
    assert scaled.cost == pytest.approx(plain.cost * money)


@settings(max_examples=40, deadline=None)
@given(positive, positive, positive, positive, st.floats(10.0, 500.0))
def test_more_money_never_buys_a_wider_interval(train, unlearn, c_train, c_unlearn, budget):
    problem = {
        "var_train": train,
        "var_unlearn": unlearn,
        "cost_train": c_train,
        "cost_unlearn": c_unlearn,
    }
    start = 2 * (c_train + c_unlearn) + budget
    less, more = (best_for_budget(**problem, budget=money) for money in (start, start * 1.5))
    assert more.half_width <= less.half_width * (1 + 1e-9)


def test_the_optimal_number_of_runs_follows_the_published_square_root():
    """J* = sqrt((c_t / c_u)(s_u^2 / s_t^2)) up to rounding, whatever the budget."""
    for budget in (2_000.0, 20_000.0):
        found = best_for_budget(
            var_train=1.0, var_unlearn=4.0, cost_train=16.0, cost_unlearn=1.0, budget=budget
        )
        assert abs(found.J - np.sqrt(16 * 4)) <= 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"var_train": -1.0}, "variance of 'train' must be finite and not negative"),
        ({"var_unlearn": np.nan}, "variance of 'unlearn'"),
        ({"cost_train": 0.0}, "costs of training and unlearning must be positive"),
        ({"cost_unlearn": -1.0}, "must be positive"),
        ({"half_width": 0.0}, "half-width must be positive"),
        ({"half_width": 1e-9}, r"out of reach with 2000 training seeds .* reachable is 0\.0439$"),
        ({"half_width": [1e-9, 5.0]}, r"closest reachable is 0\.0439, 5"),
        ({"level": 1.0}, "level must lie between 0 and 1"),
        ({"cost_unlearn": np.inf}, "costs must be finite"),
        ({"cost_eval": -1.0}, "the others not negative"),
        ({"min_training": 2001}, "at most 2000 are considered"),
        ({"methods": 0}, "numbers of methods contradict each other or are none"),
        ({"methods": 3, "var_train": [1.0, 2.0]}, "numbers of methods contradict"),
        ({"var_train": [1.0, 2.0], "cost_unlearn": [1.0, 1.0, 1.0]}, "numbers of methods"),
        ({"var_train": [[1.0, 2.0]], "half_width": [1.0, 1.0, 1.0]}, "numbers of metrics"),
        ({"var_train": np.ones((1, 1, 1))}, "variances are"),
    ],
)
def test_what_makes_no_sense_is_refused(change, message):
    problem = {
        "var_train": 1.0,
        "var_unlearn": 1.0,
        "cost_train": 1.0,
        "cost_unlearn": 1.0,
        "half_width": 1.0,
    }
    with pytest.raises(ValueError, match=message):
        cheapest(**{**problem, **change})


@pytest.mark.parametrize("variance", [0.9, 1.0, 1.1, 7.3])
def test_the_closest_reachable_half_width_is_within_reach(variance):
    problem = {"var_train": variance, "var_unlearn": 1.0, "cost_train": 1.0, "cost_unlearn": 1.0}
    with pytest.raises(ValueError, match="closest reachable") as refused:
        cheapest(**problem, half_width=1e-9)
    closest = float(str(refused.value).rpartition(" ")[2])
    assert cheapest(**problem, half_width=closest).half_width <= closest
    with pytest.raises(ValueError, match="out of reach"):
        cheapest(**problem, half_width=0.97 * closest)


def test_methods_alike_may_have_several_metrics():
    many = {"var_train": [[1.0, 2.0]], "var_unlearn": 4.0, "half_width": [1.0, 2.0]}
    written = {"var_train": [[1.0, 2.0]] * 3, "var_unlearn": 4.0, "half_width": [1.0, 2.0]}
    costs = {"cost_train": 10.0, "cost_unlearn": 1.0}
    assert cheapest(**many, **costs, methods=3) == cheapest(**written, **costs)


@pytest.mark.parametrize("budget", [0.0, -1.0, np.nan, np.inf])
def test_a_budget_is_a_number_above_zero(budget):
    with pytest.raises(ValueError, match="budget must be a number above 0"):
        best_for_budget(
            var_train=1.0, var_unlearn=1.0, cost_train=1.0, cost_unlearn=1.0, budget=budget
        )


def test_a_budget_that_buys_nothing_says_what_would():
    with pytest.raises(ValueError, match=r"buys 1 training seeds .* 2 of them cost 22"):
        best_for_budget(
            var_train=1.0, var_unlearn=1.0, cost_train=10.0, cost_unlearn=1.0, budget=15.0
        )
