from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seedwise.contracts import MetricSpec
from seedwise.results import Results

SPECS = {
    "accuracy": MetricSpec("accuracy", bounds=(0, 1)),
    "loss": MetricSpec("loss", bounds=(0, None)),
    "mia-loss": MetricSpec("mia-loss", bounds=(0, 1)),
    "js-to-reference": MetricSpec("js-to-reference", level="pair", direction="lower"),
    "runtime": MetricSpec("runtime", level="record", direction="lower", unit="s"),
}
METHODS = {  # level, sd between training seeds, sd between unlearning seeds
    "original": (0.0, 0.010, 0.0),
    "retrain": (-0.30, 0.015, 0.0),
    "finetune": (-0.10, 0.030, 0.012),
    "gradient-ascent": (-0.45, 0.080, 0.010),
    "neg-grad-plus": (-0.25, 0.020, 0.020),
    "random-labels": (-0.35, 0.012, 0.025),
    "ssd": (-0.28, 0.050, 0.0),
}
METRICS = {
    "accuracy/forget": (0.90, 1.0),
    "accuracy/retain": (0.97, 0.08),
    "accuracy/test": (0.93, 0.12),
    "loss/forget": (0.60, -2.0),
    "loss/test": (0.25, -0.3),
    "mia-loss": (0.62, 0.3),
    "js-to-reference": (0.12, 0.25),
    "runtime": (1.40, 0.4),
}


def synthetic(
    *, training: int = 10, unlearning: int = 3, methods=METHODS, metrics=METRICS, seed: int = 7
) -> pd.DataFrame:
    """A study in the shape the harness writes; `ssd` is deterministic, `original` has no J."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(training, len(metrics)))
    rows = []
    for method, (level, sd_train, sd_unlearn) in methods.items():
        own = rng.normal(size=(training, len(metrics)))
        runs = 1 if sd_unlearn == 0 else unlearning
        for i in range(training):
            for j in range(runs):
                noise = rng.normal(size=len(metrics))
                for k, (metric, (base, slope)) in enumerate(metrics.items()):
                    if metric == "js-to-reference" and method == "original":
                        continue
                    spread = sd_train * (0.7 * shared[i, k] + 0.7 * own[i, k])
                    value = base + slope * (level + spread + sd_unlearn * noise[k])
                    if metric == "loss/forget" and method == "gradient-ascent":
                        value = 40 + 300 * (spread + sd_unlearn * noise[k])
                    baseline = method in ("original", "retrain")
                    run = None if baseline else j
                    rows.append((method, metric, i, run, value, f"model{i}", "ok", ""))
    names = ["method", "metric", "training_seed", "unlearning_seed", "value", "original"]
    frame = pd.DataFrame(rows, columns=[*names, "status", "reason"])
    frame.loc[frame["method"] == "retrain", "original"] = None
    return frame.astype({"unlearning_seed": "Int64"})


def failing(frame: pd.DataFrame) -> pd.DataFrame:
    """The same study with one failed run, and one whose weights became NaN."""
    lost = (frame["method"] == "neg-grad-plus") & (
        frame["training_seed"].eq(2) & frame["unlearning_seed"].eq(1)
        | frame["training_seed"].eq(7) & frame["unlearning_seed"].eq(0)
    )
    frame = frame.copy()
    frame.loc[lost, "value"] = np.nan
    frame.loc[lost, "status"] = "failed"
    frame.loc[lost, "reason"] = "NonFiniteError: weights became NaN in epoch 3"
    return frame


@pytest.fixture(scope="session")
def results() -> Results:
    return Results(failing(synthetic()), metrics=SPECS, deterministic={"ssd": "verified"})


@pytest.fixture(scope="session")
def make_results():
    def make(frame: pd.DataFrame, **about) -> Results:
        return Results(frame, **{"metrics": SPECS, **about})

    return make


@pytest.fixture(scope="session")
def make_frame():
    return synthetic
