"""Each stopping rule as a whole, by simulation: its own interval covers as it says."""

import numpy as np
import pytest

from seedwise.stats.rules import Goal, Rule, usual_looks
from seedwise.stats.stopping import Interval

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
    reached = [rule.outcome(values) == "reached" for values in ends(rule, 300)]
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


def claim(kind, name, size=0.8):
    return Rule(name, Goal(kind, size), pilot=6, looks=usual_looks(6) if name == "looks" else ())


def shares(rule, shift, replications=500, seed=4):
    """Return how often a claim is reached, excluded and left open at the end."""
    draws = np.random.default_rng(seed).normal(size=(replications, 120)) + shift
    found = [rule.outcome(row[: follow(rule, row, 120)]) for row in draws]
    return {name: found.count(name) / replications for name in ("reached", "excluded", "open")}


NAMES = ("stein", "looks", "anytime")
ALLOWED = 0.05 + 3 * (0.05 * 0.95 / 500) ** 0.5
"""A rule of error .05 stays below it but in one of 1,000 simulations."""


@pytest.mark.parametrize("name", NAMES)
def test_no_difference_is_claimed_too_often(name):
    assert shares(claim("difference", name), 0.0)["reached"] <= ALLOWED


@pytest.mark.parametrize("name", NAMES)
def test_a_difference_that_is_there_is_not_excluded_too_often(name):
    assert shares(claim("difference", name), 0.8)["excluded"] <= ALLOWED


@pytest.mark.parametrize("name", NAMES)
def test_equivalence_at_the_margin_is_not_claimed_too_often(name):
    assert shares(claim("margin", name), 0.8)["reached"] <= ALLOWED


@pytest.mark.parametrize("name", NAMES)
def test_equivalence_within_the_margin_is_not_excluded_too_often(name):
    assert shares(claim("margin", name), 0.79)["excluded"] <= ALLOWED


@pytest.mark.parametrize(
    ("kind", "shift", "outcome"),
    [
        ("difference", 1.5, "reached"),
        ("difference", 0.0, "excluded"),
        ("margin", 0.0, "reached"),
        ("margin", 1.7, "excluded"),
    ],
)
@pytest.mark.parametrize("name", ["anytime", "looks"])
def test_a_claim_stops_when_it_is_settled(name, kind, shift, outcome):
    rule = claim(kind, name)
    row = np.random.default_rng(1).normal(size=120) + shift
    count = follow(rule, row, 120)
    assert rule.outcome(row[:count]) == outcome
    assert count < 120
    if count > rule.pilot:
        assert rule.outcome(row[: rule.pilot]) == "open"


def test_looking_after_every_seed_at_plain_intervals_claims_too_often():
    """What the bounds above would catch: the plain t interval in place of the rule's own."""
    from scipy import stats

    goal, wrong = Goal("difference", 0.2), 0
    for row in np.random.default_rng(4).normal(size=(500, 60)):
        for count in range(6, 61):
            half = stats.t.ppf(0.975, count - 1) * row[:count].std(ddof=1) / count**0.5
            found = goal.outcome(Interval(row[:count].mean() - half, row[:count].mean() + half))
            if found != "open":
                break
        wrong += found == "reached"
    assert wrong / 500 > 2 * ALLOWED


def test_steins_power_and_equivalence_are_what_was_planned():
    power = Rule("stein", Goal("difference", 1.0, 0.8), pilot=8)
    claimed = [power.outcome(v) == "reached" for v in ends(power, 600, shift=1.0)]
    assert np.mean(claimed) == pytest.approx(0.83, abs=0.05)
    margin = Rule("stein", Goal("margin", 1.0, 0.8), pilot=8)
    inside = [margin.outcome(v) == "reached" for v in ends(margin, 600)]
    assert np.mean(inside) >= 0.77


@pytest.mark.parametrize("name", NAMES)
def test_the_p_value_is_the_error_at_which_the_interval_ends_at_0(name):
    from dataclasses import replace

    values = np.random.default_rng(2).normal(size=12) + 0.9
    rule = claim("difference", name)
    p = rule.p_value(values)
    assert 0 < p < 0.5
    assert replace(rule, level=1 - p).interval(values).low == pytest.approx(0, abs=1e-9)
    assert rule.p_value(-values) == pytest.approx(p)
    margin = claim("margin", name)
    p = margin.p_equivalence(values, 2.0)
    assert replace(margin, level=1 - p).interval(values).high == pytest.approx(2.0)
    assert margin.p_equivalence(values, 0.1) > 0.5


def test_without_an_interval_there_is_no_p_value():
    assert np.isnan(claim("difference", "anytime").p_value(np.array([1.0, 2.0, 4.0])))
    assert np.isnan(claim("difference", "stein").p_value(np.ones(8)))


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
