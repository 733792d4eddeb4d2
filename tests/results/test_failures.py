from __future__ import annotations

import numpy as np
import pytest

from seedwise.errors import TableError
from seedwise.results import Results
from seedwise.results.failures import COLUMNS


def test_no_failure_excludes_little(study):
    table = Results(study(units=10)).failures()
    assert tuple(table.columns) == COLUMNS
    assert (table["share"] == 0).all()
    assert table["share_high"].round(2).tolist() == [0.26] * 4


def test_one_failed_run_fails_its_training_seed(study):
    frame = study()
    frame.loc[(frame["method"] == "ga") & (frame["training_seed"] == 2), "value"] = np.nan
    table = Results(frame).failures().set_index("method")
    assert table["n_failed_training_seeds"].to_dict() == {
        "ft": 0,
        "ga": 1,
        "original": 0,
        "retrain": 0,
    }


def test_a_value_beyond_a_limit_is_a_failure(study):
    table = Results(study()).failures({"loss": (10.0, 20.0)})
    assert (table["share"] == 1).all()
    assert (table["share_high"] == 1).all()


def test_unknown_metrics_are_refused(study):
    with pytest.raises(TableError, match="no metric 'lose'"):
        Results(study()).failures({"lose": (0, 1)})
