from __future__ import annotations

import math

import pytest
import torch

from seedwise.contracts import Recipe
from seedwise.domains.optimisers import learning_rate, optimiser

RECIPES = {
    "sgd": Recipe(1, 0.1, momentum=0.0),
    "momentum": Recipe(1, 0.1, momentum=0.9),
    "momentum, decay": Recipe(1, 0.1, momentum=0.9, weight_decay=0.01),
    "adam": Recipe(1, 0.01, optimizer="adam"),
    "adam, decay": Recipe(1, 0.01, optimizer="adam", weight_decay=0.1),
    "adamw": Recipe(1, 0.01, optimizer="adamw", weight_decay=0.1),
}


def torchs_own(parameters, recipe):
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            parameters, recipe.lr, momentum=recipe.momentum, weight_decay=recipe.weight_decay
        )
    kind = torch.optim.Adam if recipe.optimizer == "adam" else torch.optim.AdamW
    return kind(parameters, recipe.lr, weight_decay=recipe.weight_decay)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
def test_steps_are_those_of_torch_bit_for_bit(recipe):
    draw = torch.Generator().manual_seed(0)
    mine = [torch.randn(7, 5, generator=draw), torch.randn(5, generator=draw)]
    theirs = [one.clone() for one in mine]
    ours, reference = optimiser(mine, recipe), torchs_own(theirs, recipe)
    for _ in range(20):
        gradients = [torch.randn(one.shape, generator=draw) for one in mine]
        for parameter, gradient in zip(theirs, gradients, strict=True):
            parameter.grad = gradient.clone()
        reference.step()
        ours.step(gradients, recipe.lr)
    assert all(torch.equal(one, other) for one, other in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
def test_a_parameter_without_a_gradient_stays(recipe):
    parameters = [torch.ones(3), torch.ones(2)]
    steps = optimiser(parameters, recipe)
    for _ in range(2):
        steps.step([torch.ones(3), None], recipe.lr)
    assert torch.equal(parameters[1], torch.ones(2))
    assert not torch.equal(parameters[0], torch.ones(3))


def test_a_step_does_not_change_the_gradients_it_was_given():
    gradient = torch.ones(3)
    steps = optimiser([torch.zeros(3)], Recipe(1, 0.1, momentum=0.9, weight_decay=0.5))
    steps.step([gradient], 0.1)
    steps.step([gradient], 0.1)
    assert torch.equal(gradient, torch.ones(3))


def test_the_cosine_goes_from_the_learning_rate_down_to_zero():
    recipe = Recipe(1, 0.2, schedule="cosine")
    rates = [learning_rate(recipe, step, 10) for step in range(11)]
    assert rates[0] == 0.2
    assert math.isclose(rates[5], 0.1)
    assert math.isclose(rates[10], 0.0, abs_tol=1e-12)
    assert rates == sorted(rates, reverse=True)


def test_the_constant_schedule_is_constant():
    assert {learning_rate(Recipe(1, 0.2), step, 10) for step in range(10)} == {0.2}
