"""The rankers: nets that score a document by its features. torch is imported when one is built.

Each builder's keyword-only arguments are what a study may say under `task.model`; the positional
one, the number of features, comes from the data. They return Any, a `torch.nn.Module` that maps
(..., features) to (..., 1), so that their signatures can be read without torch. A level common to
all documents changes no ranking, so the last layer has no bias.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pydantic import PositiveInt

from seedwise.contracts import Part

if TYPE_CHECKING:
    from torch import nn


def linear_ranker(features: int) -> Any:
    """Build a weighted sum of the features.

    Args:
        features: Number of features.
    """
    from torch import nn

    return nn.Sequential(nn.Linear(features, 1, bias=False))


def neural_ranker(features: int, *, hidden: tuple[PositiveInt, ...] = (64,)) -> Any:
    """Build a small net of sigmoid layers, by default that of Oosterhuis and de Rijke (2018).

    Args:
        features: Number of features.
        hidden: Width of each hidden layer, one at least.
    """
    from torch import nn

    layers: list[nn.Module] = []
    for before, after in pairwise([features, *hidden]):
        layers += [nn.Linear(before, after), nn.Sigmoid()]
    return nn.Sequential(*layers, nn.Linear([features, *hidden][-1], 1, bias=False))


RANKERS: Mapping[str, Callable[..., Any]] = {
    "linear-ranker": linear_ranker,
    "neural-ranker": neural_ranker,
}


def blank(part: Part, features: int) -> nn.Module:
    """Build a ranker whose parameters are not set yet, without a draw."""
    import torch

    with torch.device("meta"):
        model = RANKERS[part.name](features, **part.arguments)
    return model.to_empty(device="cpu").eval()
