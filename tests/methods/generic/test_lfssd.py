from __future__ import annotations

import pytest
import torch

from seedwise.methods.gradients import absolute_norm_per_example
from seedwise.registry import methods


def importance(problem, model, split):
    """The oracle: one example after the other."""
    named = dict(model.named_parameters())
    totals, count = {name: torch.zeros_like(one) for name, one in named.items()}, 0
    for batch in problem.batches(split, 1):
        norm = problem.scores(model, batch).square().sum()
        for name, gradient in zip(
            named, torch.autograd.grad(norm, list(named.values())), strict=True
        ):
            totals[name] += gradient.abs()
        count += 1
    return {name: total / count for name, total in totals.items()}


def test_the_importance_is_the_absolute_gradient_of_each_squared_norm(problem, original):
    found = absolute_norm_per_example(original, problem, "forget")
    for name, expected in importance(problem, original, "forget").items():
        assert torch.allclose(found[name], expected, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("alpha", "dampening"), [(1.5, 1.0), (1.2, 0.5)])
def test_it_dampens_what_matters_to_the_forget_set(problem, original, unlearn, alpha, dampening):
    everything, forget = (importance(problem, original, split) for split in ("train", "forget"))
    found = dict(unlearn("lfssd", alpha=alpha, dampening=dampening).named_parameters())
    selected = 0
    for name, before in original.named_parameters():
        chosen = forget[name] > alpha * everything[name]
        factor = (dampening * everything[name] / forget[name]).clamp(max=1.0)
        expected = torch.where(chosen, before * factor, before)
        selected += int(chosen.sum())
        close = torch.isclose(found[name], expected, rtol=1e-3, atol=1e-6)
        assert close.float().mean() > 0.999, name  # a tie may fall to either side
    assert selected > 10


def test_nothing_selected_changes_nothing(problem, original, unlearn):
    assert problem.digest(unlearn("lfssd", alpha=1e6)) == problem.digest(original)
    assert methods["lfssd"].deterministic
