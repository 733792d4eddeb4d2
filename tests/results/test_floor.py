"""The reference's row of a pair metric: distances between neighbouring retrained models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seedwise.contracts import MetricSpec
from seedwise.results import Results
from seedwise.stats import means
from seedwise.stats.difference import assemble

SPECS = {"distance": MetricSpec("distance", level="pair", direction="lower", bounds=(0.0, None))}
FLOOR = [0.30, 0.50, 0.20, 0.45, 0.35, 0.60]


def table(partitions: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = []
    for p in range(partitions):
        for i, floor in enumerate(FLOOR):
            rows.append(("retrain", p, i, None, floor + 0.1 * p, None))
            rows += [("ft", p, i, j, v, f"{p}-{i}") for j, v in enumerate(rng.random(2))]
    names = ["method", "partition_seed", "training_seed", "unlearning_seed", "value", "original"]
    return pd.DataFrame(rows, columns=names).assign(metric="distance")


def row(results: Results, method: str = "retrain") -> pd.Series:
    return results.summary().set_index("method").loc[method]


def test_its_interval_is_the_jackknife_over_models():
    found = row(Results(table(), metrics=SPECS))
    expected = means.neighbours(np.array(FLOOR), np.zeros(6), partitions="fixed")
    assert (found["mean"], found["se"]) == pytest.approx((expected.mean, expected.se))
    assert found["ci_kind"] == "jackknife over retrained models"
    assert found["df"] == 5
    assert found["var_train"] == pytest.approx(np.var(FLOOR, ddof=1))
    assert np.isnan(found["var_train_high"])
    assert found["var_train_kind"] == "none: neighbours share a model"


def test_other_metrics_and_methods_keep_the_t_interval():
    assert row(Results(table()))["ci_kind"] == "t over training seeds"
    assert row(Results(table(), metrics=SPECS), "ft")["ci_kind"] == "t over training seeds"


def test_the_gap_to_it_carries_its_error():
    results = Results(table(), metrics=SPECS)
    gap = results.compare(against="retrain").iloc[0]
    own = row(results, "ft")
    assert gap["diff"] == pytest.approx(own["mean"] - np.mean(FLOOR))
    assert gap["se"] == pytest.approx(np.hypot(own["se"], row(results)["se"]))
    closeness = results.closeness().iloc[0]
    assert closeness["floor_high"] == pytest.approx(row(results)["ci_high"])


def test_paired_references_share_models_in_the_differences_too():
    frame = table()
    results = Results(frame, metrics=SPECS, reference="paired")
    gap = results.compare(against="retrain").iloc[0]
    mine = frame[frame.method == "ft"].groupby("training_seed")["value"].mean().to_numpy()
    found = means.neighbours(mine - np.array(FLOOR), np.zeros(6), partitions="fixed")
    expected = assemble(found, (mine.mean(), np.mean(FLOOR)), (6, 6), 0.95)
    assert (gap["diff"], gap["se"], gap["p"]) == pytest.approx(
        (expected.diff, expected.se, expected.p)
    )


def test_two_references_have_no_interval_and_say_so():
    frame = table()
    found = row(Results(frame[frame.training_seed < 2], metrics=SPECS))
    assert np.isnan(found["ci_low"])
    assert found["ci_kind"] == "none: fewer than three retrained models"


@pytest.mark.parametrize(("partitions", "unit"), [("fixed", "training"), ("random", "partition")])
def test_several_partitions(partitions, unit):
    results = Results(table(3), metrics=SPECS, partitions=partitions)
    found = row(results)
    assert found["unit"] == unit
    assert found["n_partitions"] == 3
    assert found["alt_unit"] != unit
    assert np.isfinite(results.compare(against="retrain")["se"].iloc[0])
