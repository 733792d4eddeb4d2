"""The nets of the vision domain. torch is imported when one is built.

Each builder's keyword-only arguments are what a study may say under `task.model`; the positional
ones, the shape of an input and the number of classes, come from the data. They are annotated to
return Any, a `torch.nn.Module`, so that their signatures can be read without torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import PositiveInt

from seedwise.contracts import Part
from seedwise.errors import DataError

if TYPE_CHECKING:
    from torch import nn


def mlp(shape: tuple[int, ...], classes: int, *, hidden: tuple[PositiveInt, ...] = (64,)) -> Any:
    """Build a fully connected net with ReLUs.

    Args:
        shape: Shape of one input.
        classes: Number of outputs.
        hidden: Width of each hidden layer; empty for a linear classifier.
    """
    from torch import nn

    widths = [math.prod(shape), *hidden]
    layers: list[nn.Module] = [nn.Flatten()]
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], classes))


def cnn(
    shape: tuple[int, ...],
    classes: int,
    *,
    channels: tuple[PositiveInt, ...] = (16, 32),
    pooling: Literal["max", "average"] = "max",
    hidden: tuple[PositiveInt, ...] = (),
) -> Any:
    """Build a small convolutional net: 3x3 convolution, ReLU and 2x2 pooling, then dense layers.

    Args:
        shape: Shape of one input, (channels, height, width).
        classes: Number of outputs.
        channels: Channels after each convolution; each of them halves height and width.
        pooling: How four neighbours become one.
        hidden: Width of each dense hidden layer.

    Raises:
        DataError: If inputs are not images, or too small for that many poolings.
    """
    from torch import nn

    if len(shape) != 3 or min(shape[1:]) < 2 ** len(channels):
        raise DataError(
            f"cnn with {len(channels)} poolings needs images of at least {2 ** len(channels)} "
            f"pixels a side, but an example has shape {shape}; use fewer channels or 'mlp'"
        )
    pool = nn.MaxPool2d if pooling == "max" else nn.AvgPool2d
    layers: list[nn.Module] = []
    for before, after in pairwise([shape[0], *channels]):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), pool(2)]
    sides = [side // 2 ** len(channels) for side in shape[1:]]
    head = mlp(([*shape[:1], *channels][-1], *sides), classes, hidden=hidden)
    return nn.Sequential(*layers, head)


MODELS: Mapping[str, Callable[..., Any]] = {"cnn": cnn, "mlp": mlp}


def blank(part: Part, shape: tuple[int, ...], classes: int) -> nn.Module:
    """Build a net whose parameters are not set yet, without a draw from torch's global generator.

    Raises:
        DataError: If the net cannot take such inputs.
    """
    import torch

    with torch.device("meta"):
        model = MODELS[part.name](shape, classes, **part.arguments)
    return model.to_empty(device="cpu").eval()


def initialise(model: nn.Module, generator: np.random.Generator) -> None:
    """Draw every weight and bias from U(-b, b), b = 1 / sqrt(fan-in), torch's own default.

    Raises:
        TypeError: If the net has another kind of layer, whose start would be undefined.
    """
    import torch
    from torch import nn

    for layer in model.modules():
        if not isinstance(layer, nn.Linear | nn.Conv2d):
            if [*layer.parameters(recurse=False), *layer.buffers(recurse=False)]:
                raise TypeError(f"no initialisation is written for {type(layer).__name__}")
            continue
        bound = 1.0 / math.sqrt(layer.weight[0].numel())
        for parameter in layer.parameters(recurse=False):
            values = generator.uniform(-bound, bound, size=tuple(parameter.shape))
            with torch.no_grad():
                parameter.copy_(torch.from_numpy(values))
