"""The table recomputed from the records by other means, and the checks of the harness."""

import json
from collections import Counter

import numpy as np
import pytest

from seedwise.errors import StoreError
from seedwise.interop.store import find_lock, load_results, look
from seedwise.testing import toy


@pytest.fixture
def results(lab):
    lab.run()
    return load_results(lab.store, find_lock(lab.store))


def read(root, kind):
    return [json.loads(path.read_text()) for path in (root / kind).rglob("*.json")]


def test_every_value_is_the_one_that_was_recorded(lab, results):
    frame = results.frame()
    models = {record["digest"]: record for record in read(lab.root, "models")}
    found = 0
    for done in read(lab.root, "measurements"):
        for entry in done["entries"]:
            record = models[entry["subjects"][0]]
            rows = frame[
                (frame.method == record["method"])
                & (frame.training_seed == record["seeds"]["training"])
            ]
            for name, value in entry["values"].items():
                found += 1
                assert value in set(rows[rows.metric == name].value)
    assert found > 100


def test_the_grid_is_complete(results):
    counts = results.frame().groupby(["method", "metric"]).size()
    assert counts["toy-noise", "accuracy/test"] == 3 * 2
    assert counts["toy-noise", "toy-probe"] == 3 * 2 * 2
    assert counts["toy-shrink", "accuracy/test"] == 3
    assert counts["original", "toy-probe"] == 3 * 2
    assert counts["retrain", "toy-weight-distance"] == 3
    assert set(results.frame().status) == {"ok"}


def test_fewer_seeds_by_plan_are_not_missing(lab):
    lab.edit("unlearning: 2", "unlearning: {toy-noise: 3}")
    lab.run()
    results = load_results(lab.store, find_lock(lab.store))
    rows = results.summary().query("metric == 'loss/forget'").set_index("method")
    assert rows["n_missing"].sum() == 0
    assert not rows["flags"].str.contains("missing_cells").any()
    noise = results.frame().query("method == 'toy-noise' and metric == 'loss/forget'")
    assert noise.groupby("training_seed").size().tolist() == [3, 3, 3]
    pairs = results.compare("loss/forget")
    assert not pairs["flags"].str.contains("missing_cells").any()
    lab.lock("seeds.unlearning={toy-noise: 4, finetune: 1}")
    grown = load_results(lab.store, find_lock(lab.store)).summary()
    counts = grown.query("metric == 'loss/forget'").set_index("method")["n_missing"]
    assert counts.to_dict() == {m: 3 * (m == "toy-noise") for m in counts.index}


def test_means_agree_with_numpy_on_the_records(lab, results):
    by_original = {}
    models = {record["digest"]: record for record in read(lab.root, "models")}
    for done in read(lab.root, "measurements"):
        for entry in done["entries"]:
            record = models[entry["subjects"][0]]
            if record["method"] == "toy-noise" and entry["metric"] == "loss":
                units = by_original.setdefault(record["seeds"]["training"], [])
                units.append(entry["values"]["loss/forget"])
    means = [np.mean(values) for values in by_original.values()]
    row = results.summary().set_index(["method", "metric"]).loc[("toy-noise", "loss/forget")]
    assert row["mean"] == pytest.approx(np.mean(means))
    assert row["se"] == pytest.approx(np.std(means, ddof=1) / np.sqrt(3))
    assert row["df"] == 2


def test_the_reference_row_of_a_pair_metric_is_the_floor(lab, results):
    frame = results.frame()
    floor = frame[(frame.method == "retrain") & (frame.metric == "toy-weight-distance")]
    assert (floor.value > 0).all()  # never a model with itself
    pairs = {
        (entry["subjects"][0], entry["against"][0])
        for done in read(lab.root, "measurements")
        for entry in done["entries"]
        if entry["metric"] == "toy-weight-distance"
    }
    assert all(subject != reference for subject, reference in pairs)


def test_one_training_seed_has_no_floor_and_says_so(lab):
    lab.run("seeds.training=1")
    results = load_results(lab.store, find_lock(lab.store))
    frame = results.frame()
    assert frame[(frame.method == "retrain") & (frame.metric == "toy-weight-distance")].empty
    assert set(frame.status) == {"ok"}
    assert any(note.startswith("toy-weight-distance: no floor") for note in results.notes)


def broken_training(lab, monkeypatch, scope: str) -> None:
    """Let training seed 1 fail in one scope, and run what is left."""
    start = toy.ToyProblem._start

    def breaking(self, streams):
        if (streams.scope, streams.training) == (scope, 1):
            raise RuntimeError("power cut")
        return start(self, streams)

    monkeypatch.setattr(toy.ToyProblem, "_start", breaking)
    lab.run()


