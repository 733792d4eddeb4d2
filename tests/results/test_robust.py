from __future__ import annotations

import numpy as np
import pytest

from seedwise.contracts import MetricSpec
from seedwise.errors import TableError
from seedwise.results import Results
from seedwise.results.robust import COLUMNS
from seedwise.stats import robust

SPECS = {"accuracy": MetricSpec("accuracy", bounds=(0.0, 1.0)), "loss": MetricSpec("loss")}


def test_each_column_is_what_the_kernels_say(study):
    frame = study(units=9)
    results = Results(frame, metrics=SPECS)
    table = results.robust()
    assert tuple(table.columns) == COLUMNS
    row = table[(table["method"] == "ft") & (table["metric"] == "loss")].iloc[0]
    own = frame[(frame["method"] == "ft") & (frame["metric"] == "loss")]
    expected = robust.iqm(own["value"], own["training_seed"])
    assert (row["iqm"], row["iqm_low"]) == pytest.approx((expected.estimate, expected.low))
    weighted = robust.gls(own["value"], own["training_seed"])
    assert (row["gls"], row["gls_high"]) == pytest.approx((weighted.estimate, weighted.high))
    assert row["bootstrap_low"] < row["mean"] < row["bootstrap_high"]
    assert np.isnan(row["bound_low"])


def test_declared_bounds_give_a_wider_interval_inside_them(study):
    table = Results(study(), metrics=SPECS).robust("accuracy/forget")
    assert (table["bound_low"] < table["ci_low"]).all()
    assert table["bound_low"].ge(0).all()
    assert table["bound_high"].le(1).all()
    assert table["bootstrap_low"].isna().all()  # six training seeds are too few


def test_two_calls_give_equal_bits(study):
    tables = [Results(study(units=9), metrics=SPECS).robust() for _ in range(2)]
    assert tables[0].equals(tables[1])


def test_several_partitions_have_none_of_them(study):
    frame = study().assign(partition_seed=lambda f: f["training_seed"] // 3)
    assert Results(frame).robust()["iqm"].isna().all()


def test_unknown_metrics_are_refused(study):
    with pytest.raises(TableError, match="no metric 'x'"):
        Results(study()).robust("x")
