from __future__ import annotations

import torch

from seedwise.contracts import Context
from seedwise.seeds import SeedStreams


def test_fed_finetune_goes_on_without_the_forgotten(trained, unlearn):
    problem, original = trained
    model = problem.copy(original.model)
    seeds = SeedStreams("method/fed-finetune", 0, 0, 0)
    problem.federate(model, [0, 2, 4], 2, seeds, Context())
    assert problem.digest(unlearn(trained, "fed-finetune", rounds=2)) == problem.digest(model)


def test_a_learning_rate_of_its_own(trained, unlearn):
    problem, original = trained
    start = problem.outputs(original.model, "retain", ["loss"])["loss"].mean()
    slow, fast = (unlearn(trained, "fed-finetune", rounds=1, lr=lr) for lr in (1e-3, 0.1))
    losses = [problem.outputs(m, "retain", ["loss"])["loss"].mean() for m in (slow, fast)]
    assert losses[1] < losses[0] < start


def test_not_negates_the_first_weights_alone(trained, unlearn):
    _, original = trained
    model = unlearn(trained, "not", rounds=0)
    for number, (one, other) in enumerate(
        zip(model.parameters(), original.model.parameters(), strict=True)
    ):
        assert torch.equal(one, -other if number == 0 else other)


def test_not_repairs_over_the_retained(trained, unlearn):
    problem, _ = trained
    model = unlearn(trained, "not", rounds=0)
    seeds = SeedStreams("method/not", 0, 0, 0)
    problem.federate(model, problem.retained, 1, seeds, Context())
    assert problem.digest(unlearn(trained, "not", rounds=1)) == problem.digest(model)
