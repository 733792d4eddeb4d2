"""Columns against numbers worked out by hand on a vocabulary of three."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax

from seedwise.contracts.tokens import IGNORED
from seedwise.domains.language.columns import FORWARD, Scored
from seedwise.domains.language.passes import PASSES, check_columns
from seedwise.errors import SeedwiseError

N = IGNORED
# Two answers: of three tokens, then of one.
LOGITS = np.array([[2.0, 0.0, -1.0], [0.0, 1.0, 3.0], [1.0, 1.5, 0.0], [4.0, 0.0, 0.0]])
TARGETS = torch.tensor([[N, 0, 1, 1], [N, 0, N, N]])
OWN = [0, 1, 1, 0]
LOGS = log_softmax(LOGITS, axis=1)
CHOSEN = LOGS[range(4), OWN]


def found(column):
    scored = Scored(torch.tensor(LOGITS, dtype=torch.float64), TARGETS)
    return FORWARD[column](scored).numpy()


def test_the_loss_is_a_mean_over_tokens():
    assert found("loss") == pytest.approx([-CHOSEN[:3].mean(), -CHOSEN[3]])


def test_the_margin_is_the_mean_logit_of_the_true_tokens():
    p = np.exp(CHOSEN)
    each = np.log(p / (1 - p))
    assert found("margin") == pytest.approx([each[:3].mean(), each[3]])


def test_the_entropy_is_a_mean_over_tokens():
    each = -(np.exp(LOGS) * LOGS).sum(axis=1)
    assert found("entropy") == pytest.approx([each[:3].mean(), each[3]])


def test_an_answer_is_correct_where_all_tokens_are():
    assert found("correct").tolist() == [0.0, 1.0]
    assert found("exact") == pytest.approx([2 / 3, 1.0])


@pytest.mark.parametrize(
    ("right", "strength"),
    [([1, 1, 1, 1], 1.0), ([0, 1, 1, 1], 0.75), ([1, 0, 1, 1], 0.5), ([1, 1, 1, 0], 0.0)],
)
def test_extraction_strength_is_the_share_of_the_right_tail(right, strength):
    logits = torch.tensor([[1.0, 0.0] if one else [0.0, 1.0] for one in right])
    scored = Scored(logits, torch.tensor([[N, N, 0, 0, 0, 0]]))
    assert FORWARD["extraction"](scored).tolist() == [strength]


@pytest.mark.parametrize(("length", "count"), [(1, 1), (2, 1), (4, 1), (5, 2), (10, 4)])
def test_min_k_averages_the_lowest_two_fifths(length, count):
    logits = np.random.default_rng(length).normal(size=(length, 5))
    own = np.sort(log_softmax(logits, axis=1)[:, 2])
    scored = Scored(torch.tensor(logits), torch.full((1, length), 2))
    assert FORWARD["min-k"](scored).item() == pytest.approx(own[:count].mean())


def test_min_k_plus_standardises_over_the_vocabulary():
    p = np.exp(LOGS)
    centre = (p * LOGS).sum(axis=1)
    spread = np.sqrt((p * LOGS**2).sum(axis=1) - centre**2)
    each = (CHOSEN - centre) / spread
    assert found("min-k-plus") == pytest.approx([np.sort(each[:3])[0], each[3]])


def test_certain_predictions_stay_finite():
    scored = Scored(torch.tensor([[200.0, 0.0, 0.0]]), torch.tensor([[0]]))
    for column, make in FORWARD.items():
        assert torch.isfinite(make(scored)).all(), column


def test_every_column_is_computed_by_a_pass():
    assert set(FORWARD) == {column for column in PASSES if PASSES[column] == "forward"}
    with pytest.raises(SeedwiseError, match="did you mean 'margin'"):
        check_columns(["loss", "margins"])
