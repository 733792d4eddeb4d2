from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from seedwise.contracts import MetricSpec
from seedwise.errors import TableError
from seedwise.results import Results
from seedwise.results.summary import COLUMNS
from seedwise.stats import nested

SPECS = {
    "accuracy": MetricSpec("accuracy", bounds=(0.0, 1.0)),
    "loss": MetricSpec("loss", bounds=(0.0, None)),
}


def flags_of(results: Results, method: str, metric: str = "loss") -> list[str]:
    table = results.summary().set_index(["method", "metric"])
    return table.loc[(method, metric), "flags"].split(", ")


def test_rows_and_columns(study):
    table = Results(study(), metrics=SPECS).summary()
    assert tuple(table.columns) == COLUMNS
    assert table["method"].drop_duplicates().tolist() == ["ft", "ga", "original", "retrain"]
    assert len(table) == 8
    assert (table["n_missing"] == 0).all()


def test_every_row_is_what_the_fit_says(study):
    frame = study().drop(index=[2, 7])
    table = Results(frame, metrics=SPECS).summary(level=0.9).set_index(["method", "metric"])
    for (method, metric), own in frame.groupby(["method", "metric"]):
        unlearning = None if method in ("original", "retrain") else own["unlearning_seed"]
        fit = vars(nested.fit(own["value"], own["training_seed"], unlearning, level=0.9))
        row = table.loc[(method, metric)]
        for name in set(COLUMNS) & set(fit) - {"flags"}:
            same = row[name] == fit[name] or row[name] == pytest.approx(fit[name], nan_ok=True)
            assert same, name
        assert set(fit["flags"]) <= set(row["flags"].split(", "))
        assert row["sd_train"] == pytest.approx(np.sqrt(fit["var_train"]), nan_ok=True)


def test_missing_cells_are_counted_against_the_grid(study):
    frame = study()
    lost = frame[(frame["method"] == "ga") & (frame["training_seed"] == 2)].index
    table = Results(frame.drop(index=lost), metrics=SPECS).summary().set_index("method")
    assert table.loc["ga", "n_missing"].tolist() == [3, 3]
    assert table.loc["ft", "n_missing"].tolist() == [0, 0]
    assert all("missing_cells" in text for text in table.loc["ga", "flags"])


def test_rows_declared_missing_count_too(study):
    frame = study().assign(status="ok")
    frame.loc[frame["training_seed"] == 5, "status"] = "missing"
    table = Results(frame, metrics=SPECS).summary().set_index("method")
    assert table["n_missing"].groupby("method").max().to_dict() == {
        "ft": 3,
        "ga": 3,
        "original": 1,
        "retrain": 1,
    }
    assert (table["n_training_seeds"] == 5).all()


def test_a_group_in_which_all_failed_is_a_row(study):
    frame = study()
    frame.loc[frame["method"] == "ga", "value"] = np.nan
    table = Results(frame, metrics=SPECS).summary().set_index(["method", "metric"])
    row = table.loc[("ga", "loss")]
    assert (row["n_failed"], row["n_training_seeds"]) == (18, 0)
    assert np.isnan(row["mean"])
    assert "failed_cells" in row["flags"]


def test_independent_references_have_a_grid_of_their_own(study):
    frame = study()
    fewer = frame[~((frame["method"] == "retrain") & (frame["training_seed"] > 1))]
    free = Results(fewer, metrics=SPECS).summary().set_index("method")
    tied = Results(fewer, metrics=SPECS, reference="paired").summary().set_index("method")
    assert free.loc["retrain", "n_missing"].tolist() == [0, 0]
    assert tied.loc["retrain", "n_missing"].tolist() == [4, 4]


def test_determinism_is_taken_from_what_is_known(study):
    frame = study(runs=1)
    results = Results(frame, metrics=SPECS, deterministic={"ft": "verified", "ga": "not"})
    assert "deterministic" in flags_of(results, "ft")
    assert flags_of(results, "ga") == ["components_confounded", "declared_deterministic_but_not"]
    table = results.summary().set_index("method")
    assert (table.loc["ft", "icc"] == 1).all()


