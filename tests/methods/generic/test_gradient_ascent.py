from __future__ import annotations

import torch
from torch.nn import functional

from seedwise.registry import methods
from seedwise.seeds import NoStreams


def test_a_full_batch_step_goes_up_the_gradient(problem, original, unlearn):
    (forget,) = problem.batches("forget", None)
    loss = functional.cross_entropy(original(forget.inputs), forget.targets)
    gradients = torch.autograd.grad(loss, list(original.parameters()))
    found = unlearn("gradient-ascent", epochs=1, lr=0.5)
    pairs = zip(found.parameters(), original.parameters(), gradients, strict=True)
    for parameter, before, gradient in pairs:
        assert torch.allclose(parameter, before + 0.5 * gradient, atol=1e-7)


def test_the_forget_loss_rises(problem, original, unlearn):
    before, after = (
        problem.outputs(model, "forget", ["loss"])["loss"].mean()
        for model in (original, unlearn("gradient-ascent", lr=0.01))
    )
    assert after > before * 1.05


def test_full_batches_draw_nothing_and_are_deterministic(problem, unlearn):
    quiet = unlearn("gradient-ascent", seeds=NoStreams("method/gradient-ascent"))
    digests = {problem.digest(unlearn("gradient-ascent", j)) for j in (0, 1)}
    assert digests == {problem.digest(quiet)}


def test_smaller_batches_are_not(problem, unlearn):
    arguments = {"batch_size": 32, "lr": 0.01}
    assert len({problem.digest(unlearn("gradient-ascent", j, **arguments)) for j in (0, 1)}) == 2


def test_the_declaration_follows_the_batch_size():
    declared = methods["gradient-ascent"].is_deterministic
    assert declared({})
    assert declared({"batch_size": None})
    assert not declared({"batch_size": 32})
