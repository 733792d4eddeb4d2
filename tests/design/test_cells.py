"""What is recomputed when one thing changes: the promise that the store's keys make."""

from collections import Counter

import pytest

from seedwise.design import wanted_of_ensemble

METHODS = "methods: [original, retrain, finetune, toy-noise, toy-shrink]"
METRICS = "metrics: [accuracy, loss, runtime, toy-weight-distance, toy-probe]"
ALL = 3 + 3 + 3 * 2 * 2 + 3 + 1  # originals, references, two methods x J, shrink once, its check


@pytest.fixture
def ran(lab):
    assert lab.run().made == ALL
    return lab


def test_a_run_with_nothing_to_do_does_nothing(ran):
    outcome = ran.run()
    assert (outcome.made, outcome.measured, outcome.failures) == (0, 0, [])


@pytest.mark.parametrize(
    ("old", "new", "made"),
    [
        (METHODS, METHODS.replace("toy-noise", "{name: toy-noise, label: noise}"), 0),
        (METHODS, METHODS.replace("toy-noise", "{name: toy-noise, scale: 0.1}"), 0),
        (METHODS, METHODS.replace("toy-noise", "{name: toy-noise, scale: 0.2}"), 6),
        (METHODS, METHODS.replace("finetune, toy-noise", "toy-noise, finetune"), 0),
        (METHODS, METHODS.replace("]", ", gradient-ascent]"), 4),
        (METHODS, METHODS.replace("toy-noise, ", ""), 0),
        (METRICS, METRICS.replace("]", ", toy-margin-gap]"), 0),
        ("training: 3", "training: 4", 1 + 1 + 4 + 1),
        ("training: 3", "training: [2, 0, 1]", 1),  # the check moves to another first original
        ("training: 3", "training: [5, 6, 7]", ALL),
        ("unlearning: 2", "unlearning: 3", 6),
        ("unlearning: 2", "unlearning: {default: 2, toy-shrink: 1}", 0),
        ("unlearning: 2", "unlearning: {finetune: 2, toy-noise: 5}", 9),
        ("unlearning: 2", "unlearning: {toy-noise: [0, 7-8]}", 6),
        ("unlearning: 2", "unlearning: {default: 1, toy-shrink: [1, 0]}", 2),  # another first seed
        ("evaluation: 2", "evaluation: 5", 0),
        ("{random: 0.2}", "{random: 0.2, name: tenth}", 0),
        ("{random: 0.2}", "{random: 0.2, seed: 1}", ALL - 3),
        ("{random: 0.2}", "[{random: 0.2}, {random: 0.3}]", ALL - 3),
        ("model: linear}", "model: linear, train: {epochs: 3}}", 0),
        ("model: linear}", "model: linear, train: {epochs: 4}}", ALL),
    ],
)
def test_one_change_makes_just_what_it_must(ran, old, new, made):
    ran.edit(old, new)
    assert ran.run().made == made
    assert ran.run().made == 0


def test_a_metric_added_later_only_adds_its_measurements(ran):
    before = ran.values()
    ran.edit(METRICS, METRICS.replace("]", ", {name: toy-probe, label: again}]"))
    assert ran.run().measured == 0  # the same metric under another label is the same value
    ran.edit("]\nseeds", ", toy-margin-gap]\nseeds")
    outcome = ran.run()
    wanted = [wanted_of_ensemble(ran.snapshot(), 0, method) for method in range(5)]
    keys = {one.key for ensemble in wanted for one in ensemble}
    assert (outcome.made, outcome.measured) == (0, len(keys))
    assert len(keys) > 4 * 4  # 4 methods: all, each original left out, draws of the null
    assert before.items() <= ran.values().items()


def test_another_order_of_methods_and_seeds_gives_the_same_bits(lab, tmp_path_factory):
    lab.run()
    expected, values = lab.digests(), lab.values()
    other = type(lab)(tmp_path_factory.mktemp("other"))
    other.edit(METHODS, "methods: [toy-shrink, toy-noise, finetune, retrain, original]")
    other.edit(METRICS, METRICS.replace("]", ", toy-margin-gap]"))
    other.run("seeds.training=[2, 0, 1]", workers=0)
    assert other.digests("seeds.training=[2, 0, 1]").items() == expected.items()
    same = {key: value for key, value in other.values().items() if key in values}
    assert same.items() <= values.items()
    assert len(same) > 50


