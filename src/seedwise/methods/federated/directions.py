"""Gradients of clients as vectors, and steps that conflict with none: FedOSD's. Needs torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from seedwise.contracts import Batch, Context
from seedwise.contracts.rounds import RoundProblem

_SMALLEST = 1e-6
"""Share of the largest eigenvalue below which gradients count as dependent."""


Ask = Callable[[Any, Sequence[int], int], Tensor]
"""(model, clients, turn) -> what each of them answers, a gradient, (clients, parameters)."""


@dataclass(frozen=True)
class Stages:
    """How FedOSD goes on.

    Args:
        rounds: Rounds of unlearning.
        lr: Learning rate of unlearning.
        recovery: Rounds of recovery.
        recovery_lr: Learning rate of recovery.
    """

    rounds: int
    lr: float
    recovery: int
    recovery_lr: float


def unlearn_and_recover(
    original: Any, problem: RoundProblem[Any], ask: Ask, stages: Stages, ctx: Context
) -> Any:
    """Return a copy that went along what the forgotten clients answer, then was repaired.

    Unlearning steps are orthogonal to all answers of the retained clients; recovery takes the mean
    of these, without their components along the way from the original. Clients count equally.

    Args:
        original: The original model.
        problem: The problem.
        ask: Asks clients for gradients: of what unlearns at the forgotten, of what learns at the
            retained; turns count on from unlearning to recovery.
        stages: How far both go.
        ctx: Device and progress.
    """
    model = problem.copy(original).to(ctx.device)
    origin = _vector(original).to(ctx.device)
    gone = torch.tensor([client in problem.forgotten for client in problem.clients])
    every = stages.rounds + stages.recovery
    for turn in range(stages.rounds):
        answers = ask(model, problem.clients, turn)
        move(model, orthogonal(answers[gone].mean(0), answers[~gone]), stages.lr)
        ctx.tick((turn + 1) / every)
    for turn in range(stages.rounds, every):
        answers = ask(model, problem.retained, turn)
        back = without_component(answers, _vector(model) - origin)
        move(model, back.mean(0), stages.recovery_lr)
        ctx.tick((turn + 1) / every)
    return model


def gradients(
    model: nn.Module,
    problem: RoundProblem[Any],
    clients: Sequence[int],
    objective: Callable[[Any, Batch], Tensor],
) -> Tensor:
    """Return each client's gradient over all of its examples, (clients, parameters)."""
    rows = []
    for client in clients:
        (batch,) = problem.batches(problem.client_split(client), None)
        found = torch.autograd.grad(objective(model, batch), list(model.parameters()))
        rows.append(torch.cat([one.flatten() for one in found]))
    return torch.stack(rows)


def orthogonal(vector: Tensor, others: Tensor) -> Tensor:
    """Return the part of a vector that is orthogonal to all rows, stretched to its length.

    Args:
        vector: (p,).
        others: (n, p).
    """
    long, rows = vector.double(), others.double()
    inverse = torch.linalg.pinv(rows @ rows.T, hermitian=True, rtol=_SMALLEST)
    rest = long - rows.T @ (inverse @ (rows @ long))
    return _stretched(rest[None], long[None])[0].to(vector.dtype)


def without_component(rows: Tensor, direction: Tensor) -> Tensor:
    """Return every row without its component along a direction, stretched to its own length.

    Args:
        rows: (n, p).
        direction: (p,); a zero vector has no direction, and rows stay as they are.
    """
    long, along = rows.double(), direction.double()
    square = along.square().sum()
    if square == 0:
        return rows
    rest = long - torch.outer(long @ along / square, along)
    return _stretched(rest, long).to(rows.dtype)


@torch.no_grad()
def move(model: nn.Module, direction: Tensor, lr: float) -> None:
    """Take a step against a direction, in place."""
    nn.utils.vector_to_parameters(_vector(model) - lr * direction, model.parameters())


def _vector(model: nn.Module) -> Tensor:
    return nn.utils.parameters_to_vector(model.parameters()).detach()


def _stretched(rows: Tensor, lengths_of: Tensor) -> Tensor:
    """Return rows with the lengths of others; a row of zeros stays one."""
    own = rows.norm(dim=1, keepdim=True)
    factor = lengths_of.norm(dim=1, keepdim=True) / own.clamp(min=torch.finfo(own.dtype).tiny)
    return torch.where(own > 0, rows * factor, rows)
