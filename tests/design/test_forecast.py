"""What a study still needs, by the records of its like."""

import pytest

from seedwise.design import forecast
from seedwise.design.forecast import price

FOLDERS = {"weights": "weights", "outputs": "outputs", "history": "extras"}


def by_method(found):
    return {one.method: one for one in found.stages}


def test_before_any_run_cells_are_counted_and_nothing_is_known(lab):
    found = forecast(lab.snapshot())
    stages = by_method(found)
    assert {name: one.total for name, one in stages.items()} == {
        "original": 3,
        "retrain": 3,
        "finetune": 6,
        "toy-noise": 6,
        "toy-shrink": 4,
    }
    assert sum(one.left for one in found.stages) == 22
    assert set(found.unknown) == set(stages)
    assert found.seconds == 0
    assert found.memory != found.memory
    assert set(found.unmeasured) == {"accuracy", "loss", "toy-weight-distance", "toy-probe"}


def test_after_a_run_nothing_is_left_and_more_seeds_cost_what_their_like_did(lab):
    lab.run()
    done = forecast(lab.snapshot())
    assert sum(one.left for one in done.stages) == 0
    assert done.seconds == pytest.approx(0.0)
    more = forecast(lab.snapshot("seeds.training=6"))
    stages = by_method(more)
    assert stages["original"].left == 3
    assert stages["toy-noise"].left == 6
    assert not more.unknown
    expected = sum(one.left * one.seconds for one in more.stages)
    assert more.seconds == pytest.approx(expected + more.measuring)
    assert more.measuring > 0
    assert more.bytes("disk") == pytest.approx(sum(one.left * one.disk for one in more.stages))
    assert stages["original"].disk > 0


def on_disk(lab, folder):
    return sum(path.stat().st_size for path in (lab.root / folder).rglob("*.*"))


def test_what_twice_as_many_seeds_keep_is_what_the_first_half_kept(lab):
    lab.edit("toy-shrink", "toy-rewind")
    lab.run("seeds.training=6")
    kept = {part: on_disk(lab, folder) for part, folder in FOLDERS.items()}
    more = forecast(lab.snapshot("seeds.training=12"))
    assert all(kept.values())
    for part, size in kept.items():
        assert more.bytes(part) == pytest.approx(size, rel=0.2)
    lab.run("seeds.training=12")
    for part, folder in FOLDERS.items():
        assert more.bytes(part) == pytest.approx(on_disk(lab, folder) - kept[part], rel=0.2)


@pytest.mark.parametrize(
    ("keep", "weights", "outputs"),
    [("none", False, False), ("0.0001 MB", False, True), ("all", True, True)],
)
def test_what_the_study_does_not_keep_is_not_counted(lab, keep, weights, outputs):
    lab.run()
    stages = by_method(forecast(lab.snapshot("seeds.training=4", f"keep={keep}")))
    assert (stages["toy-noise"].weights > 0) is weights
    assert (stages["toy-noise"].outputs > 0) is outputs
    assert (stages["original"].weights > 0) is (keep != "none")


def test_models_of_another_study_in_the_store_are_not_their_like(lab):
    lab.run()
    lab.edit("study: toy", "study: other")
    lab.edit("random: 0.2", "random: 0.3")
    lab.edit("model: linear", "model: adapter")
    found = forecast(lab.snapshot())
    assert len(found.unknown) == 5
    assert found.bytes("disk") == 0


def test_models_under_an_older_label_are_their_like(lab):
    lab.run()
    lab.edit("toy-noise", "{name: toy-noise, label: noise}")
    assert forecast(lab.snapshot("seeds.training=5")).unknown == ()


def test_a_run_makes_neither_what_failed_nor_what_starts_from_it(lab):
    lab.edit("methods: [", "methods: [bad, ")
    lab.plugin("@sw.method('bad')\ndef bad(original, problem, extras, seeds, ctx):\n    1 / 0\n")
    lab.run()
    assert forecast(lab.snapshot()).left == {}
    assert forecast(lab.snapshot()).measurements == 0
    again = forecast(lab.snapshot(), ("missing", "failed"))
    assert again.left == {("unlearn", "bad"): 6}
    assert again.measurements == 6 * 5
    assert forecast(lab.snapshot(), ("missing", "failed"), limit=2).left == {("unlearn", "bad"): 2}


def test_what_is_left_costs_what_its_like_did():
    kinds = [("train", "original"), ("unlearn", "npo"), ("unlearn", "rmu")]
    left = dict(zip(kinds, (2, 10, 3), strict=True))
    each = {kinds[0]: 60.0, kinds[1]: 2.0, ("retrain", "retrain"): 50.0}
    assert price(left, each) == (140.0, {kinds[2]: 3})
    assert price({}, each) == (0, {})
    assert price(left, {}) == (0, left)


def test_more_evaluation_seeds_are_measured_again(lab):
    lab.run()
    more = forecast(lab.snapshot("seeds.evaluation=5"))
    assert sum(one.left for one in more.stages) == 0
    assert more.measuring > 0
