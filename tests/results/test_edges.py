"""Every question put to tables at the edge: no warning, no interval of width 0, reasons for NaN."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seedwise.contracts import MetricSpec
from seedwise.results import Results
from seedwise.stats import flags as flag_list

SPECS = {"accuracy": MetricSpec("accuracy", bounds=(0.0, 1.0), direction="higher")}


def table(units: int = 6, runs: int = 3, rho: float = 0.5, seed: int = 0) -> pd.DataFrame:
    """Two methods and both baselines on shared originals."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(units):
        model = np.sqrt(rho) * rng.normal()
        for method, shift in (("ft", 0.0), ("ga", 1.0)):
            rows += [
                (method, i, j, shift + model + np.sqrt(1 - rho) * rng.normal(), f"h{i}")
                for j in range(runs)
            ]
        rows.append(("original", i, None, 2 + model, f"h{i}"))
        rows.append(("retrain", i, None, rng.normal(), None))
    names = ["method", "training_seed", "unlearning_seed", "value", "original"]
    return pd.DataFrame(rows, columns=names).assign(metric="gap", task="")


def far_up(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(value=1e8 + 1e-3 * frame["value"])


def tied(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(value=frame["value"].round())


def nearly_tied(frame: pd.DataFrame) -> pd.DataFrame:
    tie = frame["value"].round()
    return frame.assign(value=np.where(frame.index % 2, np.nextafter(tie, np.inf), tie))


def constant(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(value=0.1)


def one_nan(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(value=frame["value"].where(frame.index != 1))


def one_missing(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(index=1)


def seed_without_runs(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[(frame["method"] != "ga") | (frame["training_seed"] != 2)]


CASES = {
    "1e8 + 1e-3": (far_up(table()), set()),
    "exact ties": (tied(table()), {"coarse_metric"}),
    "near ties": (nearly_tied(table()), {"coarse_metric"}),
    "constant": (constant(table()), {"degenerate"}),
    "one NaN": (one_nan(table()), {"failed_cells", "unbalanced"}),
    "one missing cell": (one_missing(table()), {"missing_cells", "unbalanced"}),
    "a seed without runs": (seed_without_runs(table()), {"missing_cells"}),
    "J = 1": (table(runs=1), {"components_confounded"}),
    "I = 2": (table(units=2), {"few_training_seeds"}),
    "I = 1": (table(units=1), {"single_training_seed"}),
    "I = 1, J = 1": (table(units=1, runs=1), {"single_training_seed", "components_confounded"}),
    "rho = .9999": (table(rho=0.9999), set()),
}
QUESTIONS = {
    "summary": lambda results: results.summary(),
    "components": lambda results: results.components(),
    "compare": lambda results: results.compare(),
    "against": lambda results: results.compare(against="retrain"),
    "closeness": lambda results: results.closeness("gap", 0.5),
    "rank": lambda results: results.rank(direction="higher"),
    "closer": lambda results: results.rank(direction="closer-to-reference"),
    "single seed": lambda results: results.single_seed(),
    "robust": lambda results: results.robust(),
    "max-t": lambda results: results.max_t(),
    "labels": lambda results: results.label_effects(),
    "failures": lambda results: results.failures(),
}


@pytest.mark.parametrize("reference", ["independent", "paired"])
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("case", CASES)
def test_nothing_warns_and_no_interval_has_width_zero(case, question, reference):
    found = QUESTIONS[question](Results(CASES[case][0], reference=reference))
    lows = [name for name in found.columns if name.endswith("_low") and name != "rank_low"]
    for low in lows:
        high = low.removesuffix("_low") + "_high"
        given = found[low].notna() & found[high].notna()
        assert (found.loc[given, high] > found.loc[given, low]).all(), low


@pytest.mark.parametrize("case", CASES)
def test_what_limits_a_number_is_flagged(case):
    frame, wanted = CASES[case]
    summary = Results(frame).summary()
    carried = {code for text in summary["flags"] for code in flag_list.split(text)}
    assert wanted <= carried
    for row in summary.to_dict("records"):
        for name, value in row.items():
            kind = row.get(f"{name.removesuffix('_low')}_kind", "none")
            if name.endswith("_low") and np.isnan(value) and name.startswith(("var", "icc")):
                assert str(kind).startswith("none"), (name, kind)


def test_near_ties_are_ties_in_every_number():
    tie, near = (Results(make(table())).summary() for make in (tied, nearly_tied))
    numbers = tie.select_dtypes("number").columns
    pd.testing.assert_frame_equal(tie[numbers], near[numbers], rtol=1e-9, atol=1e-14)
    assert tie["flags"].tolist() == near["flags"].tolist()


def test_digits_far_from_zero_are_those_near_it():
    grains = (2.0**10 * table()["value"]).round() * 2.0**-20  # 2^27 + grains is exact
    near, high = (Results(table().assign(value=grains + shift)) for shift in (0.0, 2.0**27))
    got, expected = (r.compare(against="retrain") for r in (high, near))
    step = np.spacing(2.0**27)
    for name in ("diff", "se"):
        np.testing.assert_allclose(got[name], expected[name], rtol=0, atol=2 * step)
    np.testing.assert_allclose(got["p"], expected["p"], rtol=1e-3)


def test_a_hundred_thousand_rows():
    rng = np.random.default_rng(0)
    method, metric, training, unlearning = (
        index.ravel() for index in np.indices((10, 10, 100, 10))
    )
    frame = pd.DataFrame(
        {
            "method": np.char.add("m", method.astype(str)),
            "metric": np.char.add("k", metric.astype(str)),
            "training_seed": training,
            "unlearning_seed": unlearning,
            "value": rng.normal(size=100)[training] + rng.normal(size=training.size),
        }
    )
    summary = Results(frame).summary()
    means = frame.groupby(["method", "metric"], sort=False)["value"].mean().reset_index()
    merged = summary.merge(means, on=["method", "metric"])
    np.testing.assert_allclose(merged["mean"], merged["value"], rtol=1e-9)
    assert len(Results(frame).compare()) == 10 * 45
