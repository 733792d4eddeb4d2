"""Grouping: what training seeds stand for."""

import pandas as pd
import pytest

from seedwise.results import Results

NAMES = ["method", "metric", "training_seed", "unlearning_seed", "value", "original"]


@pytest.mark.parametrize(("shared", "flagged"), [(2, True), (1, False)])
def test_one_trained_model_under_two_training_seeds_is_a_duplicate(shared, flagged):
    rows = [
        ("noisy", "accuracy", i, j, 0.5 + i / 10 + i * j / 99, "same" if i < shared else f"m{i}")
        for i in range(5)
        for j in range(2)
    ]
    flags = Results(pd.DataFrame(rows, columns=NAMES)).summary()["flags"][0]
    assert ("duplicate_training_seeds" in flags) == flagged
