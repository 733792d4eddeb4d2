from __future__ import annotations

import numpy as np
import pytest

from seedwise.errors import DataError

SCORES = np.array([[3, 2, 1, 0], [3, 2, 1, 0], [3, 2, 1, 9]], "float32")
LABELS = np.array([[0, 1, 2, 0], [0, 0, 0, 1], [1, 0, 0, -1]], "float32")


@pytest.fixture
def model(subject):
    return subject({"test": {"scores": SCORES, "relevance": LABELS}})


def test_it_is_the_mean_of_one_over_the_first_relevant_rank(model, measure):
    assert measure("mrr", model) == {"mrr/test": pytest.approx((1 / 2 + 1 / 4 + 1) / 3)}


def test_ranks_below_k_count_nothing(model, measure):
    assert measure("mrr", model, k=3) == {"mrr/test": pytest.approx((1 / 2 + 0 + 1) / 3)}


def test_what_is_relevant_can_be_said(model, measure):
    assert measure("mrr", model, least=2) == {"mrr/test": pytest.approx(1 / 3)}
    assert measure("mrr", model, least=2, no_relevant=0) == {"mrr/test": pytest.approx(1 / 9)}


def test_nothing_relevant_at_all_is_an_error(model, measure):
    with pytest.raises(DataError, match="none of the 3 queries of 'test'"):
        measure("mrr", model, least=4)
