from __future__ import annotations

import pandas as pd
import pytest

from seedwise.report.material import Place, codes, gather, reason


@pytest.fixture(scope="module")
def material(results):
    return gather(results)


def test_baselines_come_first(material):
    assert material.methods[:3] == ("original", "retrain", "finetune")


def test_units_hold_the_finite_runs_of_each_training_seed(material):
    units = material.units(Place("", "accuracy/test"), "neg-grad-plus")
    assert [unit.at for unit in units] == list(range(10))
    assert [unit.values.size for unit in units].count(2) == 2


def test_evaluation_seeds_are_averaged_before_anything_is_drawn(make_results, make_frame):
    frame = make_frame(training=3, metrics={"mia-loss": (0.5, 0.1)})
    twice = [frame.assign(evaluation_seed=k, value=frame["value"] + k) for k in (0, 1)]
    results = make_results(pd.concat(twice, ignore_index=True))
    place = Place("", "mia-loss")
    units = gather(results).units(place, "finetune")
    single = gather(make_results(frame)).units(place, "finetune")
    assert [unit.values.size for unit in units] == [3, 3, 3]
    assert units[0].values == pytest.approx(single[0].values + 0.5)


def test_subtitle_says_which_values_are_good(material):
    assert material.subtitle(Place("", "runtime")) == "lower is better"
    assert "retrained" in material.subtitle(Place("", "accuracy/test"))


def test_a_metric_without_a_spec_has_no_subtitle(make_results, make_frame):
    material = gather(make_results(make_frame(training=2), metrics={}))
    assert material.subtitle(Place("", "accuracy/test")) == ""


def test_codes_and_reasons():
    assert codes({"flags": "few_training_seeds, boundary"}) == ("few_training_seeds", "boundary")
    assert reason("none: no values") == "no values"
