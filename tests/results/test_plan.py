"""`Results.plan`: brute force over the pilot's components, refusals, and what a plan says."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from seedwise.errors import TableError
from seedwise.results import Results
from seedwise.results.costs import Costs

COSTS = Costs(train=10.0, reference=8.0, unlearn={"ft": 1.0, "ga": 2.0}, source="seconds, given")


@pytest.fixture
def pilot(study):
    return Results(study(units=8, runs=3))


def parts(results, method, metric="loss"):
    row = results.summary().set_index(["method", "metric"]).loc[(method, metric)]
    return row.var_train, row.var_unlearn


def half_width(train, unlearn, i, j, level=0.95):
    return stats.t.ppf(0.5 + level / 2, i - 1) * np.sqrt((train + unlearn / j) / i)


def test_the_cheapest_plan_against_brute_force(pilot):
    found = pilot.plan("loss", half_width=0.009, costs=COSTS)
    variances = [parts(pilot, method) for method in ("ft", "ga")]
    best = min(
        i * (18.0 + a + 2 * b)
        for i, a, b in itertools.product(range(2, 120), range(1, 9), range(1, 9))
        if max(half_width(*v, i, j) for v, j in zip(variances, (a, b), strict=True)) <= 0.009
    )
    assert found.design.cost == pytest.approx(best)
    widths = found.precision().query("plan == 'plug-in'").set_index("method")["half_width"]
    for method, variance in zip(("ft", "ga"), variances, strict=True):
        expected = half_width(*variance, found.design.I, found.design.J[method])
        assert widths[method] == pytest.approx(expected)
    assert found.assured.cost > found.design.cost


def test_the_best_plan_for_a_budget_is_within_it_and_no_cheaper_one_is_as_narrow(pilot):
    found = pilot.plan("loss", budget=600.0, costs=COSTS)
    assert found.design.cost <= 600
    worst = found.half_widths(found.design).max()
    narrower = pilot.plan("loss", half_width=float(worst) * (1 - 1e-6), costs=COSTS)
    assert narrower.design.cost > 600
    assert pilot.plan("loss", budget="10min", costs=COSTS).design == found.design


def test_a_budget_beyond_the_largest_design_is_said(pilot):
    found = pilot.plan("loss", budget=1e7, costs=COSTS)
    assert found.design.I == 2000
    assert any("is not spent" in note for note in found.notes)
    assert not any("is not spent" in n for n in pilot.plan("loss", budget=600.0, costs=COSTS).notes)
    assert "array" not in repr(found)


def test_wall_time_is_a_budget_for_workers(pilot):
    found = pilot.plan("loss", wall="5min", workers=2, costs=COSTS)
    assert found.design.J == pilot.plan("loss", budget=600.0, costs=COSTS).design.J
    assert found.design.wall == pytest.approx(found.design.cost / 2)
    assert np.isnan(pilot.plan("loss", budget=600.0, costs=COSTS).design.wall)


def test_several_metrics_count_in_their_own_spread_or_by_weight(pilot):
    frame = pilot.frame()
    loud = frame.assign(value=frame["value"].where(frame["metric"] != "loss", frame["value"] * 100))
    plain, scaled = (Results(one).plan(budget=500.0, costs=COSTS).design for one in (frame, loud))
    assert (plain.I, plain.J) == (scaled.I, scaled.J)
    weighted = pilot.plan(budget=500.0, costs=COSTS, weights={"loss": 1.0, "accuracy/forget": 9.0})
    alone = pilot.plan("accuracy/forget", budget=500.0, costs=COSTS)
    assert (weighted.design.I, weighted.design.J) == (alone.design.I, alone.design.J)
    both = pilot.plan(half_width={"loss": 0.02, "accuracy/forget": 0.009}, costs=COSTS)
    assert (
        both.design.cost == pilot.plan("accuracy/forget", half_width=0.009, costs=COSTS).design.cost
    )


def test_a_pair_needs_fewer_seeds_than_its_methods(pilot):
    pair = pilot.plan("loss", half_width=0.009, between=("ft", "ga"), costs=COSTS)
    assert pair.subjects == ("ft - ga",)
    assert pair.design.cost < pilot.plan("loss", half_width=0.009, costs=COSTS).design.cost


def test_power_is_the_power_of_the_paired_test(pilot):
    from seedwise.stats.power import paired_power

    found = pilot.plan("loss", difference=0.01, power=0.9, between=("ft", "ga"), costs=COSTS)
    runs = np.array([found.design.J["ft"], found.design.J["ga"]])
    sd = np.sqrt(found.problem.of_unit(runs, 1).item())
    assert paired_power(0.01, sd, found.design.I) >= 0.9
    assert paired_power(0.01, sd * 1.3, found.design.I - 1) < 0.9


def test_a_margin_to_the_reference_counts_its_variance(pilot):
    found = pilot.plan("loss", margin=0.03, between=("ft", "retrain"), costs=COSTS)
    reference = pilot.summary().query("method == 'retrain' and metric == 'loss'").var_train.item()
    assert found.problem.variances.train[0] > reference
    assert found.design.J["retrain"] == 1
    assert any("models of their own" in note for note in found.notes)


def test_a_paired_reference_is_paired(study):
    frame = study(units=8)
    found = Results(frame, reference="paired").plan(
        "loss", margin=0.03, between=("ft", "retrain"), costs=COSTS
    )
    assert not any("models of their own" in note for note in found.notes)


def test_a_deterministic_method_runs_once(study):
    frame = study(units=8)
    frame = frame[(frame["method"] != "ga") | (frame["unlearning_seed"] == 0)]
    results = Results(frame, deterministic={"ga": "verified"})
    found = results.plan("loss", half_width=0.009, costs=COSTS)
    assert found.design.J["ga"] == 1
    assert found.assured.J["ga"] == 1
    assert not found.notes


def test_a_pilot_with_one_run_each_plans_one_run_and_says_so(study):
    found = Results(study(runs=1)).plan("loss", half_width=0.02, costs=COSTS)
    assert set(found.design.J.values()) == {1}
    assert "the two variances are one sum and the plan stays at J = 1" in found.notes[0]


def test_references_are_shared_and_paid_once(pilot):
    dear = Costs(train=10.0, reference=500.0, unlearn=COSTS.unlearn)
    plans = [pilot.plan("loss", half_width=0.009, costs=costs) for costs in (COSTS, dear)]
    assert plans[1].design.I < plans[0].design.I
    assert sum(plans[1].design.J.values()) > sum(plans[0].design.J.values())


def test_forget_sets_share_their_originals(study):
    one = study(units=8)
    frame = pd.concat([one, one.assign(task="other", value=one["value"] * 1.001)])
    found = Results(frame).plan("loss", half_width=0.009, costs=COSTS)
    assert found.problem.prices.once == 10 + 2 * 8
    assert found.design.cost > Results(one).plan("loss", half_width=0.009, costs=COSTS).design.cost


def test_a_few_training_seeds_are_flagged_and_five_shown_beside(pilot):
    found = pilot.plan("loss", half_width=0.06, costs=COSTS)
    assert found.design.I < 5
    assert found.designs[-1].name == "at least 5 training seeds"
    assert found.designs[-1].I == 5
    assert any("few_training_seeds" in note for note in found.notes)


def test_it_says_why(pilot):
    found = pilot.plan("loss", half_width=0.009, costs=COSTS)
    said = " ".join(found.why.sentences())
    for words in ("J* = sqrt", "one more training seed takes", "Flatness: ", "Softness: "):
        assert words in said
    optimum = found.why.optima[0]
    train, unlearn = parts(pilot, "ft")
    assert pytest.approx(np.sqrt(18 / 2 * unlearn / train)) == optimum.optimum.J
    low, high = found.why.needed
    assert low <= found.design.I <= high


def test_an_evaluation_that_every_run_needs_counts_as_part_of_it(pilot):
    dear = Costs(train=10.0, reference=8.0, unlearn=COSTS.unlearn, evaluate=3.0)
    found = [pilot.plan("loss", half_width=0.009, costs=c).why.optima[0] for c in (COSTS, dear)]
    assert pytest.approx(found[0].optimum.J / 2) == found[1].optimum.J


def test_everything_is_plain_data(pilot):
    import json

    found = pilot.plan("loss", half_width=0.009, costs=COSTS)
    content = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert content["designs"][0]["J"] == dict(found.design.J)
    assert {row["plan"] for row in content["half_widths"]} == {"plug-in", "assured"}
    assert len(found.frame()) == 4


def test_a_grid_holds_the_design_and_grows_towards_cost(pilot):
    found = pilot.plan("loss", half_width=0.009, costs=COSTS)
    grid = found.grid([5, 10, 20], [1, 2, 4])
    assert len(grid) == 9
    assert (
        grid.loc[(grid["I"] == 20) & (grid["J"] == 4), "half_width"].item()
        == grid["half_width"].min()
    )
    assert grid["cost"].max() == 20 * (18 + 4 * 3)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({}, "no target is given; give exactly one of --half-width"),
        ({"half_width": 0.1, "budget": 5}, "--half-width and --budget contradict each other"),
        (
            {"half_width": 1e-7},
            r"out of reach with 2000 training seeds.*closest reachable is 0\.00",
        ),
        (
            {"half_width": {"loss": 1e-7}},
            r"half-width of loss=1e-07 is out of reach .*closest reachable is loss=0\.00",
        ),
        ({"half_width": -1.0}, "--half-width is -1; it must be a number above 0"),
        ({"half_width": 0.1, "power": 0.8}, "--power belongs to --difference or --margin"),
        ({"budget": 20.0}, "buys fewer than 2 training seeds with one run of each method, .* 42"),
        ({"budget": "8 weeks"}, "write a number of seconds, or a time such as"),
        ({"budget": -3}, "the budget is -3; it must be above 0"),
        ({"wall": "8h"}, "--wall needs --workers"),
        ({"wall": "8h", "workers": 0}, "--workers is 0; it must be at least 1"),
        ({"difference": 0.1}, "is about two methods: name them with --between A,B"),
        ({"difference": 0.0}, "--difference is 0; it must be a number other than 0"),
        ({"margin": 0.1, "between": ("ft",)}, "name two different methods"),
        (
            {"margin": 0.1, "between": ("ft", "gaa")},
            "no method 'gaa' in the pilot; did you mean 'ga'",
        ),
        ({"margin": 0.1, "between": ("retrain", "ft")}, "the first is a method"),
        ({"margin": 1e-7, "between": ("ft", "ga")}, "a margin of 1e-07 is out of reach"),
        ({"half_width": 0.1, "methods": ["ft"], "between": ("ft", "ga")}, "contradict each other"),
        ({"half_width": 0.1, "level": 1.5}, "--level is 1.5; it must lie between 0 and 1"),
        ({"half_width": 0.1, "weights": {"loss": 1.0}}, "--weight belongs to --budget"),
        ({"half_width": 0.1, "min_training": 0}, "--min-training is 0; it must be at least 1"),
        ({"half_width": 0.1, "min_training": 2001}, "--min-training is 2001; a plan holds at most"),
    ],
)
def test_what_makes_no_sense_is_refused(pilot, target, message):
    with pytest.raises(TableError, match=message):
        pilot.plan("loss", costs=COSTS, **{"level": 0.95, **target})


def test_units_of_several_metrics_are_not_mixed(pilot):
    with pytest.raises(TableError, match=r"name it with --metric, or give --half-width METRIC=H"):
        pilot.plan(half_width=0.1, costs=COSTS)
    with pytest.raises(TableError, match="in units of one metric"):
        pilot.plan(margin=0.1, between=("ft", "ga"), costs=COSTS)
    with pytest.raises(TableError, match=r"give accuracy/forget=\.\.\. as well"):
        pilot.plan(half_width={"loss": 0.1}, costs=COSTS)


def test_a_pilot_with_one_training_seed_says_what_to_run_next(study):
    results = Results(study(units=1))
    with pytest.raises(
        TableError, match=r"has 1 training seed in the pilot.*Run next: seeds.train"
    ):
        results.plan("loss", half_width=0.1, costs=COSTS)


def test_costs_must_be_known_and_positive(pilot):
    with pytest.raises(TableError, match="give --cost-train SECONDS and"):
        pilot.plan("loss", half_width=0.1)
    with pytest.raises(TableError, match="the cost of one run of 'ga' is not known"):
        pilot.plan("loss", half_width=0.1, costs=Costs(train=1.0, unlearn={"ft": 1.0}))
    for costs in ({"train": -1.0}, {"train": 0.0}, {"train": 1.0, "unlearn": {"ft": 0.0}}):
        with pytest.raises(TableError, match="must be a number above 0"):
            Costs(**costs)
    with pytest.raises(TableError, match="must not be negative"):
        Costs(train=1.0, evaluate=-1.0)


def test_the_components_it_rests_on_come_with_their_limits(pilot):
    found = pilot.plan("loss", half_width=0.009, costs=COSTS)
    row = found.components.set_index("method").loc["ft"]
    own = pilot.summary().set_index(["method", "metric"]).loc[("ft", "loss")]
    assert row["var_train"] == own.var_train
    assert (row["var_unlearn_low"], row["var_unlearn_high"]) == (
        own.var_unlearn_low,
        own.var_unlearn_high,
    )
    assert found.to_dict()["components"][0]["method"] == "ft"
