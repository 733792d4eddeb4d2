"""The null of ensemble metrics, from a table of values typed in."""

import numpy as np
import pandas as pd
import pytest

from seedwise.errors import TableError
from seedwise.results import Results
from seedwise.results.ensembles import COLUMNS, NULL_COLUMNS

CELL = {"task": "t", "method": "ssd", "metric": "klom", "n_failed": 0}


def values(plain, exchanged, evaluation_seed=None):
    rows = [{"left_out": None, "value": 5.0}]
    rows += [{"left_out": place, "value": 4.0} for place in range(6)]
    rows += [{"draw": d, "exchanged": False, "value": v} for d, v in enumerate(plain)]
    rows += [{"draw": d, "exchanged": True, "value": v} for d, v in enumerate(exchanged)]
    table = pd.DataFrame([{**CELL, "evaluation_seed": evaluation_seed, **row} for row in rows])
    return table.reindex(columns=list(COLUMNS))


def null(table, study):
    return Results(study(), ensembles=table).ensemble_null()


def test_value_and_null_are_compared_draw_by_draw(study):
    (row,) = null(values([3.0, 5.0, 1.0], [1.0, 2.0, 3.0]), study).to_dict("records")
    assert (row["value"], row["null_mean"], row["null_sd"]) == (3.0, 2.0, 1.0)
    assert (row["null_low"], row["null_high"]) == (1.0, 3.0)
    assert (row["n_above_null"], row["n_draws"], row["n_training_seeds"]) == (2, 3, 6)
    assert row["flags"] == ""


def test_evaluation_seeds_are_averaged_first(study):
    table = pd.concat([values([2.0, 2.0], [0.0, 1.0], 0), values([4.0, 4.0], [2.0, 3.0], 1)])
    (row,) = null(table, study).to_dict("records")
    assert (row["value"], row["null_low"], row["null_high"]) == (3.0, 1.0, 2.0)
    assert row["n_draws"] == 2


@pytest.mark.parametrize(("n_failed", "flags"), [(1, "failed_cells"), (0, "")])
def test_a_draw_without_a_value_is_left_out_and_flagged_where_it_failed(study, n_failed, flags):
    table = values([2.0, 3.0, 4.0], [1.0, float("nan"), 1.0])
    table.loc[table["value"].isna(), "n_failed"] = n_failed
    (row,) = null(table, study).to_dict("records")
    assert row["n_draws"] == 2
    assert row["value"] == 3.0
    assert row["flags"] == flags


def test_what_cannot_be_estimated_from_so_few_models_is_no_failed_run(study):
    table = values([], [])
    table.loc[table["left_out"].notna(), "value"] = float("nan")
    row = Results(study(), ensembles=table).summary().set_index("metric").loc["klom"]
    assert (row["mean"], row["n_failed"], row["flags"]) == (5.0, 0, "")
    assert np.isnan(row["ci_low"])
    assert row["ci_kind"] == "none: too few training seeds"


def test_without_draws_there_is_no_null(study):
    found = Results(study()).ensemble_null()
    assert found.empty
    assert list(found.columns) == list(NULL_COLUMNS)


def test_draws_are_no_part_of_the_summary(study):
    results = Results(study(), ensembles=values([9.0], [9.0]))
    row = results.summary().set_index("metric").loc["klom"]
    assert (row["mean"], row["n_training_seeds"]) == (5.0, 6)


def test_a_table_without_its_columns_is_refused(study):
    with pytest.raises(TableError, match="lacks the columns draw"):
        Results(study(), ensembles=values([1.0], [1.0]).drop(columns="draw"))
