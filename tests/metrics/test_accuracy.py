from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

DRAW = np.random.default_rng(0)
SPLITS = ("forget", "retain", "test", "test-forget")
TRUTH = {split: DRAW.integers(0, 4, size=30) for split in SPLITS}
GUESS = {split: np.where(DRAW.random(30) < 0.6, TRUTH[split], 0) for split in SPLITS}


@pytest.fixture
def one(subject):
    return subject(
        {split: {"correct": (TRUTH[split] == GUESS[split]).astype("float32")} for split in SPLITS}
    )


def test_it_is_scikit_learns_on_the_usual_splits(one, measure):
    assert measure("accuracy", one) == {
        f"accuracy/{split}": accuracy_score(TRUTH[split], GUESS[split]) for split in SPLITS[:3]
    }


def test_splits_can_be_chosen(one, measure):
    assert list(measure("accuracy", one, splits=("test-forget",))) == ["accuracy/test-forget"]


def test_splits_that_do_not_exist_are_left_out(subject, measure):
    column = {"correct": np.ones(3, "float32")}
    assert measure("accuracy", subject({"test": column})) == {"accuracy/test": 1.0}
