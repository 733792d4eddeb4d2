"""Gradients of clients as vectors, and their projections. Imported inside methods: needs torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from seedwise.contracts import Batch
from seedwise.contracts.rounds import RoundProblem

_SMALLEST = 1e-6
"""Share of the largest eigenvalue below which gradients count as dependent."""


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
    vector = nn.utils.parameters_to_vector(model.parameters())
    nn.utils.vector_to_parameters(vector - lr * direction, model.parameters())


def _stretched(rows: Tensor, lengths_of: Tensor) -> Tensor:
    """Return rows with the lengths of others; a row of zeros stays one."""
    own = rows.norm(dim=1, keepdim=True)
    factor = lengths_of.norm(dim=1, keepdim=True) / own.clamp(min=torch.finfo(own.dtype).tiny)
    return torch.where(own > 0, rows * factor, rows)
