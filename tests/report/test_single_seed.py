from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from seedwise.report.material import gather
from seedwise.report.single_seed import single_seed_info


def row_of(info, method: str):
    return next(row for row in info.panels[0].rows if row.method == method)


@pytest.fixture(scope="module")
def info(results):
    return single_seed_info(gather(results))


def test_a_claim_is_the_usual_t_interval_over_its_runs(info, results):
    frame = results.frame()
    mine = (frame["method"] == "finetune") & (frame["metric"] == "accuracy/forget")
    values = frame.loc[mine & (frame["training_seed"] == 3), "value"]
    low, high = stats.t.interval(0.95, 2, values.mean(), values.std() / math.sqrt(3))
    claim = row_of(info, "finetune").claims[3]
    assert (claim.low, claim.mean, claim.high) == pytest.approx((low, values.mean(), high))


def test_a_claim_misses_when_it_does_not_hold_the_mean_of_the_others(info):
    claims = row_of(info, "gradient-ascent").claims
    for claim in claims:
        others = np.mean([other.mean for other in claims if other is not claim])
        assert claim.misses == (not claim.low <= others <= claim.high)


def test_shares_and_coverage_agree_with_results(info, results):
    table = results.single_seed().set_index(["method", "metric"])
    for panel in info.panels:
        for row in panel.rows:
            theirs = table.loc[(row.method, panel.title)]
            assert row.coverage == pytest.approx(theirs["coverage"])
            if not row.deterministic:
                assert row.miss_share == pytest.approx(theirs["miss_share"])


def test_a_deterministic_method_claims_no_spread_and_always_misses(info):
    row = row_of(info, "ssd")
    assert all(claim.low == claim.mean == claim.high for claim in row.claims)
    assert (row.n_missed, row.n_judged, row.coverage) == (10, 10, 0.0)


def test_equal_deterministic_values_do_not_miss(make_results, make_frame):
    frame = make_frame()
    frame.loc[frame["metric"] == "accuracy/forget", "value"] = 0.1
    results = make_results(frame, deterministic={"ssd": "verified"})
    assert row_of(single_seed_info(gather(results)), "ssd").n_missed == 0


def test_a_single_run_makes_no_claim(make_results, make_frame):
    row = row_of(single_seed_info(gather(make_results(make_frame(unlearning=1)))), "finetune")
    assert row.n_judged == 0
    assert math.isnan(row.miss_share)
    assert math.isnan(row.claims[0].low)


def test_counts_and_frame(info):
    frame = info.frame()
    missed, judged = info.counts
    assert missed == frame["misses"].sum()
    assert judged == frame["misses"].notna().sum() == 400
