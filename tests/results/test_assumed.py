import numpy as np
import pytest
from scipy import stats

from seedwise.errors import TableError
from seedwise.results.assumed import (
    Assumed,
    half_widths,
    measured,
    parse,
    problem_of,
    problem_of_pair,
    shipped,
)
from seedwise.results.costs import Costs
from seedwise.results.designs import plan
from seedwise.results.planning import plan_from_assumption
from seedwise.results.target import Target
from seedwise.stats.allocation import cheapest
from seedwise.stats.power import paired_power


def test_half_widths_are_those_of_the_formula():
    table = half_widths([parse("rho=.4,sd=.1")], [5, 10], [1, 4])
    assert len(table) == 4
    row = table[(table["I"] == 10) & (table["J"] == 4)].iloc[0]
    expected = stats.t.ppf(0.975, 9) * np.sqrt(0.01 * (0.4 + 0.6 / 4) / 10)
    assert row["half_width"] == pytest.approx(expected)
    assert np.isnan(Assumed(0.5, 1.0).half_width(1, 5))


def test_a_plan_under_assumptions_is_the_cheapest_of_the_kernel():
    costs = Costs(train=10.0, reference=2.0, unlearn={"a": 1.0, "b": 1.0})
    problem = problem_of([parse("rho=.5,sd=.02")], ["a", "b"], [False, False], costs)
    found = plan(problem, Target(half_width=0.01))
    kernel = cheapest(
        var_train=0.0002,
        var_unlearn=0.0002,
        cost_train=10.0,
        cost_reference=2.0,
        cost_unlearn=1.0,
        methods=2,
        half_width=0.01,
    )
    assert (found.design.I, set(found.design.J.values())) == (kernel.I, {kernel.J})
    assert found.design.cost == pytest.approx(kernel.cost)
    assert found.assured is None
    assert any("there is no assured plan" in note for note in found.notes)


def test_a_deterministic_method_has_all_its_variance_between_training_seeds():
    costs = Costs(train=1.0, unlearn={"a": 1.0, "b": 1.0})
    problem = problem_of([parse("rho=.3,sd=1")], ["a", "b"], [False, True], costs)
    assert problem.variances.train.ravel().tolist() == pytest.approx([0.3, 1.0])
    assert problem.variances.unlearn[1] == 0


PAIR_COSTS = Costs(train=10.0, reference=5.0, unlearn={"a": 1.0, "b": 1.0})


@pytest.mark.parametrize(("corr", "spread"), [("", 0.5 + 0.5), (",corr=.6", 1.0 * (1 - 0.6))])
def test_the_difference_of_two_methods_under_an_assumption(corr, spread):
    assumed = parse(f"rho=.5,sd=1{corr}")
    problem = problem_of_pair(assumed, ("a", "b"), (False, False), PAIR_COSTS)
    assert problem.variances.train.item() == pytest.approx(spread)
    found = plan(problem, Target(difference=1.0)).design
    sd = np.sqrt(spread + 0.5 / found.J["a"] + 0.5 / found.J["b"])
    assert paired_power(1.0, sd, found.I) >= 0.8
    assert paired_power(1.0, sd, found.I - 1) < 0.8


def test_a_gap_to_references_of_their_own_adds_their_variance():
    ask = (("a", "retrain"), (False, False), PAIR_COSTS)
    problem = problem_of_pair(parse("rho=.5,sd=1"), *ask, is_paired=False)
    assert problem.variances.train.item() == pytest.approx(0.5 + 1.0)
    assert plan(problem, Target(margin=1.5)).design.J["retrain"] == 1
    assert "models of their own" in problem.notes[0]
    with pytest.raises(TableError, match="references are models of their own"):
        problem_of_pair(parse("rho=.5,sd=1,corr=.5"), *ask, is_paired=False)
    own = problem_of_pair(parse("rho=.5,sd=1,corr=.5"), *ask, is_paired=True)
    assert own.variances.train.item() == pytest.approx(1.5 - np.sqrt(0.5))


def test_what_is_assumed_is_of_one_metric_and_known_methods():
    ask = (parse("rho=.5,sd=1"), {"a": False, "b": True}, Target(half_width=0.5))
    found = plan_from_assumption(*ask, costs=PAIR_COSTS, metrics=["loss"], methods=["b"])
    assert found.problem.methods == ("b",)
    assert found.problem.places[0].metric == "loss"
    with pytest.raises(TableError, match="is of one metric, given loss, accuracy"):
        plan_from_assumption(*ask, costs=PAIR_COSTS, metrics=["loss", "accuracy"])
    with pytest.raises(TableError, match="no method 'c' in the study"):
        plan_from_assumption(*ask, costs=PAIR_COSTS, methods=["c"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rho=.5,sd=1,corr=1", "it is a correlation, from -1 to below 1"),
        ("rho=.5", "sd is missing; write it as rho=.5,sd=.02"),
        ("rho=.5,sd=x", "'x' is not a number"),
        ("rho=1.5,sd=1", "it is a share between 0 and 1"),
        ("rho=.5,sd=0", "it must be a number above 0"),
        ("rho=.5,std=1", "did you mean 'sd'"),
        ("half", "write it as rho=.5,sd=.02"),
    ],
)
def test_an_assumption_is_written_one_way(text, message):
    with pytest.raises(TableError, match=message):
        parse(text)


def test_the_shipped_table_is_readable_and_found_by_metric():
    rows = shipped()
    assert len(rows) > 20
    assert all(0 <= row.rho <= 1 and row.sd > 0 for row in rows)
    found = measured("vision", ["accuracy"])
    assert {one.metric.split("/")[0] for one in found} == {"accuracy"}
    own = [
        r.rho
        for r in rows
        if (r.domain, r.metric) == ("vision", "accuracy/test") and r.unlearning > 1
    ]
    picked = next(one for one in found if one.metric == "accuracy/test")
    assert picked.rho == pytest.approx(np.median(own))
    assert measured("no-such-domain", ["accuracy"]) == []
