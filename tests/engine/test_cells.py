"""What the record of a cell holds, and what is kept of its model."""

import json

import pytest


def records(lab, stage):
    found = [json.loads(path.read_text()) for path in (lab.root / "models").rglob("*.json")]
    return [record for record in found if record["stage"] == stage]


def test_a_record_holds_seeds_hashes_clocks_and_signature_and_no_metric(lab):
    lab.run()
    originals = {record["seeds"]["training"]: record for record in records(lab, "train")}
    assert sorted(originals) == [0, 1, 2]
    for record in records(lab, "unlearn"):
        assert record["inputs"]["parent"] == originals[record["seeds"]["training"]]["digest"]
        assert set(record["clocks"]["wall"]) == set(record["clocks"]["cpu"]) == {"unlearn"}
        assert record["signature"]["versions"]["numpy"]
        assert not {"values", "metrics", "accuracy"} & set(record)
    for record in (*originals.values(), *records(lab, "retrain")):
        assert set(record["clocks"]["wall"]) == {"train"}
        assert len(record["start"]) == 64


def test_a_failure_holds_its_traceback(lab):
    lab.edit("[original, retrain, finetune, toy-noise, toy-shrink]", "[bad]")
    lab.plugin("@sw.method('bad')\ndef bad(original, problem, extras, seeds, ctx):\n    1 / 0\n")
    lab.run()
    found = [json.loads(path.read_text()) for path in (lab.root / "failures").rglob("*.json")]
    assert len(found) == 6
    assert {failure["message"] for failure in found} == {"ZeroDivisionError: division by zero"}
    assert all("1 / 0" in failure["traceback"] for failure in found)


@pytest.mark.parametrize(
    ("keep", "unlearned", "trained"),
    [("auto", True, True), ("all", True, True), ("none", False, False), ("0.0001 MB", False, True)],
)
def test_weights_are_kept_as_the_study_says(lab, keep, unlearned, trained):
    lab.run(f"keep={keep}")
    for stage, kept in (("unlearn", unlearned), ("train", trained), ("retrain", trained)):
        assert {record["artifact"] is not None for record in records(lab, stage)} == {kept}
        for record in records(lab, stage):
            if kept:
                path = lab.root / record["artifact"]["path"]
                assert path.stat().st_size == record["artifact"]["bytes"]
