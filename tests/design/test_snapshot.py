"""Stale, failed and not reproducible cells, and deterministic methods that are none."""

import json

import pytest

FLAKY = """
from pathlib import Path
HERE = Path(__file__).parent
@sw.method("mine")
def mine(original, problem, extras, seeds, ctx):
    if (HERE / "broken").exists():
        raise ValueError("no luck")
    model = problem.copy(original)
    model.delta += seeds.generator("shift").normal() + (HERE / "other").exists()
    return model
"""
METHODS = "methods: [original, retrain, finetune, toy-noise, toy-shrink]"


@pytest.fixture
def flaky(lab):
    lab.edit(METHODS, "methods: [retrain, mine]")
    lab.plugin(FLAKY)
    return lab


def test_a_failed_cell_is_kept_counted_and_retried_on_request(flaky):
    broken = flaky.path.parent / "broken"
    broken.touch()
    outcome = flaky.run()
    assert len(outcome.failures) == 6
    assert "no luck" in outcome.failures[0]
    broken.unlink()
    assert flaky.run().made == 0
    assert flaky.run(retry=True).made == 6
    snapshot = flaky.snapshot()
    assert snapshot.pending(["failed", "missing"]) == []
    assert sum(len(failures) for failures in snapshot.failures.values()) == 6
    assert "ValueError: no luck" in next(iter(snapshot.failures.values()))[0]["traceback"]


def test_editing_a_plug_in_makes_its_cells_and_no_others(flaky):
    flaky.run()
    flaky.plugin(FLAKY + "\n# edited\n")
    assert flaky.run().made == 6
    assert len(flaky.snapshot().records) == 3 + 3 + 6 + 6


def test_a_parent_made_anew_makes_its_children_stale(lab):
    lab.run()
    snapshot = lab.snapshot()
    cell = next(cell for cell in snapshot.design.cells.values() if cell.stage == "train")
    record = dict(snapshot.records[cell.key]) | {"generation": 1, "digest": "0" * 64}
    lab.store.put("models", f"{cell.key}.1", record)
    stale = lab.snapshot().pending(["stale"])
    assert {child.parent for child in stale} == {cell.key}
    assert len(stale) == 2 * 2 + 2  # two stochastic methods x J, shrink with its check


def test_weights_that_are_gone_are_made_again_when_they_are_the_same(lab):
    lab.run()
    for path in (lab.root / "weights").rglob("*.safetensors"):
        path.unlink()
    lab.edit("toy-probe]", "toy-probe, {name: loss, splits: [test], label: late}]")
    outcome = lab.run()
    assert (outcome.made, outcome.failures) == (0, [])


def test_damaged_weights_are_never_used(lab):
    lab.run()
    before = lab.digests()
    for path in (lab.root / "weights").rglob("*.safetensors"):
        path.write_text(json.dumps([(0.5).hex()] * 6))
    lab.run("seeds.unlearning=3")
    after = lab.digests("seeds.unlearning=3")
    assert before.items() <= after.items()


def test_a_cell_with_other_bits_is_never_mixed_and_redrawn_on_request(flaky):
    flaky.edit("model: linear}", "model: linear}\nkeep: none")
    flaky.run()
    old = flaky.digests()
    (flaky.path.parent / "other").touch()
    flaky.edit("toy-probe]", "toy-probe, {name: loss, splits: [retain], label: late}]")
    outcome = flaky.run()
    assert outcome.made == 0
    assert len(flaky.snapshot().pending(["not-reproducible"])) == 6
    assert flaky.digests() == old
    assert flaky.run(redraw=True).made == 6
    new = flaky.digests()
    assert all((old[key] != new[key]) == (key[0] == "mine") for key in old)
    snapshot = flaky.snapshot()
    assert snapshot.pending(["missing", "stale", "failed", "not-reproducible"]) == []
    assert flaky.run().measured == 0


@pytest.mark.parametrize(
    ("declared", "verdict", "rows"), [("True", "not", 6), ("False", "stochastic", 6)]
)
def test_a_method_that_declares_too_much_is_found_out(lab, declared, verdict, rows):
    lab.edit(METHODS, "methods: [mine]")
    lab.plugin(
        f"""
@sw.method("mine", deterministic={declared})
def mine(original, problem, extras, seeds, ctx):
    model = problem.copy(original)
    model.delta += seeds.generator("noise").normal(size=6)
    return model
"""
    )
    lab.run()
    snapshot = lab.snapshot()
    assert snapshot.verdict(0, 0) == verdict
    mine = [row for row in snapshot.wanted_rows() if row.method == 0]
    assert len(mine) == rows
    assert all(snapshot.digest(row.cell) for row in mine)


def test_a_deterministic_method_runs_once_an_original_and_twice_on_the_first(lab):
    lab.edit(METHODS, "methods: [toy-shrink]")
    lab.run("seeds.unlearning=5")
    snapshot = lab.snapshot("seeds.unlearning=5")
    assert snapshot.verdict(0, 0) == "verified"
    assert len([row for row in snapshot.wanted_rows() if row.method == 0]) == 3
    runs = [r for r in snapshot.records.values() if r["stage"] == "unlearn"]
    assert sorted((r["seeds"]["training"], r["seeds"]["unlearning"]) for r in runs) == [
        (0, 0),
        (0, 1),
        (1, 0),
        (2, 0),
    ]
