"""`Results.plan` with several partitions, random or fixed, against brute force and refusals."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from seedwise.errors import TableError
from seedwise.report.plan import component_grid, design_grid
from seedwise.report.plan_page import planner_sections, render_plan
from seedwise.report.planner import planner_panel
from seedwise.results import Results
from seedwise.results.costs import Costs

UNLEARN = {"ft": 1.0, "ga": 2.0}
DEAR = Costs(train=3.0, reference=2.0, unlearn=UNLEARN, partition=60.0, source="seconds, given")
FREE = Costs(train=3.0, reference=2.0, unlearn=UNLEARN, source="seconds, given")


def table(partitions=6, units=4, runs=3, seed=1):
    rng = np.random.default_rng(seed)
    rows = []
    for p, i in itertools.product(range(partitions), range(units)):
        base = 0.03 * np.sin(7 * p) + 0.02 * rng.normal()
        for method, shift in (("ft", 0.0), ("ga", 0.02)):
            mine = base + shift + 0.015 * rng.normal()
            rows += [(p, i, j, method, "acc", mine + 0.02 * rng.normal()) for j in range(runs)]
        rows.append((p, i, None, "retrain", "acc", base + 0.02 * rng.normal()))
    names = ["partition_seed", "training_seed", "unlearning_seed", "method", "metric", "value"]
    return pd.DataFrame(rows, columns=names)


@pytest.fixture(scope="module")
def pilot():
    return Results(table(), partitions="random")


def price(costs, p, i, runs):
    return p * (
        costs.partition
        + i * (5.0 + sum(j * c for j, c in zip(runs, UNLEARN.values(), strict=True)))
    )


@pytest.mark.parametrize("costs", [DEAR, FREE])
def test_methods_over_partitions_against_brute_force(pilot, costs):
    found = pilot.plan("acc", half_width=0.03, costs=costs)
    rows = pilot.summary().set_index("method")
    parts = [tuple(rows.loc[m, ["var_partition", "var_train", "var_unlearn"]]) for m in UNLEARN]

    def width(p, i, runs):
        worst = max(b + (t + u / j) / i for (b, t, u), j in zip(parts, runs, strict=True))
        return stats.t.ppf(0.975, p - 1) * np.sqrt(worst / p)

    designs = itertools.product(range(2, 40), range(1, 9), range(1, 5), range(1, 5))
    best = min(price(costs, p, i, j) for p, i, *j in designs if width(p, i, j) <= 0.03)
    one = found.design
    assert one.cost == pytest.approx(best)
    assert found.half_widths(one).max() == pytest.approx(width(one.P, one.I, one.J.values()))
    assert found.assured.P > one.P


def test_a_pair_rests_on_the_differences_of_partitions(pilot):
    found = pilot.plan("acc", half_width=0.01, between=("ft", "ga"), costs=DEAR)
    means = pilot.frame().groupby(["method", "partition_seed", "training_seed"])["value"].mean()
    differences = means["ft"] - means["ga"]
    inner = differences.groupby("partition_seed").var().mean()
    outer = differences.groupby("partition_seed").mean().var()
    noise = pilot.frame().groupby(["method", "partition_seed", "training_seed"])["value"].var()
    runs = noise.groupby("method").mean()[list(UNLEARN)].to_numpy()
    train = max(inner - runs.sum() / 3, 0)
    between = max(outer - inner / 4, 0)
    one = found.design
    own = between + (train + (runs / list(one.J.values())).sum()) / one.I
    expected = stats.t.ppf(0.975, one.P - 1) * np.sqrt(own / one.P)
    assert found.half_widths(one).item() == pytest.approx(expected)
    assert expected <= 0.01
    alone = pilot.plan("acc", half_width=0.01, costs=DEAR).design
    assert one.cost < alone.cost


@pytest.mark.parametrize(
    "target",
    [
        {"difference": 0.02, "between": ("ft", "ga")},
        {"margin": 0.02, "between": ("ft", "ga")},
        {"margin": 0.02, "between": ("ft", "retrain")},
        {"budget": 2000.0, "between": ("ft", "ga")},
        {"budget": 2000.0},
    ],
)
def test_every_target_has_a_plug_in_and_an_assured_plan(pilot, target):
    found = pilot.plan("acc", costs=DEAR, **target)
    assert [one.name for one in found.designs[:2]] == ["plug-in", "assured"]
    if "budget" in target:
        assert max(one.cost for one in found.designs) <= 2000 * (1 + 1e-9)
    else:
        assert found.assured.cost >= found.design.cost
    assert "one more partition takes" in found.why.gain


def test_power_over_partitions_is_that_of_the_paired_test(pilot):
    from seedwise.stats.power import paired_power

    found = pilot.plan("acc", difference=0.015, between=("ft", "ga"), costs=DEAR)
    one = found.design
    runs = np.array(list(one.J.values()))
    sd = np.sqrt(found.problem.at(one.I).of_unit(runs, 1).item())
    assert paired_power(0.015, sd, one.P) >= 0.8


def test_references_of_their_own_share_the_partition(pilot):
    found = pilot.plan("acc", margin=0.02, between=("ft", "retrain"), costs=DEAR)
    by = pilot.frame().groupby(["method", "partition_seed"])["value"].mean()
    outer = (by["ft"] - by["retrain"]).var()
    assert found.problem.between.variance.item() < outer
    assert any("models of their own" in note for note in found.notes)


def test_where_partitions_cost_nothing_each_has_one_training_seed(pilot):
    found = pilot.plan("acc", half_width=0.03, costs=FREE)
    assert found.design.I == found.assured.I == 1
    said = " ".join(found.why.sentences())
    assert "where a partition costs nothing by itself" in said
    assert found.why.gains.inside is None
    dear = pilot.plan("acc", half_width=0.03, costs=DEAR)
    assert "I* = sqrt" in " ".join(dear.why.sentences())
    assert dear.to_dict()["why"]["gains"]["training"]["cost"] > 0


def test_one_training_seed_in_each_partition_cannot_tell_the_two_apart():
    found = Results(table(units=1), partitions="random").plan("acc", half_width=0.03, costs=DEAR)
    assert found.design.I == found.assured.I == 1
    assert any("are one sum and the plan stays at I = 1" in note for note in found.notes)
    said = " ".join(found.why.sentences())
    assert "those of both together" in said
    assert "costs nothing by itself" not in said
    assert found.to_dict()["why"]["optima"][0]["inside"] is None
    assert planner_panel(found).columns == (1,)
    means = table(units=1).groupby(["method", "partition_seed"])["value"].mean()
    spread = max(means["ft"].var(), means["ga"].var())
    one = found.design
    rough = stats.t.ppf(0.975, one.P - 1) * np.sqrt(spread / one.P)
    assert found.half_widths(one).max() == pytest.approx(rough, rel=0.2)


def test_few_partitions_are_told_with_their_degrees_of_freedom(pilot):
    found = pilot.plan("acc", half_width=0.3, costs=DEAR)
    assert found.design.P == 2
    assert any("leave 1 degree of freedom (t = 12.7)" in note for note in found.notes)
    assert found.designs[-1].name == "at least 5 partitions"
    assert found.designs[-1].P == 5


def test_a_pilot_of_two_partitions_promises_little():
    found = Results(table(partitions=2), partitions="random").plan(
        "acc", half_width=0.05, costs=DEAR
    )
    assert found.why.softness > 1
    many = Results(table(partitions=12), partitions="random").plan(
        "acc", half_width=0.05, costs=DEAR
    )
    assert many.why.softness < 0.6


def test_fixed_partitions_have_training_seeds_in_each_and_more_degrees_of_freedom():
    pilot = Results(table(partitions=3, units=5))
    found = pilot.plan("acc", half_width=0.012, costs=FREE)
    rows = pilot.summary().set_index("method")
    parts = [tuple(rows.loc[m, ["var_train", "var_unlearn"]]) for m in UNLEARN]

    def width(i, runs):
        worst = max(t + u / j for (t, u), j in zip(parts, runs, strict=True))
        return stats.t.ppf(0.975, 3 * (i - 1)) * np.sqrt(worst / i / 3)

    designs = itertools.product(range(2, 60), range(1, 6), range(1, 6))
    best = min(price(FREE, 3, i, j) for i, *j in designs if width(i, j) <= 0.012)
    one = found.design
    assert (one.P, one.cost) == (3, pytest.approx(best))
    assert found.half_widths(one).max() == pytest.approx(width(one.I, one.J.values()))
    assert any("holds for the 3 partitions of the pilot" in note for note in found.notes)
    dear = pilot.plan("acc", half_width=0.012, costs=DEAR)
    assert dear.design == one
    assert any("The cost of a partition is not counted" in note for note in dear.notes)
    pair = pilot.plan("acc", margin=0.02, between=("ft", "ga"), costs=FREE)
    assert pair.design.P == pair.assured.P == 3


def test_what_a_reader_sees(pilot):
    found = pilot.plan("acc", half_width=0.03, costs=DEAR)
    assert design_grid(found).head[1] == "P"
    assert "sd partition" in component_grid(found).head
    panel = planner_panel(found)
    assert list(panel.frame().columns[:2]) == ["P", "I"]
    at = panel.rows.index(found.design.P), panel.columns.index(found.design.I)
    assert panel.half_widths[at] == pytest.approx(found.half_widths(found.design).max())
    assert panel.costs[at] == pytest.approx(found.design.cost)
    page = render_plan(found)
    assert "every method keeps the J of the plug-in plan" in page
    assert "P = " in page
    (section,) = planner_sections(Results(table(), partitions="random", costs=DEAR), 0.95)
    assert "partition" in section.panels[0].finding


@pytest.mark.parametrize(
    ("frame", "how", "message"),
    [
        (table(partitions=1), "random", "'ft' has 1 partition in the pilot: with --partitions"),
        (table(units=1), "fixed", "one training seed in each partition of the pilot"),
    ],
)
def test_pilots_that_cannot_tell(frame, how, message):
    with pytest.raises(TableError, match=message):
        Results(frame, partitions=how).plan("acc", half_width=0.1, costs=FREE)


@pytest.mark.parametrize("how", ["random", "fixed"])
def test_forget_sets_of_the_same_originals_are_tasks(how):
    frame = table()
    own = frame["method"] != "retrain"
    frame["original"] = ("h" + frame["training_seed"].astype(str)).where(own)
    with pytest.raises(TableError, match="Give each forget set a 'task' of its own"):
        Results(frame, partitions=how).plan("acc", half_width=0.1, costs=FREE)


def test_crossed_unlearning_seeds_are_refused():
    results = Results(table(partitions=1, units=6), unlearning="crossed")
    with pytest.raises(TableError, match="the same unlearning seeds under all training seeds"):
        results.plan("acc", half_width=0.1, costs=FREE)


def test_out_of_reach_says_the_closest(pilot):
    with pytest.raises(TableError, match="out of reach with 2000 partitions and any number of tr"):
        pilot.plan("acc", half_width=1e-5, costs=DEAR)
    with pytest.raises(TableError, match="buys fewer than 2 partitions with one run of each"):
        pilot.plan("acc", budget=50.0, costs=DEAR)
