from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from seedwise.registry import methods


@pytest.mark.parametrize("alpha", [0.0, 0.7, 1.0])
def test_a_full_batch_step_by_hand(problem, original, unlearn, alpha):
    losses = [
        functional.cross_entropy(original(batch.inputs), batch.targets)
        for split in ("retain", "forget")
        for batch in problem.batches(split, None)
    ]
    parameters = list(original.parameters())
    retain, forget = (torch.autograd.grad(loss, parameters) for loss in losses)
    found = unlearn(
        "neg-grad-plus", alpha=alpha, epochs=1, lr=0.5, batch_size=None, weight_decay=0.0
    )
    rows = zip(found.parameters(), parameters, retain, forget, strict=True)
    for parameter, before, down, up in rows:
        expected = before - 0.5 * (alpha * down - (1 - alpha) * up)
        assert torch.allclose(parameter, expected, atol=1e-6)


def test_alpha_one_is_finetuning(problem, unlearn):

    arguments = {"epochs": 1, "lr": 0.02, "batch_size": None}
    found = unlearn("neg-grad-plus", alpha=1.0, **arguments)
    tuned = unlearn("finetune", **arguments)
    for one, other in zip(found.parameters(), tuned.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-7)


def test_unlearning_seeds_give_other_models_and_a_seed_the_same(problem, unlearn):
    digests = [problem.digest(unlearn("neg-grad-plus", j, epochs=1)) for j in (0, 1, 0)]
    assert digests[0] == digests[2] != digests[1]
    assert not methods["neg-grad-plus"].is_deterministic({})
