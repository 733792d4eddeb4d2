from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from seedwise.errors import DataError
from seedwise.metrics.ndcg import mean_over_queries

DRAW = np.random.default_rng(0)
SPLITS = ("forget", "retain", "test")


@pytest.fixture
def lists():
    return {
        split: {
            "scores": DRAW.normal(size=(6, 15)).astype("float32"),
            "relevance": DRAW.integers(0, 5, (6, 15)).astype("float32"),
        }
        for split in SPLITS
    }


def test_it_is_the_mean_over_queries_of_each_split(subject, measure, lists):
    found = measure("ndcg", subject(lists), k=5, gain="linear")
    assert found == {
        f"ndcg/{split}": pytest.approx(
            ndcg_score(lists[split]["relevance"], lists[split]["scores"], k=5)
        )
        for split in SPLITS
    }


def test_the_gain_is_part_of_the_number(subject, measure, lists):
    one = measure("ndcg", subject(lists), splits=("test",))
    other = measure("ndcg", subject(lists), splits=("test",), gain="linear")
    assert list(one) == list(other) == ["ndcg/test"]
    assert one != other


def test_queries_without_relevant_documents_are_skipped_or_counted(subject, measure, lists):
    lists["test"]["relevance"][:3] = 0
    model = subject({"test": lists["test"]})
    skipped, zero, one = (
        measure("ndcg", model, no_relevant=said)["ndcg/test"] for said in ("skip", 0, 1)
    )
    assert (zero, one) == (pytest.approx(skipped / 2), pytest.approx(skipped / 2 + 0.5))


def test_a_split_of_which_nothing_is_left_is_named():
    with pytest.raises(DataError, match=r"none of the 2 queries of 'forget'.*set it to 0 or 1"):
        mean_over_queries(np.full(2, np.nan), "forget")
