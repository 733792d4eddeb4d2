"""Elementwise functions whose bits do not depend on where in a tensor an element stands."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional

_VECTOR = 64
"""Elements that torch treats at once, or a multiple of their number."""


def whole(function: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    """Return an elementwise function, such as exp, of all values.

    torch treats elements many at a time; what is left over at a tensor's end goes through another
    routine, whose last bits are others. So something is put behind the end, and taken off again.

    Args:
        function: Such as `torch.exp`.
        values: Of any shape.

    Example:
        >>> import torch
        >>> whole(torch.exp, torch.zeros(3)).tolist()
        [1.0, 1.0, 1.0]
    """
    flat = values.flatten()
    filled = functional.pad(flat, (0, -len(flat) % _VECTOR))
    return function(filled)[: len(flat)].view(values.shape)
