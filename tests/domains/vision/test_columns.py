from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import logsumexp, softmax
from scipy.stats import entropy as scipy_entropy

from seedwise.domains.vision.columns import columns_of
from seedwise.errors import SeedwiseError

LOGITS = np.random.default_rng(0).normal(size=(50, 7), scale=4)
TARGETS = np.arange(50) % 7


def column(name, logits=LOGITS, targets=TARGETS):
    found = columns_of(torch.tensor(logits), torch.tensor(targets), [name])
    assert list(found) == [name]
    return found[name].numpy()


def test_columns_agree_with_scipy():
    p = softmax(LOGITS, axis=1)
    own = p[np.arange(50), TARGETS]
    others = [logsumexp(np.delete(row, y)) for row, y in zip(LOGITS, TARGETS, strict=True)]
    assert np.allclose(column("loss"), -np.log(own))
    assert np.allclose(column("margin"), LOGITS[np.arange(50), TARGETS] - others)
    assert np.allclose(column("margin"), np.log(own / (1 - own)))
    assert np.allclose(column("entropy"), scipy_entropy(p, axis=1))
    assert np.array_equal(column("correct"), p.argmax(axis=1) == TARGETS)
    assert np.array_equal(column("logits"), LOGITS)


@pytest.mark.parametrize("name", ["loss", "margin", "entropy"])
def test_extreme_logits_stay_finite(name):
    logits = np.array([[1e4, 0.0, -1e4], [-1e4, 0.0, 1e4]])
    assert np.isfinite(column(name, logits, np.array([0, 0]))).all()


def test_an_unknown_column_is_refused():
    with pytest.raises(SeedwiseError, match="did you mean 'margin'"):
        columns_of(torch.tensor(LOGITS), torch.tensor(TARGETS), ["margins"])
