"""What a study still needs, by the records of its like."""

import pytest

from seedwise.design import forecast


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
    assert more.disk == pytest.approx(sum(one.left * one.disk for one in more.stages))
    assert stages["original"].disk > 0


def test_more_evaluation_seeds_are_measured_again(lab):
    lab.run()
    more = forecast(lab.snapshot("seeds.evaluation=5"))
    assert sum(one.left for one in more.stages) == 0
    assert more.measuring > 0