def test_a_failed_reference_fails_what_is_compared_with_it(lab, monkeypatch):
    broken_training(lab, monkeypatch, "retrain")
    results = load_results(lab.store, lab.lock())
    frame = results.frame()
    pairs = frame[frame.metric == "toy-weight-distance"]
    failed = pairs[pairs.status == "failed"].set_index("method")
    counts = {"original": 1, "finetune": 2, "toy-noise": 2, "toy-shrink": 1, "retrain": 2}
    assert Counter(failed.index) == counts
    assert failed.loc["toy-shrink", "reason"] == "its reference: RuntimeError: power cut"
    rows = results.summary().set_index(["method", "metric"])
    assert rows.loc[("toy-noise", "toy-weight-distance"), "n_failed"] == 2
    assert rows.loc[("toy-noise", "accuracy/test"), "n_failed"] == 0


def test_an_ensemble_does_without_what_failed_and_counts_it(lab, monkeypatch):
    lab.edit("toy-probe]", "toy-margin-gap]")
    broken_training(lab, monkeypatch, "train")
    results = load_results(lab.store, lab.lock())
    row = results.summary().set_index(["metric", "method"]).loc[("toy-margin-gap", "toy-noise")]
    assert row["n_failed"] == 2
    assert "failed_cells" in row["flags"]
    assert row["n_training_seeds"] == 3  # the reference of training seed 1 is there
    assert row["mean"] > 0


def test_an_ensemble_waits_for_what_is_still_to_come(lab):
    lab.edit("toy-probe]", "toy-margin-gap]")
    lab.run(limit=8)
    assert load_results(lab.store, lab.lock()).ensembles().empty


def test_methods_are_paired_on_the_hash_of_the_original(results):
    frame = results.frame()
    for _, rows in frame[frame.method.isin(["toy-noise", "finetune", "original"])].groupby(
        "training_seed"
    ):
        assert rows.original.nunique() == 1


def test_runtime_is_the_clock_of_the_stage_alone(lab, results):
    frame = results.frame()
    mine = frame[(frame.method == "toy-noise") & (frame.metric == "runtime")].value
    clocks = [
        record["clocks"]["wall"]
        for record in read(lab.root, "models")
        if record["method"] == "toy-noise"
    ]
    assert sorted(mine) == sorted(clock["unlearn"] for clock in clocks)
    assert all(set(clock) == {"unlearn"} for clock in clocks)


def test_what_is_missing_or_failed_is_in_the_table(lab):
    lab.edit("methods: [", "methods: [bad, ")
    lab.plugin(
        "@sw.method('bad')\ndef bad(original, problem, extras, seeds, ctx):\n"
        "    if seeds.training == 1:\n        raise ValueError('no luck')\n"
        "    model = problem.copy(original)\n    model.delta += 1\n    return model\n"
    )
    lab.run(limit=10)
    lab.run("seeds.training=[0, 1]")
    frame = load_results(lab.store, lab.lock()).frame()
    bad = frame[(frame.method == "bad") & (frame.metric == "accuracy/test")]
    states = bad.set_index(["training_seed", "unlearning_seed"]).status.to_dict()
    assert states[0, 0] == "ok"
    assert states[1, 0] == states[1, 1] == "failed"
    assert states[2, 0] == "missing"
    assert set(bad[bad.status == "failed"].reason) == {"ValueError: no luck"}


def test_the_harness_names_methods_that_did_nothing(lab):
    lab.edit("methods: [", "methods: [lazy, ")
    lab.plugin(
        "@sw.method('lazy', deterministic=True)\n"
        "def lazy(original, problem, extras, seeds, ctx):\n    return problem.copy(original)\n"
    )
    lab.run()
    checks = load_results(lab.store, lab.lock()).checks
    assert set(checks.method) == {"lazy"}
    assert set(checks.check) == {"did_nothing"}
    assert len(checks) == 3


def test_a_reference_that_is_not_from_scratch_is_flagged(lab, monkeypatch):
    start = toy.ToyProblem._start
    monkeypatch.setattr(
        toy.ToyProblem,
        "_start",
        lambda self, streams: start(self, type(streams)("train", training=streams.training)),
    )
    lab.run()
    checks = load_results(lab.store, lab.lock()).checks
    assert set(checks.check) == {"shared_initialisation"}
    assert set(checks.method) == {"retrain"}
    assert load_results(lab.store, lab.lock("reference=paired")).checks.empty


