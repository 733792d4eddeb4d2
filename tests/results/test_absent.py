from __future__ import annotations

import pandas as pd
import pytest

from seedwise.results import Results
from seedwise.results.absent import seeds_without_runs


@pytest.fixture
def table() -> pd.DataFrame:
    rows = [(m, i, j, i + j / 10) for m in ("a", "b") for i in range(8) for j in range(2)]
    names = ["method", "training_seed", "unlearning_seed", "value"]
    return pd.DataFrame(rows, columns=names).assign(metric="k")


def test_a_training_seed_without_runs_is_named(table):
    lacking = table[(table["method"] == "a") | (table["training_seed"] != 3)]
    (note,) = Results.from_frame(lacking).notes
    assert note == (
        "b: no run of training seed 3 has a value; its numbers rest on 7 of 8 trained models"
    )


def test_runs_that_all_failed_count_as_none(table):
    gone = (table["method"] == "b") & (table["training_seed"] < 7)
    failed = table.assign(value=table["value"].mask(gone))
    assert "seed 0, 1, 2, 3, 4 and 2 more has" in seeds_without_runs(failed)[0]
    status = table.assign(status=gone.map({True: "failed", False: "ok"}))
    assert seeds_without_runs(status) == seeds_without_runs(failed)


def test_one_run_left_is_enough_and_references_are_not_asked_for(table):
    assert not seeds_without_runs(table.drop(index=3))
    one = pd.DataFrame({"method": ["retrain"], "training_seed": [99], "value": [1.0]})
    assert not seeds_without_runs(pd.concat([table, one]))


def test_tasks_and_partitions_are_told_apart(table):
    tasks = pd.concat([table.assign(task="x"), table[table["training_seed"] < 2].assign(task="y")])
    assert not seeds_without_runs(tasks)
    parts = pd.concat([table.assign(partition_seed=p) for p in (0, 1)])
    lost = (parts["partition_seed"] == 1) & (parts["training_seed"] == 5) & (parts.method == "a")
    assert "training seed 1/5 has" in seeds_without_runs(parts[~lost])[0]
