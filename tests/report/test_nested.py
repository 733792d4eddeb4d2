from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedwise.report.material import Place, gather
from seedwise.report.nested import MOST_DOTS, fitting, nested_info, thin


@pytest.fixture(scope="module")
def info(results):
    return nested_info(gather(results))


def test_panels_follow_the_metrics_and_rows_the_methods(info, results):
    assert [panel.title for panel in info.panels] == list(dict.fromkeys(results.frame()["metric"]))
    methods = [row.method for row in info.panels[0].rows]
    assert methods[:2] == ["original", "retrain"]
    assert len(methods) == 7


def test_lanes_are_the_means_of_the_runs(info, results):
    frame = results.frame()
    mine = (frame["method"] == "finetune") & (frame["metric"] == "accuracy/test")
    expected = frame[mine].groupby("training_seed")["value"].mean()
    panel = next(panel for panel in info.panels if panel.title == "accuracy/test")
    lanes = next(row for row in panel.rows if row.method == "finetune").lanes
    assert [lane.mean for lane in lanes] == pytest.approx(list(expected))
    assert [lane.seed for lane in lanes] == [str(seed) for seed in range(10)]


def test_the_band_is_the_quartiles_of_the_retrained_models(info, results):
    frame = results.frame()
    mine = (frame["method"] == "retrain") & (frame["metric"] == "accuracy/forget")
    expected = np.quantile(frame.loc[mine, "value"], [0.25, 0.5, 0.75])
    assert info.panels[0].band[:3] == pytest.approx(tuple(expected))
    assert info.panels[0].band.n == 10


def test_a_failed_run_is_left_out_of_its_lane(info):
    lanes = next(row for row in info.panels[0].rows if row.method == "neg-grad-plus").lanes
    assert [lane.n for lane in lanes] == [3, 3, 2, 3, 3, 3, 3, 2, 3, 3]


def test_a_method_that_dwarfs_the_others_leaves_the_axis(info):
    panel = next(panel for panel in info.panels if panel.title == "loss/forget")
    assert [row.method for row in panel.rows if not row.on_axis] == ["gradient-ascent"]
    assert "gradient-ascent" in panel.finding
    assert panel.axis[1] < 3


def test_frame_has_a_row_per_training_seed(info):
    frame = info.frame()
    assert len(frame) == sum(len(row.lanes) for panel in info.panels for row in panel.rows)
    assert (frame["least"] <= frame["mean"] + 1e-12).all()


def test_one_training_seed_has_no_interval_and_says_so(make_results, make_frame):
    info = nested_info(gather(make_results(make_frame(training=1))))
    row = info.panels[0].rows[2]
    assert np.isnan(row.low)
    assert row.reason == "one training seed"


def test_info_is_frozen(info):
    with pytest.raises(dataclasses.FrozenInstanceError):
        info.panels[0].title = "other"


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=50), st.integers(2, 60))
def test_thinning_keeps_ends_and_order(values, most):
    kept = thin(np.array(values), most)
    assert len(kept) == min(len(values), most)
    assert (kept[0], kept[-1]) == (min(values), max(values))
    assert list(kept) == sorted(kept)


def test_thinned_panels_say_so(make_results, make_frame):
    methods = {"finetune": (0.0, 0.1, 0.1)}
    runs = MOST_DOTS // 2 + 1
    frame = make_frame(training=2, unlearning=runs, methods=methods)
    panel = nested_info(gather(make_results(frame))).panels[0]
    assert panel.thinned
    assert "evenly spaced" in panel.finding
    assert [lane.n for lane in panel.rows[0].lanes] == [runs, runs]


@pytest.mark.parametrize(
    ("extents", "expected"),
    [
        ([], []),
        ([None, (0.0, 1.0)], [True, True]),
        ([(0.0, 1.0), (900.0, 950.0)], [True, True]),  # half of the rows is more than a third
        ([(0.0, 1.0)] * 4 + [(1e6, 1e6), (90.0, 91.0)], [True] * 4 + [False, False]),
        ([(1.0, 1.0)] * 3 + [(2.0, 2.0)], [True] * 4),
    ],
)
def test_which_rows_share_an_axis(extents, expected):
    assert fitting(extents) == expected


def test_place_names_task_and_metric(info):
    assert info.panels[0].place == Place("", "accuracy/forget")
