"""A study with a `precision` block: pilot, looks, extension, the rule's own interval."""

import json

import numpy as np
import pytest
from scipy import stats

from seedwise import api
from seedwise.errors import SeedwiseError
from seedwise.interop.store import find_lock, load_results
from seedwise.stats.compare import holm
from seedwise.stats.stopping import stein_training
from seedwise.store.looks import looks_at

BLOCK = (
    "precision: {{metric: accuracy/test, half_width: {h}, rule: {rule}, "
    "methods: [toy-noise]{more}}}\n"
)


def precise(lab, h=0.02, rule="stein", more="", start=4):
    lab.edit("training: 3", f"training: {start}")
    lab.write(lab.path.read_text() + BLOCK.format(h=h, rule=rule, more=more))
    return api.run(lab.path, lab.root, workers=0)


def unit_means(results):
    frame = results.frame()
    own = frame[(frame["method"] == "toy-noise") & (frame["metric"] == "accuracy/test")]
    return own.groupby("training_seed")["value"].mean().to_numpy()


def row_of(results):
    summary = results.summary().set_index(["method", "metric"])
    return summary.loc[("toy-noise", "accuracy/test")]


def test_stein_extends_once_to_what_the_pilot_asks_for(lab):
    results = precise(lab)
    means = unit_means(results)
    spread = means[:4].std(ddof=1)
    assert means.size == stein_training(spread, 4, 0.02) > 4
    half = stats.t.ppf(0.975, 3) * spread / np.sqrt(means.size)
    row = row_of(results)
    assert row.ci_high - row["mean"] == pytest.approx(half)
    assert row.ci_high - row.ci_low <= 0.04 * (1 + 1e-9)
    assert (row.ci_kind, row.df) == ("Stein, I0 = 4", 3)
    others = results.summary().query("method == 'finetune' and metric == 'accuracy/test'")
    assert others.ci_kind.item() != row.ci_kind


def test_the_rule_adds_training_seeds_and_leaves_the_number_of_each_method(lab):
    lab.edit("unlearning: 2", "unlearning: {toy-noise: 3}")
    results = precise(lab, h=0.03)
    frame = results.frame().query("metric == 'accuracy/test'")
    counts = frame.groupby(["method", "training_seed"]).size().groupby("method").unique()
    assert frame["training_seed"].nunique() > 4
    assert counts["toy-noise"].tolist() == [3]
    assert counts["finetune"].tolist() == [1]


def test_every_look_is_recorded_and_inside_the_rule(lab):
    results = precise(lab)
    looks = looks_at(lab.store, "toy")
    ruled = [(look.training, look.rule) for look in looks if look.rule]
    assert ruled[0] == (4, "stein")
    assert ruled[-1][0] == unit_means(results).size
    assert not results.summary()["flags"].str.contains("optional_stopping").any()


def test_running_again_changes_nothing(lab):
    first = precise(lab)
    made = lab.store.keys("models")
    again = api.run(lab.path, lab.root, workers=0)
    assert lab.store.keys("models") == made
    assert row_of(again).ci_low == row_of(first).ci_low
    assert len(find_lock(lab.store).seeds.training) == unit_means(first).size


def test_what_is_foreseen_counts_the_seeds_that_the_rule_added(lab, tmp_path):
    results = precise(lab)
    lock, _ = api.foresee(lab.path, lab.root, [], tmp_path / "empty")
    assert len(lock.seeds.training) == unit_means(results).size
    changed, _ = api.foresee(lab.path, lab.root, ["seeds.training=5"], tmp_path / "empty")
    assert len(changed.seeds.training) == 5


def test_a_run_cut_off_goes_on_from_its_lock(lab):
    lab.edit("training: 3", "training: 4")
    lab.write(lab.path.read_text() + BLOCK.format(h=0.02, rule="stein", more=""))
    api.run(lab.path, lab.root, workers=0, limit=5)
    assert not [look for look in looks_at(lab.store, "toy") if look.rule]
    results = api.run(lab.path, lab.root, workers=0)
    assert row_of(results).ci_kind == "Stein, I0 = 4"


