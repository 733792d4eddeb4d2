from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seedwise.errors import TableError
from seedwise.results.tidy import COLUMNS, base_name, tidy


def test_columns_types_and_order(study):
    table = tidy(study())
    assert tuple(table.columns) == COLUMNS
    assert str(table["training_seed"].dtype) == "Int64"
    assert table["value"].dtype == float
    assert table["partition_seed"].isna().all()
    assert set(table["status"]) == {"ok"}
    assert table["value"].tolist() == study()["value"].tolist()


def test_tidying_twice_changes_nothing(study):
    table = tidy(study())
    pd.testing.assert_frame_equal(tidy(table), table)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_become_failures(study, value):
    frame = study()
    frame.loc[4, "value"] = value
    row = tidy(frame).loc[4]
    assert row["status"] == "failed"
    assert row["reason"] == f"the value is {value}"
    assert np.isnan(row["value"])


def test_failed_and_missing_rows_are_kept(study):
    frame = study().assign(status="ok", reason="")
    frame.loc[0, ["status", "reason"]] = ["failed", "out of memory"]
    frame.loc[1, "status"] = "missing"
    table = tidy(frame)
    assert table["status"].tolist()[:3] == ["failed", "missing", "ok"]
    assert table.loc[0, "reason"] == "out of memory"
    assert np.isnan(table.loc[0, "value"])


def test_baselines_have_no_unlearning_seed(study):
    frame = study().assign(unlearning_seed=lambda f: f["unlearning_seed"].fillna(0))
    table = tidy(frame)
    baseline = table["method"].isin(["original", "retrain"])
    assert table.loc[baseline, "unlearning_seed"].isna().all()
    assert table.loc[~baseline, "unlearning_seed"].notna().all()


def test_seeds_may_come_as_floats_or_text(study):
    as_text = study().assign(training_seed=lambda f: f["training_seed"].astype(str))
    as_float = study().assign(training_seed=lambda f: f["training_seed"].astype(float))
    for frame in (as_text, as_float):
        assert tidy(frame)["training_seed"].tolist() == study()["training_seed"].tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"training_seed": 0.5}, "'training_seed' must hold whole numbers, but row 3 holds '0.5'"),
        ({"training_seed": None}, "'training_seed' is empty in row 3"),
        ({"method": ""}, "'method' is empty in row 3"),
        ({"metric": None}, "'metric' is empty in row 3"),
        ({"status": "done"}, "'status' must be one of ok, failed, missing, but row 3 holds 'done'"),
        ({"unlearning_seed": 1}, r"1 cell stands in several rows: .*\(rows 1, 3\)"),
    ],
)
def test_bad_rows_are_named(study, change, message):
    frame = study().assign(status="ok")
    # Row 3 is the first run of 'ga'; made a run of 'ft' where a repetition is wanted.
    frame = frame.astype({"training_seed": object})
    frame.loc[3, ["method", "unlearning_seed"]] = ["ft", 9]
    for name, value in change.items():
        frame.loc[3, name] = value
    with pytest.raises(TableError, match=message):
        tidy(frame)


def test_rows_are_named_by_the_index(study):
    frame = study().set_index(np.arange(len(study())) + 100)
    frame.loc[103, "method"] = ""
    with pytest.raises(TableError, match="'method' is empty in row 103"):
        tidy(frame)


def test_repeated_baselines_get_advice(study):
    frame = pd.concat([study(), study()[lambda f: f["method"] == "retrain"]], ignore_index=True)
    with pytest.raises(TableError, match="have no unlearning seed") as caught:
        tidy(frame)
    assert str(caught.value).startswith("12 cells stand in several rows")
    assert "and 9 more" in str(caught.value)


def test_lacking_columns_are_named(study):
    with pytest.raises(TableError, match="lacks the columns metric, value"):
        tidy(study().drop(columns=["metric", "value"]))


def test_base_name():
    assert base_name("loss") == "loss"
    assert base_name("accuracy/forget/x") == "accuracy"
