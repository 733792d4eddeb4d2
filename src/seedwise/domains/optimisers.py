"""Gradient descent steps on a list of tensors, bit for bit those of `torch.optim`.

Written out because the first `torch.optim` step of a process imports the compiler (about a second
of start-up in every worker) and costs a third more time a step on small nets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from seedwise.contracts import Recipe

_BETA1 = 0.9
_EPSILON = 1e-8


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """Return the learning rate of a step: constant, or a half cosine down to zero after `steps`."""
    if recipe.schedule == "constant":
        return recipe.lr
    return recipe.lr * (1.0 + math.cos(math.pi * step / steps)) / 2.0


class Sgd:
    """Stochastic gradient descent with momentum and an L2 penalty (`torch.optim.SGD`)."""

    def __init__(self, parameters: Sequence[Tensor], recipe: Recipe) -> None:
        self.parameters = parameters
        self.recipe = recipe
        self.velocity: list[Tensor | None] = [None] * len(parameters)

    def step(self, gradients: Sequence[Tensor | None], lr: float) -> None:
        """Move every parameter that has a gradient."""
        decay, momentum = self.recipe.weight_decay, self.recipe.momentum
        with torch.no_grad():
            places = [place for place, one in enumerate(gradients) if one is not None]
            directions = [one for one in gradients if one is not None]
            moved = [self.parameters[place] for place in places]
            if not moved:
                return
            if decay:
                directions = torch._foreach_add(directions, moved, alpha=decay)  # pyright: ignore
            if momentum:
                directions = [
                    self._momentum(place, one)
                    for place, one in zip(places, directions, strict=True)
                ]
            torch._foreach_add_(moved, directions, alpha=-lr)  # pyright: ignore

    def _momentum(self, i: int, gradient: Tensor) -> Tensor:
        velocity = self.velocity[i]
        if velocity is None:
            velocity = gradient.clone()
        else:
            velocity.mul_(self.recipe.momentum).add_(gradient)
        self.velocity[i] = velocity
        return velocity


class Adam:
    """Adam, or with `adamw` decoupled weight decay (`torch.optim.Adam`, `torch.optim.AdamW`)."""

    def __init__(self, parameters: Sequence[Tensor], recipe: Recipe) -> None:
        self.parameters = parameters
        self.recipe = recipe
        self.means = [torch.zeros_like(parameter) for parameter in parameters]
        self.squares = [torch.zeros_like(parameter) for parameter in parameters]
        self.counts = [0] * len(parameters)

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor | None], lr: float) -> None:
        """Move every parameter that has a gradient."""
        decay = self.recipe.weight_decay
        for i, (parameter, gradient) in enumerate(zip(self.parameters, gradients, strict=True)):
            if gradient is None:
                continue
            if decay and self.recipe.optimizer == "adamw":
                parameter.mul_(1 - lr * decay)
            elif decay:
                gradient = gradient.add(parameter, alpha=decay)
            self._move(i, parameter, gradient, lr)

    def _move(self, i: int, parameter: Tensor, gradient: Tensor, lr: float) -> None:
        first, second = _BETA1, self.recipe.beta2
        self.counts[i] += 1
        self.means[i].lerp_(gradient, 1 - first)
        self.squares[i].mul_(second).addcmul_(gradient, gradient, value=1 - second)
        root = math.sqrt(1 - second ** self.counts[i])
        scale = (self.squares[i].sqrt() / root).add_(_EPSILON)
        parameter.addcdiv_(self.means[i], scale, value=-lr / (1 - first ** self.counts[i]))


def optimiser(parameters: Sequence[Tensor], recipe: Recipe) -> Sgd | Adam:
    """Return the optimiser a recipe names, for these parameters."""
    return Sgd(parameters, recipe) if recipe.optimizer == "sgd" else Adam(parameters, recipe)
