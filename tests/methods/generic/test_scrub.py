from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from seedwise.registry import methods


def by_hand(problem, original, rounds, alpha, gamma, temperature, lr):
    """Full-batch gradient descent, pass after pass."""
    model = problem.copy(original)
    for split in rounds:
        batch = next(problem.batches(split, None))
        teacher = functional.softmax(problem.scores(original, batch) / temperature, dim=1)
        student = functional.log_softmax(problem.scores(model, batch) / temperature, dim=1)
        apart = functional.kl_div(student, teacher, reduction="batchmean") * temperature**2
        kept = functional.cross_entropy(problem.scores(model, batch), batch.targets)
        loss = -apart if split == "forget" else alpha * apart + gamma * kept
        parameters = list(model.parameters())
        for one, slope in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            one.data -= lr * slope
    return model


@pytest.mark.parametrize(("epochs", "max_epochs"), [(3, 2), (2, 0), (1, 3)])
def test_it_alternates_as_the_paper_does(problem, original, unlearn, epochs, max_epochs):
    rounds = [
        split
        for epoch in range(epochs)
        for split in (["forget"] if epoch < max_epochs else []) + ["retain"]
    ]
    weights = {"alpha": 0.3, "gamma": 0.8, "temperature": 2.0, "lr": 0.1}
    expected = by_hand(problem, original, rounds, **weights)
    plain = {"batch_size": None, "momentum": 0.0, "weight_decay": 0.0}
    found = unlearn("scrub", epochs=epochs, max_epochs=max_epochs, **weights, **plain)
    for one, other in zip(found.parameters(), expected.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_orders_belong_to_the_unlearning_seed(problem, unlearn):
    first, again, other = (
        problem.digest(unlearn("scrub", unlearning=seed, epochs=1, lr=0.05)) for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other
    assert methods["scrub"].is_deterministic({"batch_size": None})