def test_a_half_filled_store_gives_the_same_bits(lab, tmp_path_factory):
    lab.run()
    other = type(lab)(tmp_path_factory.mktemp("other"))
    other.run("seeds.training=[1]", "methods=[toy-noise, retrain]")
    other.run(limit=4)
    other.run()
    assert other.digests() == lab.digests()
    assert other.values() == lab.values()


def test_forget_sets_share_originals(lab):
    lab.edit("{random: 0.2}", "[{random: 0.2}, {random: 0.2, seed: 7}, {first: 5}]")
    lab.run()
    snapshot = lab.snapshot()
    stages = [record["stage"] for record in snapshot.records.values()]
    assert stages.count("train") == 3
    assert stages.count("retrain") == 9


def test_partitions_are_other_models(lab):
    lab.run("seeds.partition=2")
    digests = lab.digests("seeds.partition=2")
    originals = {key: value for key, value in digests.items() if key[0] == "original"}
    assert len(originals) == len(set(originals.values())) == 6


def test_seed_zero_is_a_seed_like_any_other(lab):
    lab.run("seeds.training=[0]", "seeds.unlearning=[0]")
    alone = lab.digests("seeds.training=[0]", "seeds.unlearning=[0]")
    lab.run("seeds.training=[3, 0]", "seeds.unlearning=[2, 0]")
    both = lab.digests("seeds.training=[3, 0]", "seeds.unlearning=[2, 0]")
    assert both[("toy-noise", 0, 0, 0, 0)] == alone[("toy-noise", 0, 0, 0, 0)]
    assert len({both[("toy-noise", 0, 0, i, j)] for i in (0, 3) for j in (0, 2)}) == 4


def test_methods_have_as_many_rows_as_the_study_says(ran):
    runs = "seeds.unlearning={default: 1, finetune: 3}"
    before = ran.digests()
    ran.run(runs)
    found = ran.digests(runs)
    counts = Counter(method for method, *_ in found)
    assert counts == {"original": 3, "retrain": 3, "finetune": 9, "toy-noise": 3, "toy-shrink": 3}
    assert all(digest == found[key] for key, digest in before.items() if key in found)
    assert ran.snapshot(runs).verdict(0, 4) == "verified"


def test_a_method_that_only_claims_to_be_deterministic_gets_its_own_number_back(lab):
    lab.plugin(
        "@sw.method(name='liar', deterministic=True)\n"
        "def liar(original, problem, extras, seeds, ctx):\n"
        "    model = problem.copy(original)\n"
        "    model.delta += seeds.generator('noise').normal()\n"
        "    return model\n"
    )
    lab.edit("toy-shrink]", "toy-shrink, liar]")
    runs = "seeds.unlearning={liar: 3}"
    lab.run(runs)
    assert lab.snapshot(runs).verdict(0, 5) == "not"
    assert Counter(method for method, *_ in lab.digests(runs))["liar"] == 9


def test_references_are_independent_unless_paired(lab):
    lab.run()
    independent = lab.snapshot()
    paired = lab.snapshot("reference=paired")
    scopes = [
        {cell.seeds.scope for cell in snapshot.design.cells.values() if cell.stage == "retrain"}
        for snapshot in (independent, paired)
    ]
    assert scopes == [{"retrain"}, {"train"}]
    lab.run("reference=paired")
    starts = [
        record["start"]
        for snapshot in [lab.snapshot("reference=paired")]
        for key, record in snapshot.records.items()
        if key in snapshot.design.cells and record["stage"] in ("train", "retrain")
    ]
    assert len(starts) == 2 * len(set(starts))


def test_an_option_added_to_a_built_in_re_runs_nothing(ran, monkeypatch):
    """A new version of seedwise whose `finetune` has one more option, with a default."""
    from dataclasses import replace

    from seedwise.methods.generic import finetune as module

    old = module.finetune

    def newer(original, problem, extras, seeds, ctx, *, lr: float = 0.01, polish: bool = False):
        raise AssertionError("run again")

    newer.__module__ = old.function.__module__
    monkeypatch.setattr(module, "finetune", replace(old, function=newer))
    ran.store.lock_path("toy").unlink()
    outcome = ran.run()
    assert "polish" in ran.lock().methods[2].arguments
    assert (outcome.made, outcome.failures) == (0, [])


def test_a_new_version_of_a_built_in_makes_its_cells_again(ran, monkeypatch):
    from dataclasses import replace

    from seedwise.methods.generic import finetune as module

    monkeypatch.setattr(module, "finetune", replace(module.finetune, version="2"))
    ran.store.lock_path("toy").unlink()
    assert ran.run().made == 6