def test_declared_looks_are_paid_for(lab):
    results = precise(lab, h=1e-6, rule="looks", more=", looks: [4, 6, 9]")
    means = unit_means(results)
    assert means.size == 9
    row = row_of(results)
    level = 1 - 0.05 / 3
    half = stats.t.ppf(0.5 + level / 2, 8) * means.std(ddof=1) / 3
    assert row.ci_high - row["mean"] == pytest.approx(half)
    assert [look.training for look in looks_at(lab.store, "toy") if look.rule] == [4, 6, 9]


def test_anytime_looks_as_often_as_needed(lab):
    results = precise(lab, h=0.1, rule="anytime")
    row = row_of(results)
    assert row.ci_kind == "anytime t"
    assert row.ci_high - row.ci_low <= 0.2


def test_the_greatest_cost_stops_the_run(lab):
    results = precise(lab, h=1e-5, more=", max_cost: 1e-3s")
    assert unit_means(results).size == 4
    looks = [look for look in looks_at(lab.store, "toy") if look.rule]
    assert looks[0].planned == 4


def test_more_training_seeds_than_a_plan_holds_are_not_begun(lab):
    with pytest.raises(SeedwiseError, match=r"1e-05 asks for \d+ training .* 2000 are run") as no:
        precise(lab, h=1e-5)
    closest = float(str(no.value).partition("reach about ")[2].partition(":")[0])
    means = unit_means(api.load(lab.root))
    assert means.size == 4
    assert 1900 < stein_training(means.std(ddof=1), 4, closest) <= 2000


def test_a_pair_has_the_rules_interval_in_comparisons(lab):
    lab.edit("training: 3", "training: 4")
    block = "precision: {metric: loss/test, half_width: .05, between: [finetune, toy-noise]}\n"
    lab.write(lab.path.read_text() + block)
    results = api.run(lab.path, lab.root, workers=0)
    table = results.compare("loss/test").set_index(["a", "b"])
    row = table.loc[("finetune", "toy-noise")]
    assert row.ci_kind == "Stein, I0 = 4"
    assert row.ci_high - row.ci_low <= 0.1 * (1 + 1e-9)
    (seen,) = results.interims()
    assert seen.name == "finetune - toy-noise"
    t = seen.values.mean() * seen.count**0.5 / seen.values[:4].std(ddof=1)
    assert row.p == pytest.approx(2 * stats.t.sf(abs(t), 3))
    assert table["p_adjusted"].to_list() == holm(table["p"]).tolist()
    assert row.ci_low_sim < row.ci_low
    assert row.ci_high < row.ci_high_sim
    other = table.loc[("toy-noise", "toy-shrink")]
    assert other.ci_kind == "t on paired differences"


def test_a_claim_on_the_gap_to_the_reference_stops_when_settled(lab):
    lab.edit("training: 3", "training: 4")
    block = (
        "precision: {metric: loss/test, margin: 5.0, between: [toy-noise, retrain], rule: looks, "
        "looks: [4, 6, 9]}\n"
    )
    lab.write(lab.path.read_text() + block)
    results = api.run(lab.path, lab.root, workers=0)
    (seen,) = results.interims()
    assert (seen.outcome, seen.count) == ("reached", 4)
    assert seen.words(results.stopping.rule.goal).startswith("toy-noise - retrain in [")
    row = results.closeness("loss/test", margin=5.0).set_index("method").loc["toy-noise"]
    level = 1 - 0.1 / 3
    half = stats.t.ppf(0.5 + level / 2, 3) * seen.values.std(ddof=1) / 2
    assert row.tost_high == pytest.approx(seen.values.mean() + half)
    assert row.smallest_margin == pytest.approx(max(abs(row.tost_low), abs(row.tost_high)))
    assert row.ci_kind == "t at one of 3 declared looks"
    assert row.ci_high > row.tost_high
    assert row.equivalent
    shifted = abs(seen.values.mean()) - 5.0
    plain = stats.t.cdf(shifted / (seen.values.std(ddof=1) / 2), 3)
    assert row.p_equivalence == pytest.approx(3 * plain)
    assert results.closeness("loss/test").set_index("method").loc["finetune"].ci_kind == "Welch t"
    gap = results.compare("loss/test", against="retrain").set_index("a").loc["toy-noise"]
    assert (gap.ci_low, gap.ci_high) == (row.ci_low, row.ci_high)


