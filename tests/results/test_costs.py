from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seedwise.contracts import MetricSpec
from seedwise.errors import TableError
from seedwise.results import Results
from seedwise.results.costs import costs_from


@pytest.fixture
def table():
    """Four originals with references and two methods: what was sent, and an accuracy."""
    sent = {"original": 40.0, "retrain": 30.0, "repair": 10.0, "average": 0.0}
    draw = np.random.default_rng(0)
    rows = []
    for method, amount in sent.items():
        for i in range(4):
            for j in range(2) if method in ("repair", "average") else (None,):
                rows.append((method, "communication/MB", i, j, amount))
                rows.append((method, "accuracy", i, j, draw.random()))
    names = ["method", "metric", "training_seed", "unlearning_seed", "value"]
    return Results(pd.DataFrame(rows, columns=names))


def test_a_metric_prices_every_stage(table):
    found = table.costs_by("communication/MB")
    assert (found.train, found.reference) == (40.0, 30.0)
    assert found.unlearn["repair"] == 10.0
    assert 0 < found.unlearn["average"] < 1e-6
    assert found.source == "mean communication/MB of 24 models"


def test_a_budget_in_that_metric_buys_seeds(table):
    costs = table.costs_by("communication/MB")
    plan = table.plan("accuracy", methods=["repair"], costs=costs, budget="800")
    assert plan.design.I * (70 + 10 * plan.design.J["repair"]) <= 800


def test_what_cannot_price_is_said(table):
    with pytest.raises(TableError, match=r"no values of 'comunication/MB'; did you mean 'comm"):
        table.costs_by("comunication/MB")
    frame = table.frame()
    without = frame[frame["method"] != "original"]
    with pytest.raises(TableError, match="the originals' and those of at least one method"):
        costs_from(without, "communication/MB")


def test_what_is_measured_on_models_is_no_cost(table):
    metrics = {
        "accuracy": MetricSpec("accuracy"),
        "communication": MetricSpec("communication", level="record"),
    }
    known = Results(table.frame(), metrics=metrics)
    assert known.costs_by("communication/MB").train == 40.0
    with pytest.raises(TableError, match="'accuracy' is measured on models and is no cost"):
        known.costs_by("accuracy")
