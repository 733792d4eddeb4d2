from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import logsumexp, softmax
from scipy.stats import entropy

from seedwise.contracts import COLUMNS
from seedwise.domains.federated.ranking.columns import NUMBERS

DRAW = np.random.default_rng(0)
SCORES = DRAW.normal(size=(8, 6)) * 3
LABELS = DRAW.integers(0, 3, (8, 6))
LABELS[0] = 1  # all alike
LABELS[1, 2:] = -1
LABELS[2, 1:] = -1


@pytest.fixture
def found():
    scores, labels = torch.from_numpy(SCORES), torch.from_numpy(LABELS)
    return {name: column(scores, labels).numpy() for name, column in NUMBERS.items()}


def test_they_are_those_of_scipy_query_by_query(found):
    for query in range(8):
        there = LABELS[query] >= 0
        f, label = SCORES[query, there], LABELS[query, there]
        best = label == label.max()
        first, wanted = softmax(f), softmax(label.astype(float))
        margin = 0.0 if best.all() else logsumexp(f[best]) - logsumexp(f[~best])
        assert found["loss"][query] == pytest.approx(-(wanted * np.log(first)).sum())
        assert found["entropy"][query] == pytest.approx(entropy(first), abs=1e-12)
        assert found["margin"][query] == pytest.approx(margin)
        assert found["correct"][query] == best[f.argmax()]


def test_scores_and_labels_are_kept_and_padding_is_told(found):
    assert np.array_equal(found["relevance"], LABELS)
    assert np.array_equal(found["scores"], np.where(LABELS >= 0, SCORES, 0))


def test_all_of_them_are_finite_and_those_of_every_domain_are_there(found):
    assert set(COLUMNS) < set(NUMBERS)
    assert all(np.isfinite(column).all() for column in found.values())
