"""What a classifier is asked: losses, scores, outputs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from seedwise.contracts import Context, Trained
from seedwise.seeds import SeedStreams

CTX = Context()
SEED = SeedStreams("train", training=0)


def trained(problem, on="train", seeds=SEED):
    made = next(problem.train(on, [seeds], CTX))
    assert isinstance(made, Trained)
    return made


@pytest.fixture(scope="module")
def original(problem):
    return trained(problem).model


def test_losses_scores_and_outputs_agree(problem, original):
    (batch,) = problem.batches("test", None)
    losses = problem.losses(original, batch)
    scores = problem.scores(original, batch)
    columns = ["loss", "margin", "entropy", "correct", "logits"]
    found = problem.outputs(original, "test", columns)
    assert list(found) == columns
    assert all(array.dtype == np.float32 for array in found.values())
    assert losses.requires_grad
    assert np.allclose(found["loss"], losses.detach().numpy(), atol=1e-6)
    assert np.allclose(found["logits"], scores.detach().numpy(), atol=1e-5)
    assert np.array_equal(found["correct"], found["logits"].argmax(1) == problem.targets("test"))


def test_losses_take_other_targets_and_other_parameters(problem, original):
    (batch,) = problem.batches("forget", None)
    wrong = np.full(len(batch.targets), 7)
    expected = functional.cross_entropy(
        original(batch.inputs), torch.from_numpy(wrong), reduction="none"
    )
    assert torch.equal(problem.losses(original, batch, wrong), expected)
    doubled = problem.losses(lambda inputs: 2 * original(inputs), batch)
    truth = functional.cross_entropy(2 * original(batch.inputs), batch.targets, reduction="none")
    assert torch.equal(doubled, truth)


def test_outputs_evaluate_in_evaluation_mode_and_change_nothing(problem, original):
    model = problem.copy(original).train()
    before = problem.digest(model)
    problem.outputs(model, "test", ["loss"])
    assert problem.digest(model) == before
    assert not model.training
