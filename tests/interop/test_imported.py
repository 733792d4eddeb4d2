"""Models with values become results."""

import math

import pytest

from seedwise.errors import TableError
from seedwise.interop.imported import Measured, Options, Value, assemble


def model(j=0, method="npo", i=0, **values):
    return Measured("t", method, i, None if method == "retrain" else j, values, f"run{j}")


def test_errors_over_items_stay_out_of_the_statistics():
    found = assemble([model(0, u=Value(0.5, 0.1)), model(1, u=Value(0.7))])
    errors = found.table["item_se"].tolist()
    assert errors[0] == 0.1
    assert math.isnan(errors[1])
    assert "item_se" not in found.results.frame()


def test_no_column_where_no_file_has_such_errors():
    assert "item_se" not in assemble([model(0, u=Value(0.5))]).table


def test_a_metric_that_nobody_has_is_not_wanted():
    table = assemble([model(0, u=Value(0.5), v=Value(None, reason="null"))]).table
    assert table["metric"].tolist() == ["u"]


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ([], "nothing is left to import"),
        ([model()], "hold no value of any metric"),
        ([model(u=Value(None))], "all are null"),
        ([model(u=Value(1.0)), model(u=Value(1.0))], "are two runs for one cell: npo of t"),
    ],
)
def test_what_is_no_table(models, message):
    with pytest.raises(TableError, match=message):
        assemble(models)


def test_options_that_say_nothing_are_refused():
    Options(pattern="x").only("muse", "pattern")
    with pytest.raises(TableError, match="--retrain-log, --checkpoint: not for muse"):
        Options(retrain_logs=["x"], checkpoint=0).only("muse", "pattern")
