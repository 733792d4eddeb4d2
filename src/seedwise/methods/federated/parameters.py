"""Arithmetic on the parameters of nets. Imported inside methods: this module needs torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seedwise.contracts import Problem
from seedwise.contracts.rounds import Parameters


def values(model: nn.Module) -> dict[str, Tensor]:
    """Return a model's parameters by name, detached."""
    return {name: value.detach() for name, value in model.named_parameters()}


def tensors(arrays: Mapping[str, np.ndarray], device: str) -> dict[str, Tensor]:
    """Return arrays of a history as tensors on a device."""
    return {name: torch.from_numpy(array).to(device) for name, array in arrays.items()}


@torch.no_grad()
def with_values(problem: Problem[Any], model: Any, found: Parameters) -> Any:
    """Return a copy of a model with other parameters, in evaluation mode."""
    made = problem.copy(model)
    for name, parameter in made.named_parameters():
        parameter.copy_(found[name])
    return made.eval()


def added(one: Parameters, other: Parameters) -> dict[str, Tensor]:
    """Return the sum, parameter by parameter."""
    return {name: value + other[name] for name, value in one.items()}


def repeated(found: Parameters, rows: int) -> dict[str, Tensor]:
    """Return the same parameters as so many rows."""
    return {name: torch.stack([value] * rows) for name, value in found.items()}


def joined(parts: Sequence[Parameters]) -> dict[str, Tensor]:
    """Return the rows of several one below the other."""
    return {name: torch.cat([one[name] for one in parts]) for name in parts[0]}


def chosen(rows: Parameters, places: Sequence[int]) -> dict[str, Tensor]:
    """Return some rows."""
    return {name: value[list(places)] for name, value in rows.items()}


def lengths(rows: Parameters) -> Tensor:
    """Return the Euclidean norm of each row over all parameters, (rows,), in double precision."""
    squares = [value.double().square().flatten(1).sum(1) for value in rows.values()]
    return torch.stack(squares).sum(0).sqrt()


def scaled(rows: Parameters, factors: Tensor) -> dict[str, Tensor]:
    """Return every row times its factor."""
    return {
        name: value * factors.to(value.dtype).reshape(-1, *(1,) * (value.ndim - 1))
        for name, value in rows.items()
    }


def minus(rows: Parameters, found: Parameters) -> dict[str, Tensor]:
    """Return every row minus the same parameters."""
    return {name: value - found[name] for name, value in rows.items()}


def places_of(asked: Sequence[int], clients: np.ndarray) -> list[int]:
    """Return where some clients stand among those that took part, in that order."""
    return [place for place, client in enumerate(clients.tolist()) if client in asked]
