from __future__ import annotations

import numpy as np
import pytest

from seedwise.results import Results
from seedwise.results.components import COLUMNS


def test_the_table_of_a_two_level_design(study):
    results = Results(study())
    table = results.components()
    assert tuple(table.columns) == COLUMNS
    own = table[(table["method"] == "ft") & (table["metric"] == "loss")].set_index("level")
    assert own.index.tolist() == ["training", "unlearning", "total"]
    row = results.summary().set_index(["method", "metric"]).loc[("ft", "loss")]
    assert own["component"].tolist() == [row["var_train"], row["var_unlearn"], row["var_total"]]
    assert own["percent"].tolist()[:2] == pytest.approx([100 * row["icc"], 100 - 100 * row["icc"]])
    assert own["df"].tolist()[:2] == [5, 12]
    assert own["ss"].tolist()[:2] == pytest.approx((own["ms"] * own["df"]).tolist()[:2])
    assert own["low"].tolist()[0] == row["var_train_low"]


def test_baselines_have_one_level(study):
    table = Results(study()).components()
    own = table[(table["method"] == "retrain") & (table["metric"] == "loss")]
    assert own["level"].tolist() == ["training", "total"]
    assert own["percent"].tolist() == pytest.approx([100, 100])


def test_confounded_levels_have_a_sum_but_no_parts(study):
    table = Results(study(runs=1)).components()
    own = table[(table["method"] == "ft") & (table["metric"] == "loss")].set_index("level")
    assert np.isnan(own.loc["training", "component"])
    assert own.loc["total", "component"] > 0
    assert "components_confounded" in own.loc["total", "flags"]