def test_every_look_is_said_in_a_line(lab):
    from seedwise.engine.run import Options, run
    from seedwise.interop.stopping import follow

    lab.edit("training: 3", "training: 4")
    lab.write(lab.path.read_text() + BLOCK.format(h=0.02, rule="stein", more=""))
    lock = lab.lock()
    store = lab.store
    steps = list(
        follow(
            lock,
            store,
            lambda one: load_results(store, one),
            lambda one: run(one, store, Options(workers=0), lambda event: None),
        )
    )
    assert steps[0].line().startswith("look at I = 4: toy-noise half-width")
    assert steps[0].planned == steps[1].training
    assert steps[-1].why == "reached: stopped"


def test_an_unknown_metric_is_named(lab):
    lab.write(lab.path.read_text() + "precision: {metric: accuracy/acc, half_width: 0.1}\n")
    with pytest.raises(SeedwiseError, match=r"precision.metric: no metric 'accuracy/acc' in the"):
        api.run(lab.path, lab.root, workers=0)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("{metric: loss}", "exactly one of half_width, difference, margin is needed"),
        ("{metric: loss, half_width: .1, margin: .2}", "given: half_width, margin"),
        ("{metric: loss, half_width: 0}", "greater than 0"),
        ("{metric: loss, margin: .2}", "name them with between"),
        ("{metric: loss, half_width: .1, rule: steins}", "'stein'"),
        ("{metric: loss, half_width: .1, looks: [3, 5]}", "looks belong to rule: looks"),
        ("{metric: loss, half_width: .1, rule: looks, looks: [3, 3]}", "looks must ascend"),
        ("{metric: loss, half_width: .1, rule: looks, looks: [5, 8]}", "the first look is at the"),
        ("{metric: loss, half_width: .1, methods: [ssd]}", "no method 'ssd' in the study"),
        ("{metric: loss, margin: .1, between: [finetune, finetune]}", "two methods are needed"),
        ("{metric: loss, width: .1}", "unknown key 'width'"),
        ("{metric: loss, half_width: .1, power: .9}", "a half_width has none"),
        (
            "{metric: loss, margin: .1, between: [finetune, retrain], power: .9, rule: anytime}",
            "power belongs to rule: stein, which plans for it",
        ),
        ("{metric: loss, half_width: .1, rule: looks, looks: [3]}", "is the pilot alone"),
        ("{metric: loss, half_width: .1, max_cost: 8 weeks}", "a time such as 90s, 30min"),
        ("{metric: loss, half_width: .1, max_cost: 0}", "max_cost is 0.*must be above 0"),
    ],
)
def test_a_block_that_makes_no_sense(lab, block, message):
    lab.write(lab.path.read_text() + f"precision: {block}\n")
    with pytest.raises(SeedwiseError, match=message):
        lab.lock()


def test_a_block_that_does_not_fit_its_study(lab):
    block = "precision: {metric: loss, half_width: 0.1}\n"
    lab.write(lab.path.read_text() + block)
    with pytest.raises(SeedwiseError, match="is the pilot, which needs at least 2, better 5"):
        lab.lock("seeds.training=1")
    with pytest.raises(SeedwiseError, match="holds for one partition"):
        lab.lock("seeds.partition=2")
    with pytest.raises(SeedwiseError, match="existing checkpoints cannot be extended"):
        lab.lock("originals=m/{training_seed}.json")


def test_a_lock_without_the_block_is_read_as_before(lab):
    lab.lock()
    path = lab.store.lock_path("toy")
    content = json.loads(path.read_text())
    assert content.pop("precision") is None
    content.pop("pilot")
    path.write_text(json.dumps(content))
    assert find_lock(lab.store).precision is None
