"""Subtracting what forgotten clients contributed, then distilling the original."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras
from seedwise.contracts.rounds import FULL, RoundProblem, history, part
from seedwise.methods.draws import without_orders
from seedwise.registry import method
from seedwise.seeds import SeedStreams


def _draws_nothing(arguments: Mapping[str, Any]) -> bool:
    return arguments["epochs"] == 0 or without_orders(arguments)


@method(
    "kd",
    version="2",
    requires={"rounds", "modules"},
    needs=(FULL,),
    deterministic=_draws_nothing,
)
def kd(
    original: Any,
    problem: RoundProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    epochs: NonNegativeInt = 10,
    lr: PositiveFloat = 0.05,
    batch_size: PositiveInt | None = 64,
    temperature: PositiveFloat = 3.0,
) -> Any:
    """Take the forgotten clients' updates out of the sum, and repair by knowledge distillation.

    Wu et al., "Federated Unlearning with Knowledge Distillation" (2022). From w_T every weighted
    update a_k (w_k^t - w_t) of a forgotten client is subtracted; then the result learns to give the
    original's outputs on unlabelled data: KL between the softmaxes at a temperature T, times T^2,
    by plain gradient descent. The paper's server has outside data for this; here the retained
    clients' inputs stand for them, without their labels. For a ranker the softmax is over the
    documents of a query, the chance of each to be ranked first, which is ListNet's cross-entropy
    (Cao et al., ICML 2007) with the teacher's scores in the place of labels.

    Args:
        original: The original model, also the teacher.
        problem: The problem, without test data.
        extras: `history:full`.
        seeds: Streams; `order` draws which examples make a step unless `batch_size` is None.
        ctx: Device and progress.
        epochs: Passes over the unlabelled data; 0 leaves the subtracted model.
        lr: Learning rate.
        batch_size: Examples a step; None takes all at once.
        temperature: T.
    """
    from seedwise.methods.federated.parameters import values, with_values

    full = history(extras, FULL, "kd")
    given = forgotten_updates(problem, full, ctx.device)
    left = {name: value - given[name] for name, value in values(original).items()}
    model = with_values(problem, original, left)
    index = problem.index("retain")
    for epoch in range(epochs):
        for places in _order(len(index), batch_size, seeds, epoch):
            (batch,) = problem.only("retain", index[places]).batches("retain", None)
            _step(problem, model, original, batch, lr, temperature)
        ctx.tick((epoch + 1) / epochs)
    return model


def forgotten_updates(
    problem: RoundProblem[Any], full: Mapping[str, np.ndarray], device: str
) -> dict[str, Any]:
    """Return the sum over rounds of the forgotten clients' weighted updates a_k (w_k^t - w_t).

    Args:
        problem: The problem.
        full: The level `history:full`.
        device: Where to compute.
    """
    import torch

    from seedwise.methods.federated.parameters import tensors

    starts, rows = (tensors(part(full, prefix), device) for prefix in ("start/", "local/"))
    total = {name: torch.zeros_like(value[0]) for name, value in starts.items()}
    for turn, clients in enumerate(full["clients"]):
        weights = problem.weights[clients] / problem.weights[clients].sum()
        for place, client in enumerate(clients.tolist()):
            if client in problem.forgotten:
                for name, value in total.items():
                    moved = rows[name][turn, place] - starts[name][turn]
                    value += float(weights[place]) * moved
    return total


def _order(size: int, batch_size: int | None, seeds: SeedStreams, epoch: int) -> list[np.ndarray]:
    """Return the places of each step of an epoch."""
    if batch_size is None:
        return [np.arange(size)]
    order = seeds.generator("order", epoch).permutation(size)
    return np.split(order, range(batch_size, size, batch_size))


def _step(
    problem: RoundProblem[Any], model: Any, teacher: Any, batch: Batch, lr: float, heat: float
) -> None:
    """Move a model towards a teacher's outputs, in place."""
    import torch
    from torch.nn import functional

    scores = problem.scores(model, batch)
    with torch.no_grad():
        wanted = functional.softmax(problem.scores(teacher, batch) / heat, dim=1)
        slope = (functional.softmax(scores / heat, dim=1) - wanted) * heat / len(wanted)
    # d/dscores of T^2 KL, written out: exactly 0 where the outputs agree, which autograd misses
    parameters = list(model.parameters())
    gradients = torch.autograd.grad((scores * slope).sum(), parameters)
    with torch.no_grad():
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.sub_(gradient, alpha=lr)
