"""A small study as a tidy table: two methods, baselines, two metrics, hashes of the originals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def study() -> Callable[..., pd.DataFrame]:
    """Return a maker of tables."""

    def make(units: int = 6, runs: int = 3, hashes: bool = True, seed: int = 0) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        rows = []
        for i in range(units):
            model = 0.02 * rng.normal()
            for metric in ("accuracy/forget", "loss"):
                for method, shift in (("ft", 0.0), ("ga", 0.03)):
                    for j in range(runs):
                        value = 0.5 + model + shift + 0.01 * rng.normal()
                        rows.append((method, metric, i, j, value, f"hash-{i}"))
                for method in ("original", "retrain"):
                    own = f"hash-{i}" if method == "original" else None
                    rows.append((method, metric, i, None, 0.5 + 0.02 * rng.normal(), own))
        names = ["method", "metric", "training_seed", "unlearning_seed", "value", "original"]
        frame = pd.DataFrame(rows, columns=names).assign(task="digits")
        return frame if hashes else frame.drop(columns="original")

    return make
