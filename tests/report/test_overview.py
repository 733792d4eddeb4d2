from __future__ import annotations

import pandas as pd
import pytest

from seedwise.report.material import gather
from seedwise.report.overview import overview_info
from seedwise.report.single_seed import single_seed_info
from seedwise.report.variance import variance_info


def overview(results):
    material = gather(results)
    return overview_info(material, variance_info(material), single_seed_info(material))


@pytest.fixture(scope="module")
def info(results):
    return overview(results)


def test_a_sentence_has_estimates_share_and_design(info):
    line = next(line for line in info.lines if line.method == "finetune")
    said = line.sentence()
    assert said.startswith("accuracy/forget .794 [.776, .812]; ")
    assert "the training seed makes 87 % of the variance" in said
    assert said.endswith("; I = 10, J = 3, df = 9.")


def test_baselines_have_no_unlearning_seeds(info):
    assert info.lines[0].design == "I = 10, df = 9"


def test_failed_runs_are_counted_and_listed_with_their_reason(info):
    assert info.n_failures == 2
    assert {failure.method for failure in info.failures} == {"neg-grad-plus"}
    assert "NaN" in info.failures[0].reason
    assert any("2 failed runs" in check for check in info.checks)


def test_only_flags_that_occur_are_explained(info):
    used = {code for line in info.lines for code in line.flags}
    assert set(info.flags) == used
    assert "single_training_seed" not in used


def test_a_method_that_does_nothing_is_named(make_results, make_frame):
    frame = make_frame()
    key = ["metric", "training_seed"]
    originals = frame[frame["method"] == "original"].set_index(key)["value"]
    mine = frame["method"].eq("random-labels") & ~frame["metric"].isin(
        ["runtime", "js-to-reference"]
    )
    frame.loc[mine, "value"] = originals.loc[
        pd.MultiIndex.from_frame(frame.loc[mine, key])
    ].to_numpy()
    checks = overview(make_results(frame)).checks
    assert [check for check in checks if "did nothing" in check] == [
        "random-labels did nothing in 100 % of its runs: every metric equals that of the original "
        "model."
    ]


def test_checks_of_the_harness_and_notes_are_passed_on(make_results, make_frame):
    found = pd.DataFrame(
        {
            "task": "",
            "method": "ssd",
            "training_seed": [0, 1],
            "unlearning_seed": 0,
            "check": "unchanged",
            "message": "weights did not move.",
        }
    )
    info = overview(make_results(make_frame(), checks=found, notes=["mind the gap"]))
    assert "ssd: weights did not move (2 runs)." in info.checks
    assert info.notes == ("mind the gap",)


def test_a_missing_reference_is_said(make_results, make_frame):
    frame = make_frame()
    info = overview(make_results(frame[frame["method"] != "retrain"]))
    assert any("no retrained models" in check for check in info.checks)


def test_frame(info, results):
    assert len(info.frame()) == len(results.summary())


def test_ensemble_metrics_do_not_count_as_no_unlearning_seed(make_results, make_frame):
    frame = make_frame()
    values = {"task": "", "method": "finetune", "metric": "ensemble", "value": [0.5, 0.4, 0.6]}
    more = {"evaluation_seed": None, "left_out": [None, 0, 1], "n_failed": 0}
    more |= {"draw": None, "exchanged": False}
    info = overview(make_results(frame, ensembles=pd.DataFrame({**values, **more})))
    line = next(line for line in info.lines if line.method == "finetune")
    assert "ensemble" in [entry.place.metric for entry in line.entries]
    assert line.n_unlearning_seeds == (3, 3)
