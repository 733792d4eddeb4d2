from __future__ import annotations

import pytest
import torch

from seedwise.methods.language.answers import frozen, frozen_scores, is_answer


@pytest.fixture
def problem(objective):
    return objective("grad-diff")[1]


@pytest.mark.parametrize("places", [[0], [1, 0], [0, 1]])
@pytest.mark.parametrize("budget", [2**20, 0])
def test_frozen_logits_are_the_originals_at_the_answers(problem, before, places, budget):
    """Looked up or computed again, for any batch and order."""
    batch = problem.batch(places)
    mask = is_answer(batch.targets)
    found = frozen_scores(problem, before, "forget", budget)(batch)
    assert torch.equal(found[mask], problem.scores(before, batch)[mask])
    assert not found.requires_grad


def test_what_fits_is_computed_once(problem, before, monkeypatch):
    look_up = frozen_scores(problem, before, "forget")
    monkeypatch.setattr(problem, "scores", None)
    assert look_up(problem.batch([1])).shape == (1, 4, 4)


def test_frozen_losses_are_sums_over_the_answer(problem, before):
    batch = problem.batch([1, 0])
    lengths = is_answer(batch.targets).sum(dim=1)
    expected = problem.losses(before, batch) * lengths
    assert torch.allclose(frozen(problem, before, "forget")(batch), expected.detach())
