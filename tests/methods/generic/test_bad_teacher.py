from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from seedwise.methods.generic.bad_teacher import drawn
from seedwise.registry import methods
from seedwise.seeds import SeedStreams

SEEDS = SeedStreams("method/bad-teacher", training=0, unlearning=0)
PLAIN = {"batch_size": None, "optimizer": "sgd", "momentum": 0.0, "lr": 0.1}


def by_hand(problem, original, share, temperature):
    """One step of plain gradient descent on all that is seen."""
    teacher, model = problem.fresh(SEEDS.generator("teacher")), problem.copy(original)
    kept = drawn(problem.index("retain"), share, SEEDS.generator("retain"))
    (batch,) = problem.batches("train", None)
    seen = np.isin(batch.index, np.concatenate([kept, problem.index("forget")]))
    unknown = torch.from_numpy(np.isin(batch.index, problem.index("forget"))).unsqueeze(1)
    scores = [problem.scores(one, batch).detach() for one in (teacher, original)]
    wanted = functional.softmax(torch.where(unknown, *scores) / temperature, dim=1)
    logs = functional.log_softmax(problem.scores(model, batch) / temperature, dim=1)
    each = functional.kl_div(logs, wanted, reduction="none").sum(1) * temperature**2
    parameters = list(model.parameters())
    slopes = torch.autograd.grad(each[torch.from_numpy(seen)].mean(), parameters)
    for one, slope in zip(parameters, slopes, strict=True):
        one.data -= 0.1 * slope
    return model


@pytest.mark.parametrize(("share", "temperature"), [(0.3, 1.0), (0.0, 1.0), (1.0, 2.0)])
def test_each_example_follows_its_own_teacher(problem, original, unlearn, share, temperature):
    expected = by_hand(problem, original, share, temperature)
    found = unlearn("bad-teacher", share=share, temperature=temperature, **PLAIN)
    for one, other in zip(found.parameters(), expected.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_the_forget_set_becomes_unknown_and_the_rest_stays(problem, original, unlearn):
    model = unlearn("bad-teacher", epochs=5, lr=3e-3, batch_size=32)
    right = {
        split: [problem.outputs(net, split, ["correct"])["correct"].mean() for net in pair]
        for split in ("forget", "retain")
        for pair in [(original, model)]
    }
    assert right["forget"][1] < right["forget"][0] - 0.5
    assert right["retain"][1] > right["retain"][0] - 0.1


def test_the_teacher_is_the_unlearning_seeds_own(problem, unlearn):
    """Full batches leave teacher and share as the only draws."""
    first, again, other = (
        problem.digest(unlearn("bad-teacher", unlearning=seed, share=1.0, **PLAIN))
        for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other
    assert not methods["bad-teacher"].is_deterministic({"batch_size": None})


def test_the_share_is_drawn_without_repetition():
    found = drawn(np.arange(10, 30), 0.3, np.random.default_rng(0))
    assert len(set(found.tolist())) == 6
    assert set(found.tolist()) <= set(range(10, 30))
