"""Each stopping rule as a whole, by simulation: its own interval covers as it says."""

import numpy as np
import pytest

from seedwise.stats.rules import Goal, Rule, usual_looks

MOST = 250


def follow(rule, row, most=MOST):
    """Return how many training seeds a rule ends with."""
    count = rule.pilot
    while True:
        following = rule.next_count(row[:count])
        if following is None or following == count or following > most:
            return count
        count = following


def ends(rule, replications=800, shift=0.0, seed=11):
    draws = np.random.default_rng(seed).normal(size=(replications, MOST)) + shift
    return [(row[: follow(rule, row)]) for row in draws]


RULES = {
    "stein": Rule("stein", Goal("half-width", 0.5), pilot=6),
    "looks": Rule("looks", Goal("half-width", 0.5), pilot=6, looks=usual_looks(6)),
    "anytime": Rule("anytime", Goal("half-width", 0.6), pilot=6),
}


@pytest.mark.parametrize("name", RULES)
def test_the_rules_interval_covers(name):
    rule = RULES[name]
    found = [rule.interval(values) for values in ends(rule)]
    covered = np.mean([one.low <= 0 <= one.high for one in found])
    assert covered >= 0.95 - 0.018


@pytest.mark.parametrize("name", ["stein", "anytime"])
def test_the_target_is_reached(name):
    rule = RULES[name]
    reached = [rule.goal.is_reached(rule.interval(values)) for values in ends(rule, 300)]
    assert np.mean(reached) > 0.97


def test_stopping_when_the_plain_interval_is_narrow_enough_covers_less():
    """What the rules are for: the plain t interval at the same stopping times."""
    from scipy import stats

    missed = 0
    draws = np.random.default_rng(3).normal(size=(1500, 200))
    for row in draws:
        for count in range(3, 200):
            half = stats.t.ppf(0.975, count - 1) * row[:count].std(ddof=1) / count**0.5
            if half <= 0.9:
                break
        missed += abs(row[:count].mean()) > half
    assert missed / len(draws) > 0.07


@pytest.mark.parametrize("name", ["stein", "looks", "anytime"])
def test_no_difference_is_claimed_too_often(name):
    goal = Goal("difference", 0.8)
    rule = Rule(name, goal, pilot=6, looks=usual_looks(6))
    claimed = (
        [goal.is_reached(rule.interval(v)) for v in ends(rule, 400)]
        if name == "stein"
        else [
            rule.goal.is_reached(rule.interval(row[: follow(rule, row, 40)]))
            for row in np.random.default_rng(4).normal(size=(400, 60))
        ]
    )
    assert np.mean(claimed) <= 0.05 + 0.03


def test_steins_power_and_equivalence_are_what_was_planned():
    power = Rule("stein", Goal("difference", 1.0, 0.8), pilot=8)
    claimed = [power.goal.is_reached(power.interval(v)) for v in ends(power, 600, shift=1.0)]
    assert np.mean(claimed) == pytest.approx(0.83, abs=0.05)
    margin = Rule("stein", Goal("margin", 1.0, 0.8), pilot=8)
    inside = [margin.goal.is_reached(margin.interval(v)) for v in ends(margin, 600)]
    outside = [margin.goal.is_reached(margin.interval(v)) for v in ends(margin, 600, shift=1.0)]
    assert np.mean(inside) >= 0.77
    assert np.mean(outside) <= 0.05 + 0.025


def test_declared_looks_end_with_the_last():
    rule = Rule("looks", Goal("half-width", 1e-6), pilot=5, looks=(5, 9, 14))
    values = np.arange(14.0)
    assert [rule.next_count(values[:n]) for n in (5, 9, 14)] == [9, 14, None]


def test_the_pilots_spread_is_not_updated():
    rule = RULES["stein"]
    values = np.concatenate([np.arange(6.0), np.full(40, 100.0)])
    more = np.concatenate([np.arange(6.0), 100 + 50 * np.sin(np.arange(40.0))])
    widths = [np.diff(rule.interval(one)).item() for one in (values, more)]
    assert widths[0] == pytest.approx(widths[1])
    assert rule.df(46) == 5


def test_too_few_values_have_no_interval():
    assert np.isinf(RULES["stein"].interval(np.array([1.0, 2.0]))).all()
    assert np.isinf(RULES["looks"].interval(np.array([1.0]))).all()
