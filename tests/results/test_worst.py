from __future__ import annotations

import numpy as np
import pytest

from seedwise.contracts import MetricSpec
from seedwise.results import Results


def results(frame, direction: str, **about) -> Results:
    specs = {
        "accuracy": MetricSpec("accuracy", direction=direction, bounds=(0.0, 1.0)),
        "loss": MetricSpec("loss", direction=direction, bounds=(0.0, None)),
    }
    return Results(frame, metrics=specs, **about)


def mean_of(table, method: str, metric: str) -> float:
    return float(table.set_index(["method", "metric"]).loc[(method, metric), "mean"])


@pytest.mark.parametrize(
    ("direction", "worst"), [("higher", 0.0), ("lower", 1.0), ("closer-to-reference", None)]
)
def test_the_worst_bound_stands_in(study, direction, worst):
    frame = study()
    lost = (frame["method"] == "ga") & (frame["training_seed"] == 2)
    frame.loc[lost, "value"] = np.nan
    reference = frame[(frame["method"] == "retrain") & (frame["metric"] == "accuracy/forget")]
    if worst is None:
        worst = 0.0 if reference["value"].mean() > 0.5 else 1.0
    table = results(frame, direction, missing="worst").summary()
    own = frame[(frame["method"] == "ga") & (frame["metric"] == "accuracy/forget")]
    expected = own["value"].fillna(worst).mean()
    assert mean_of(table, "ga", "accuracy/forget") == pytest.approx(expected)
    row = table.set_index(["method", "metric"]).loc[("ga", "accuracy/forget")]
    assert row["n_failed"] == 3
    assert "worst_imputed" in row["flags"]
    assert "worst_imputed" not in table.set_index("method").loc["ft", "flags"].iloc[0]


def test_a_side_without_bound_stays_missing(study):
    frame = study()
    frame.loc[(frame["method"] == "ga") & (frame["training_seed"] == 2), "value"] = np.nan
    dropped, worst = (results(frame, "lower", missing=how).summary() for how in ("drop", "worst"))
    assert mean_of(worst, "ga", "loss") == mean_of(dropped, "ga", "loss")


def test_nothing_missing_changes_nothing(study):
    dropped, worst = (results(study(), "lower", missing=how).summary() for how in ("drop", "worst"))
    assert worst.equals(dropped)
