"""Mean sizes of the gradients of torch modules, per example and per batch.

Imported inside methods: this module needs torch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from seedwise.contracts import Batch, Problem
from seedwise.methods.distances import mean_of_tokens

GRADIENT_BYTES = 128 * 2**20
"""Memory that the gradients of one chunk of examples may take."""

_MOST = 256
"""Examples a chunk at most: more are not faster."""


def squared_per_example(
    model: nn.Module, problem: Problem[Any], split: str, budget: int = GRADIENT_BYTES
) -> dict[str, Tensor]:
    """Return the mean over examples of the squared gradient of each example's loss.

    This is the diagonal of the empirical Fisher information, E[(d loss / d theta)^2].

    Args:
        model: The net, in evaluation mode.
        problem: Gives batches and losses.
        split: The examples.
        budget: Bytes that the gradients of one chunk may take.

    Returns:
        One tensor per parameter, of its shape, by name.
    """

    def loss(net: Any, batch: Batch) -> Tensor:
        return problem.losses(net, batch).sum()

    return _mean_per_example(model, problem, split, loss, torch.square, budget)


def absolute_norm_per_example(
    model: nn.Module, problem: Problem[Any], split: str, budget: int = GRADIENT_BYTES
) -> dict[str, Tensor]:
    """Return the mean over examples of the absolute gradient of each example's squared logits.

    Foster et al. (2024), loss-free: the gradient of the squared L2 norm of the outputs. Of a
    sequence the norm is that at the answer's tokens, their mean.

    Args:
        model: The net, in evaluation mode.
        problem: Gives batches and outputs.
        split: The examples.
        budget: Bytes that the gradients of one chunk may take.

    Returns:
        One tensor per parameter, of its shape, by name.
    """

    def norm(net: Any, batch: Batch) -> Tensor:
        each = problem.scores(net, batch).square().sum(dim=-1)
        return mean_of_tokens(each, batch.targets).sum()

    return _mean_per_example(model, problem, split, norm, torch.abs, budget)


def _mean_per_example(
    model: nn.Module,
    problem: Problem[Any],
    split: str,
    value: Callable[[Any, Batch], Tensor],
    size: Callable[[Tensor], Tensor],
    budget: int,
) -> dict[str, Tensor]:
    """Return the mean over examples of a size of the gradient of each example's value."""
    parameters = _parameters(model)
    device = next(iter(parameters.values())).device

    def of_one(values: dict[str, Tensor], example: Batch) -> Tensor:
        batch = Batch(*(part.unsqueeze(0) for part in example))
        return value(_with(model, values), batch)

    per_example = vmap(grad(of_one), in_dims=(None, 0))
    totals = {name: torch.zeros_like(value) for name, value in parameters.items()}
    count = 0
    for batch in problem.batches(split, _chunk(parameters, budget)):
        moved = Batch(batch.index, batch.inputs.to(device), batch.targets.to(device))
        for name, gradients in per_example(parameters, moved).items():
            totals[name] += size(gradients).sum(0)
        count += len(batch.targets)
    return {name: total / count for name, total in totals.items()}


def squared_per_batch(
    model: nn.Module, problem: Problem[Any], split: str, size: int
) -> dict[str, Tensor]:
    """Return the mean over batches of the squared gradient of each batch's mean loss.

    Not the Fisher diagonal: it shrinks with the batch size and depends on the order of examples.

    Args:
        model: The net, in evaluation mode.
        problem: Gives batches and losses.
        split: The examples, taken in their own order.
        size: Examples a batch.
    """
    named = trained_parameters(model)
    totals = {name: torch.zeros_like(value) for name, value in named.items()}
    count = 0
    for batch in problem.batches(split, size):
        gradients = torch.autograd.grad(
            problem.losses(model, batch).mean(),
            list(named.values()),
            allow_unused=True,
            materialize_grads=True,
        )
        for name, gradient in zip(named, gradients, strict=True):
            totals[name] += gradient.square()
        count += 1
    return {name: total / count for name, total in totals.items()}


def trained_parameters(model: nn.Module) -> dict[str, nn.Parameter]:
    """Return the parameters by name, those beneath adapters left out: they are never changed."""
    return {name: value for name, value in model.named_parameters() if value.requires_grad}


def _parameters(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach() for name, value in trained_parameters(model).items()}


def _with(model: nn.Module, values: dict[str, Tensor]) -> Any:
    return lambda inputs: functional_call(model, values, (inputs,))


def _chunk(parameters: dict[str, Tensor], budget: int) -> int:
    """Return how many examples' gradients fit into a number of bytes, at least one."""
    size = sum(value.numel() * value.element_size() for value in parameters.values())
    return max(1, min(_MOST, budget // size))
