from __future__ import annotations

import numpy as np
import pytest

from seedwise.contracts import MetricSpec
from seedwise.errors import TableError
from seedwise.results import Results
from seedwise.results.closeness import COLUMNS
from seedwise.stats import compare, gaps


def values(frame, method: str) -> np.ndarray:
    own = frame[(frame["metric"] == "loss") & (frame["method"] == method)]
    return own.groupby("training_seed")["value"].mean().to_numpy()


def test_every_method_against_independent_references(study):
    frame = study()
    table = Results(frame).closeness("loss")
    assert tuple(table.columns) == COLUMNS
    assert table["method"].tolist() == ["ft", "ga", "original"]
    row = table.set_index("method").loc["ga"]
    expected = compare.independent(values(frame, "ga"), values(frame, "retrain"))
    found = row[["diff", "se", "df", "smallest_margin"]].tolist()
    margin = compare.tost(expected).smallest_margin
    assert found == pytest.approx([expected.diff, expected.se, expected.df, margin])
    assert np.isnan(row["margin"])
    assert table["equivalent"].isna().all()


def test_a_margin_decides(study):
    results = Results(study())
    wide, narrow = (results.closeness("loss", margin=m) for m in (1.0, 1e-6))
    assert wide["equivalent"].all()
    assert not narrow["equivalent"].any()


def test_typical_gap_is_made_of_single_runs(study):
    frame = study()
    row = Results(frame).closeness("loss").set_index("method").loc["ft"]
    own = frame[(frame["metric"] == "loss") & (frame["method"] == "ft")]
    runs = [of_seed["value"].to_numpy() for _, of_seed in own.groupby("training_seed")]
    reference = values(frame, "retrain")
    expected = gaps.typical_gap(runs, reference)
    assert row["typical_gap"] == pytest.approx(expected.estimate)
    assert row["typical_gap_low"] == pytest.approx(expected.low)
    assert row["floor"] == pytest.approx(gaps.floor(reference).estimate)
    outside = [np.mean((r < reference.min()) | (r > reference.max())) for r in runs]
    assert row["share_outside"] == pytest.approx(np.mean(outside))
    assert row["sd_ratio"] > 0


def test_paired_references_meet_their_own_seed(study):
    frame = study()
    row = Results(frame, reference="paired").closeness("loss").set_index("method").loc["original"]
    own, reference = values(frame, "original"), values(frame, "retrain")
    assert row["typical_gap"] == pytest.approx(abs(own - reference).mean())
    assert row["df"] == 5
    assert "reference_paired" in row["flags"]


def test_a_distance_is_averaged_as_it_is(study):
    frame = study()
    specs = {"loss": MetricSpec("loss", level="pair", direction="lower")}
    row = Results(frame, metrics=specs).closeness("loss").set_index("method").loc["ft"]
    assert row["typical_gap"] == pytest.approx(values(frame, "ft").mean())
    assert row["floor"] == pytest.approx(values(frame, "retrain").mean())


def test_partitions_have_a_gap_but_no_pooled_typical_one(study):
    frame = study().assign(partition_seed=lambda f: f["training_seed"] // 3)
    row = Results(frame).closeness("loss").iloc[0]
    assert np.isfinite(row["se"])
    assert np.isnan(row["typical_gap"])


@pytest.mark.parametrize("margin", [0, -0.1, np.nan])
def test_bad_margins_are_refused(study, margin):
    with pytest.raises(TableError, match="give a number above 0"):
        Results(study()).closeness("loss", margin=margin)


def test_a_margin_needs_its_metric(study):
    with pytest.raises(TableError, match="say which of accuracy/forget, loss"):
        Results(study()).closeness(margin=0.1)


def test_without_references_the_reader_is_told(study):
    frame = study()
    with pytest.raises(TableError, match="needs the rows of retrained models"):
        Results(frame[frame["method"] != "retrain"]).closeness()


def test_unknown_metrics_are_refused(study):
    with pytest.raises(TableError, match="no metric 'los'"):
        Results(study()).closeness("los")
