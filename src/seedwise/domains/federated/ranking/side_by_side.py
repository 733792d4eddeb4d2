"""Several rankers of one form at once, each on documents of its own, row by row to the last bit."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from seedwise.contracts.rounds import Parameters
from seedwise.domains.federated.ranking.whole import whole


def scores(net: nn.Module, parameters: Parameters, features: Tensor) -> Tensor:
    """Return each ranker's scores of its documents, (rows, documents).

    Row i is a function of row i, to the last bit, among two or more rows. `torch.func.vmap` and
    `torch.bmm` do not promise that: the sums of a batched matrix product may be taken in another
    order with the number of matrices, and with where in memory a matrix starts.

    Args:
        net: A ranker of the rankers' form; its own parameters are not used.
        parameters: Those of each, (rows, *shape).
        features: (rows, documents, features).
    """
    values = features
    for name, layer in net.named_children():
        weight, bias = (parameters.get(f"{name}.{part}") for part in ("weight", "bias"))
        values = whole(layer, values) if weight is None else _products(values, weight)
        values = values if bias is None else values + bias.unsqueeze(1)
    return values.squeeze(-1)


def _products(values: Tensor, weight: Tensor) -> Tensor:
    """Return values @ weight.mT, (rows, documents, out)."""
    if weight.shape[1] == 1:  # elementwise products and a sum: the fastest way here
        return (values * weight).sum(-1, keepdim=True)
    return _OneByOne.apply(values, weight)  # pyright: ignore


class _OneByOne(torch.autograd.Function):
    """values @ weight.mT, matrix by matrix, each copied to memory of its own."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(values, weight)
        return torch.stack([_own(x) @ _own(w).T for x, w in zip(values, weight, strict=True)])

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor | None, Tensor]:
        values, weight = ctx.saved_tensors
        (above,) = grad_outputs
        of_values = None
        if ctx.needs_input_grad[0]:
            of_values = torch.stack([_own(g) @ _own(w) for g, w in zip(above, weight, strict=True)])
        of_weight = [_own(g).T @ _own(x) for g, x in zip(above, values, strict=True)]
        return of_values, torch.stack(of_weight)


def _own(matrix: Tensor) -> Tensor:
    return matrix.clone(memory_format=torch.contiguous_format)
