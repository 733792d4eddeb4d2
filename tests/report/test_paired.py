from __future__ import annotations

import math

import pytest

from seedwise.report.material import gather
from seedwise.report.paired import paired_info, shown


@pytest.fixture(scope="module")
def info(results):
    return paired_info(gather(results))


def test_rows_are_those_of_results(info, results):
    pairs, gaps = results.compare("accuracy/test"), results.compare("accuracy/test", "retrain")
    panel = next(panel for panel in info.panels if panel.title == "accuracy/test")
    assert [(row.a, row.b, row.diff) for row in panel.pairs] == list(
        zip(pairs["a"], pairs["b"], pairs["diff"], strict=True)
    )
    assert [row.p_adjusted for row in panel.gaps] == list(gaps["p_adjusted"])


def test_simultaneous_intervals_are_wider(info):
    frame = info.frame()
    assert (frame["low_sim"] <= frame["low"]).all()
    assert (frame["high_sim"] >= frame["high"]).all()
    assert set(frame["family"]) == {"gap", "pair"}


def test_finding_counts_what_holm_leaves(info):
    panel = info.panels[0]
    sure = sum(row.p_adjusted < 0.05 for row in panel.pairs)
    assert f"{sure} of 10 pairs can be told from each other" in panel.finding


def test_without_a_reference_there_are_no_gaps(make_results, make_frame):
    frame = make_frame()
    info = paired_info(gather(make_results(frame[frame["method"] != "retrain"])))
    assert all(panel.gaps == () for panel in info.panels)
    assert len(info.panels[0].pairs) == 10


def test_one_training_seed_says_why_there_is_no_interval(make_results, make_frame):
    row = paired_info(gather(make_results(make_frame(training=1)))).panels[0].pairs[0]
    assert math.isnan(row.low)
    assert row.reason == "too few training seeds"


def test_pairs_with_one_wild_method_leave_the_axis_together(info):
    panel = next(panel for panel in info.panels if panel.title == "loss/forget")
    off = [row for row, kept in zip(panel.pairs, shown(panel.pairs), strict=True) if not kept]
    assert len(off) == 4
    assert all("gradient-ascent" in (row.a, row.b) for row in off)
