from __future__ import annotations

import numpy as np
import pytest
import torch

from seedwise.contracts import Context
from seedwise.methods.federated.balls import Ball, projection
from seedwise.methods.federated.parameters import lengths, minus
from seedwise.methods.federated.pga import third_of_distance
from seedwise.registry import methods
from seedwise.seeds import SeedStreams
from seedwise.study.arguments import bind


def distance(one, other):
    gaps = [one[name] - other[name] for name in one]
    return float(np.sqrt(sum((gap**2).sum() for gap in gaps)))


def test_the_projection_is_the_nearest_point_of_the_ball():
    centre = {"a": torch.tensor([1.0, 0.0]), "b": torch.tensor([0.0])}
    rows = {"a": torch.tensor([[4.0, 0.0], [1.1, 0.0]]), "b": torch.tensor([[4.0], [0.0]])}
    found = projection(rows, centre, 2.0)
    torch.testing.assert_close(found["a"][0], torch.tensor([1.0 + 1.2, 0.0]))
    torch.testing.assert_close(found["b"][0], torch.tensor([1.6]))
    assert torch.equal(found["a"][1], rows["a"][1])
    torch.testing.assert_close(lengths(minus(found, centre))[0].item(), 2.0)


def test_a_client_that_is_far_from_its_own_model_stays():
    zero = {"a": torch.zeros(2)}
    ball = Ball(zero, 10.0, {"a": torch.zeros(1, 2)}, 1.0)
    near, far, later = (torch.full((1, 2), value) for value in (0.1, 3.0, 9.0))
    assert torch.equal(ball({"a": near})["a"], near)
    assert torch.equal(ball({"a": far})["a"], far)
    assert torch.equal(ball({"a": later})["a"], far)


def test_the_ascent_ends_on_the_ball_around_the_average_without_the_forgotten(
    trained, unlearn, numbers
):
    reference = numbers(unlearn(trained, "fed-remove"))
    forgotten = {"epochs": 3, "lr": 1.0, "rounds": 0, "stop": None}
    for radius in (0.5, 0.1):
        found = numbers(unlearn(trained, "pga", radius=radius, **forgotten))
        assert distance(found, reference) <= radius * 1.001
        assert distance(found, reference) > 0.3 * radius


def test_it_climbs_the_loss_of_the_forgotten(trained, unlearn):
    problem, original = trained
    climbed = unlearn(trained, "pga", epochs=3, lr=0.1, rounds=0, radius=5.0, stop=None)
    losses = [
        problem.outputs(model, "forget", ["loss"])["loss"].mean()
        for model in (original.model, climbed)
    ]
    assert losses[1] > losses[0] + 0.1


def test_the_ascent_is_clipped_as_in_the_released_code(make, unlearn, numbers):
    made = make(batch_size=None)
    reference = numbers(unlearn(made, "fed-remove"))
    alone = {"epochs": 1, "lr": 1.0, "radius": 100.0, "rounds": 0, "stop": None}
    free, short = (numbers(unlearn(made, "pga", clip=clip, **alone)) for clip in (None, 0.01))
    assert distance(short, reference) <= 0.01 * 1.001 < distance(free, reference)
    assert bind(methods["pga"].function, {})["clip"] == 5.0


def test_the_default_radius_is_a_third_of_the_distance_to_ten_random_nets(trained, numbers):
    problem, original = trained
    centre = {name: value.detach() for name, value in original.model.named_parameters()}
    seeds = SeedStreams("method/pga", 0, 0, 0)
    nets = [problem.fresh(seeds.generator("reference", number)) for number in range(10)]
    expected = np.mean([distance(numbers(net), numbers(original.model)) for net in nets]) / 3
    assert third_of_distance(problem, centre, seeds) == pytest.approx(expected, rel=1e-5)


def test_repair_is_federated_averaging_over_the_retained(trained, unlearn):
    problem, _ = trained
    arguments = {"epochs": 1, "stop": None}
    climbed = unlearn(trained, "pga", rounds=0, **arguments)
    seeds = SeedStreams("method/pga", 0, 0, 0)
    problem.federate(climbed, problem.retained, 2, seeds, Context())
    repaired = unlearn(trained, "pga", rounds=2, **arguments)
    assert problem.digest(repaired) == problem.digest(climbed)
