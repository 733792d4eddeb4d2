from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seedwise.contracts import MetricSpec
from seedwise.results import Results
from seedwise.results.single_seed import COLUMNS
from seedwise.stats import practice


def test_coverage_is_that_of_the_estimated_share(study):
    results = Results(study())
    table = results.single_seed().set_index(["method", "metric"])
    assert tuple(table.reset_index()[list(COLUMNS)].columns) == COLUMNS
    row = table.loc[("ft", "loss")]
    fit = results.summary().set_index(["method", "metric"]).loc[("ft", "loss")]
    assert row["runs"] == 3
    assert row["coverage"] == practice.single_seed_coverage(fit["icc"], 3)
    assert row["coverage_low"] == practice.single_seed_coverage(fit["icc_high"], 3)
    assert row["coverage_low"] < row["coverage"] < row["coverage_high"]


def test_baselines_are_left_out(study):
    assert set(Results(study()).single_seed()["method"]) == {"ft", "ga"}


def toy(a: list[list[float]], b: list[list[float]]) -> Results:
    rows = [
        (method, "m", i, j, value)
        for method, runs in (("a", a), ("b", b))
        for i, unit in enumerate(runs)
        for j, value in enumerate(unit)
    ]
    names = ["method", "metric", "training_seed", "unlearning_seed", "value"]
    return Results(pd.DataFrame(rows, columns=names))


def test_misses_and_reversals_by_hand():
    # Seed 0 says a < b with certainty, the other two say a > b.
    a = [[1.0, 1.1, 0.9], [5.0, 5.1, 4.9], [5.0, 5.1, 4.9]]
    b = [[2.0, 2.1, 1.9], [2.0, 2.1, 1.9], [2.0, 2.1, 1.9]]
    table = toy(a, b).single_seed().set_index("method")
    assert table["n_naive_significant"].tolist() == [3, 3]
    assert table["sign_reversal_share"].tolist() == pytest.approx([1 / 3, 1 / 3])
    assert table["miss_share"].tolist() == [1.0, 0.0]


def test_one_run_says_nothing():
    table = toy([[1.0], [2.0], [3.0]], [[2.0], [3.0], [4.0]]).single_seed()
    assert np.isnan(table[["coverage", "miss_share", "sign_reversal_share"]].to_numpy()).all()


def test_repeating_a_deterministic_method_never_covers(study):
    results = Results(study(runs=1), deterministic={"ft": "declared"})
    table = results.single_seed().set_index("method")
    assert (table.loc["ft", ["coverage", "coverage_low", "coverage_high"]] == 0).all().all()
    assert table.loc["ga", "coverage"].isna().all()


def test_share_of_training_seeds_with_a_best_method_outside_the_best_set(study):
    frame = study(units=8)
    specs = {"loss": MetricSpec("loss", direction="higher")}
    swapped = (frame["training_seed"] == 0) & (frame["method"] == "ga")
    frame.loc[swapped, "value"] -= 0.06
    table = Results(frame, metrics=specs).single_seed()
    shares = table.groupby("metric")["best_outside_share"].first()
    ranks = Results(frame, metrics=specs).rank("loss").set_index("method")
    assert ranks["in_best_set"].to_dict() == {"ft": False, "ga": True}
    assert shares["loss"] == 1 / 8
    assert np.isnan(shares["accuracy/forget"])