def test_a_pair_metric_brings_its_floor_though_retrain_is_not_listed(lab):
    lab.edit("original, retrain, ", "original, ")
    lab.run()
    frame = load_results(lab.store, lab.lock()).frame()
    floor = frame[(frame.method == "retrain") & (frame.metric == "toy-weight-distance")]
    assert len(floor) == 3


def test_each_label_has_the_values_of_its_own_arguments(lab):
    lab.run()
    uses = (
        "{name: accuracy, label: a, splits: [forget]}, {name: accuracy, label: b, splits: [test]}"
    )
    lab.edit("metrics: [accuracy,", f"metrics: [{uses},")
    lab.run("seeds.training=2")
    names = set(load_results(lab.store, lab.lock()).frame().metric)
    assert {name for name in names if name[0] in "ab"} == {"a/forget", "b/test"}


def test_ensemble_metrics_have_one_value_a_method(lab):
    lab.edit("toy-probe]", "toy-margin-gap]")
    lab.run()
    results = load_results(lab.store, lab.lock())
    summary = results.summary().set_index("metric").loc["toy-margin-gap"].set_index("method")
    assert set(summary.index) == {"original", "finetune", "toy-noise", "toy-shrink"}
    values = results.ensembles().query("method == 'toy-noise' and draw.isna()")
    values = values.set_index("left_out").value
    left_out = values[values.index.notna()].to_numpy()
    assert len(left_out) == 3
    row = summary.loc["toy-noise"]
    assert row["mean"] == values[values.index.isna()].iloc[0] > 0
    assert row["se"] == pytest.approx(np.sqrt(2 / 3 * ((left_out - left_out.mean()) ** 2).sum()))
    assert row["ci_kind"] == "jackknife over training seeds"
    assert row["flags"] == "few_training_seeds"


def test_a_store_with_several_studies_wants_a_name(lab):
    lab.run()
    lab.edit("study: toy", "study: other")
    lab.lock()
    with pytest.raises(StoreError, match="holds several studies; name one: other, toy"):
        find_lock(lab.store)
    assert find_lock(lab.store, "toy").study == "toy"


def test_seeds_added_after_a_look_are_flagged(lab):
    lab.run()
    assert look(lab.store, lab.lock(), "analyze").summary()["n_looks"].max() == 1
    lab.run("seeds.training=5")
    row = look(lab.store, lab.lock("seeds.training=5"), "analyze").summary().iloc[0]
    assert "optional_stopping" in row["flags"]
    assert row["n_looks"] == 2
    again = look(lab.store, lab.lock("seeds.training=5"), "report").summary()
    assert again["n_looks"].max() == 2


def test_a_look_on_the_way_to_what_was_planned_does_no_harm(lab):
    lab.run("methods=[original, retrain, finetune]", limit=4)
    with_part = look(lab.store, lab.lock("methods=[original, retrain, finetune]"), "analyze")
    assert with_part.frame()["training_seed"][with_part.frame()["status"] == "ok"].nunique() > 0
    lab.run("methods=[original, retrain, finetune]")
    whole = look(lab.store, lab.lock("methods=[original, retrain, finetune]"), "analyze")
    assert not whole.summary()["flags"].str.contains("optional_stopping").any()


def test_loading_results_for_a_file_is_no_look(lab):
    lab.run()
    load_results(lab.store, lab.lock())
    assert not lab.store.keys("looks")


def test_a_store_that_cannot_be_written_is_read_all_the_same(lab, monkeypatch):
    lab.run()

    def refuse(*_):
        raise StoreError("read-only")

    monkeypatch.setattr("seedwise.interop.store.log_look", refuse)
    results = look(lab.store, lab.lock(), "analyze")
    assert "could not be logged: read-only" in results.notes[-1]
    assert len(results.summary())


def test_a_study_says_whether_its_partitions_stand_for_others(lab):
    several = ("seeds.partition=3", "methods=[original, retrain, finetune]", "metrics=[accuracy]")
    lab.run(*several)
    fixed, random = (
        load_results(lab.store, lab.lock(*several, f"partitions={how}")).summary().iloc[0]
        for how in ("fixed", "random")
    )
    assert (fixed["unit"], random["unit"]) == ("training", "partition")
    assert (random["df"], random["mean"]) == (2, fixed["mean"])
    assert (fixed["alt_se"], random["alt_se"]) == (random["se"], fixed["se"])


def test_what_partitions_stand_for_makes_no_cell_anew(lab):
    lab.run()
    before = set(lab.snapshot().design.cells)
    assert set(lab.snapshot("partitions=random").design.cells) == before