def test_duplicate_training_seeds(study):
    frame = study()
    copied = frame[frame["training_seed"] == 0]
    others = frame[frame["training_seed"] != 3]
    doubled = pd.concat([others, copied.assign(training_seed=3)], ignore_index=True)
    results = Results(doubled, metrics=SPECS)
    assert "duplicate_training_seeds" in flags_of(results, "ft")
    assert "duplicate_training_seeds" in flags_of(results, "retrain")
    assert "duplicate_training_seeds" not in flags_of(Results(frame, metrics=SPECS), "ft")


def test_costs_do_not_hide_duplicates(study):
    frame = study()
    doubled = pd.concat(
        [
            frame[frame["training_seed"] != 3],
            frame[frame["training_seed"] == 0].assign(training_seed=3),
        ]
    ).reset_index(drop=True)
    seconds = doubled[doubled["metric"] == "loss"].assign(
        metric="runtime", value=lambda f: np.arange(len(f)) * 1.0
    )
    specs = {**SPECS, "runtime": MetricSpec("runtime", level="record")}
    results = Results(pd.concat([doubled, seconds], ignore_index=True), metrics=specs)
    assert "duplicate_training_seeds" in flags_of(results, "ft")


def test_near_bound_and_unknown_direction(study):
    frame = study()
    ceiling = np.minimum(1, frame["value"] + 0.49)
    frame["value"] = frame["value"].where(frame["metric"] != "accuracy/forget", ceiling)
    flags = Results(frame, metrics={"accuracy": SPECS["accuracy"]}).summary().set_index("metric")
    assert flags.loc["accuracy/forget", "flags"].str.contains("near_bound").any()
    assert not flags.loc["accuracy/forget", "flags"].str.contains("direction_unknown").any()
    assert flags.loc["loss", "flags"].str.contains("direction_unknown").all()


def test_a_declared_partition_is_stated(study):
    frame = study().assign(partition_seed=0)
    assert "single_partition" in flags_of(Results(frame, metrics=SPECS), "ft")


def test_one_training_seed_cannot_stand_for_two_originals(study):
    frame = study()
    frame.loc[0, "original"] = "another"
    with pytest.raises(TableError, match="training seed 0 of method 'ft' stands for several"):
        Results(frame).summary()


def test_tasks_are_kept_apart(study):
    both = pd.concat([study(), study(seed=1).assign(task="second")], ignore_index=True)
    table = Results(both).summary()
    alone = Results(study(seed=1).assign(task="second")).summary()
    second = table[table["task"] == "second"].reset_index(drop=True)
    pd.testing.assert_frame_equal(second, alone)


def test_order_of_rows_changes_no_number(study):
    frame = study()
    keys = ["method", "metric"]
    shuffled = Results(frame.sample(frac=1, random_state=1)).summary().sort_values(keys)
    ordered = Results(frame).summary().sort_values(keys)
    pd.testing.assert_frame_equal(
        shuffled.reset_index(drop=True), ordered.reset_index(drop=True), check_exact=True
    )


def test_sixty_thousand_rows_take_no_time():
    shape = (1000, 10, 6)
    rng = np.random.default_rng(0)
    group, training, unlearning = np.indices(shape).reshape(3, -1)
    frame = pd.DataFrame(
        {
            "method": np.char.add("m", (group % 10).astype(str)),
            "metric": np.char.add("k", (group // 10).astype(str)),
            "training_seed": training,
            "unlearning_seed": unlearning,
            "value": rng.normal(size=group.size),
        }
    )
    started = time.perf_counter()
    assert len(Results(frame).summary()) == 1000
    # About .15 s on one core; the margin is for busy machines.
    assert time.perf_counter() - started < 2
