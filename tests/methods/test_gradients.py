from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from seedwise.contracts import Context, ForgetSet, Part, Task
from seedwise.domains.vision import vision
from seedwise.methods.gradients import squared_per_batch, squared_per_example
from seedwise.seeds import SeedStreams


@pytest.fixture(scope="module", params=["mlp", "cnn"])
def made(request):
    part = (
        Part("mlp", {"hidden": [8]}) if request.param == "mlp" else Part("cnn", {"channels": [3]})
    )
    task = Task("vision", Part("digits"), part, {"epochs": 1})
    problem = vision.problem(task, ForgetSet("class", 3), SeedStreams("any"))
    (trained,) = problem.train("train", [SeedStreams("train", training=0)], Context())
    return problem, trained.model


def by_loop(problem, model, split, size):
    """The oracle: one backward pass per batch of the split, squared, averaged over batches."""
    (everything,) = problem.batches(split, None)
    groups = torch.arange(len(everything.targets)).split(size)
    totals = {name: torch.zeros_like(value) for name, value in model.named_parameters()}
    for rows in groups:
        model.zero_grad()
        logits = model(everything.inputs[rows])
        functional.cross_entropy(logits, everything.targets[rows]).backward()
        for name, parameter in model.named_parameters():
            totals[name] += parameter.grad**2
    model.zero_grad()
    return {name: total / len(groups) for name, total in totals.items()}


def assert_close(found, expected):
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert torch.allclose(found[name], value, rtol=1e-4, atol=1e-9), name


def test_per_example_is_a_loop_of_single_backward_passes(made):
    problem, model = made
    assert_close(squared_per_example(model, problem, "forget"), by_loop(*made, "forget", 1))


@pytest.mark.parametrize("budget", [1, 100_000])
def test_the_chunk_does_not_matter(made, budget):
    problem, model = made
    whole = squared_per_example(model, problem, "forget")
    assert_close(squared_per_example(model, problem, "forget", budget), whole)


@pytest.mark.parametrize("size", [7, 64, 1000])
def test_per_batch_is_a_loop_over_batches(made, size):
    problem, model = made
    assert_close(squared_per_batch(model, problem, "forget", size), by_loop(*made, "forget", size))


def test_batches_of_one_are_examples_and_larger_ones_are_not(made):
    problem, model = made
    single = squared_per_example(model, problem, "forget")
    assert_close(squared_per_batch(model, problem, "forget", 1), single)
    larger = squared_per_batch(model, problem, "forget", 64)
    assert sum(v.sum() for v in larger.values()) < 0.9 * sum(v.sum() for v in single.values())


def test_the_net_is_left_alone(made):
    problem, model = made
    before = problem.digest(model)
    squared_per_example(model, problem, "forget")
    squared_per_batch(model, problem, "forget", 64)
    assert problem.digest(model) == before
    assert all(parameter.grad is None for parameter in model.parameters())
