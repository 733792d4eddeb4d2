from __future__ import annotations

import numpy as np
import pytest

from seedwise.report.material import gather
from seedwise.report.variance import variance_info


def rows_of(info, metric: str = "accuracy/forget"):
    panel = next(panel for panel in info.panels if panel.title == metric)
    return {row.method: row for row in panel.rows}


@pytest.fixture(scope="module")
def info(results):
    return variance_info(gather(results))


def test_shares_add_up_and_match_the_icc(info):
    frame = info.frame().dropna(subset=["share_train"])
    total = frame[["share_train", "share_unlearn", "share_eval"]].sum(axis=1)
    assert total.to_numpy() == pytest.approx(1)
    assert frame["share_train"].to_numpy() == pytest.approx(frame["icc"].to_numpy())


def test_models_without_an_unlearning_stage_are_left_out(info):
    assert set(rows_of(info)) == {
        "finetune",
        "gradient-ascent",
        "neg-grad-plus",
        "random-labels",
        "ssd",
    }


def test_a_deterministic_method_is_all_training_seed(info):
    row = rows_of(info)["ssd"]
    assert (row.share_train, row.share_unlearn) == (1.0, 0.0)
    assert row.note.startswith("deterministic")


def test_a_boundary_is_said(info):
    frame = info.frame()
    zero = frame[(frame["share_train"] == 0)]
    assert len(zero) > 0
    assert zero["note"].str.contains("estimated as 0").all()


def test_one_run_per_training_seed_is_not_separable(make_results, make_frame):
    row = rows_of(variance_info(gather(make_results(make_frame(unlearning=1)))))["finetune"]
    assert np.isnan(row.share_train)
    assert "J = 1" in row.note


def test_one_training_seed_is_not_estimable(make_results, make_frame):
    info = variance_info(gather(make_results(make_frame(training=1))))
    row = rows_of(info)["finetune"]
    assert np.isnan(row.share_train)
    assert "one training seed" in row.note
    assert info.panels[0].finding == "No method's spread can be split here."


def test_constant_values_have_no_spread(make_results, make_frame):
    frame = make_frame()
    frame.loc[frame["metric"] == "accuracy/forget", "value"] = 0.0
    row = rows_of(variance_info(gather(make_results(frame))))["finetune"]
    assert np.isnan(row.share_train)
    assert row.note.startswith("no spread")


def test_median_share(info):
    frame = info.frame()
    expected = frame.loc[frame["method"] == "finetune", "share_train"].median()
    assert info.median_share("finetune") == expected
    assert np.isnan(info.median_share("original"))
