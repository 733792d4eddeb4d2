"""Gradient clipping, row by row. Needs torch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def clipped(gradients: Sequence[Tensor], most: float) -> list[Tensor]:
    """Return gradients whose norm over all parameters is at most `most`, row by row.

    Args:
        gradients: One tensor a parameter, (rows, *shape); shorter rows keep their bits.
        most: The largest norm.

    Example:
        >>> import torch
        >>> clipped([torch.tensor([[3.0], [0.3]]), torch.tensor([[4.0], [0.4]])], 1.0)[1].tolist()
        [[0.800000011920929], [0.4000000059604645]]
    """
    squares = [one.double().square().flatten(1).sum(1) for one in gradients]
    factors = most / torch.stack(squares).sum(0).sqrt().clamp(min=most)
    return [one * factors.to(one.dtype).reshape(-1, *(1,) * (one.ndim - 1)) for one in gradients]
