"""Simulated users: cascade click models over graded relevance.

A user reads a ranking from the top, at most `DEPTH` documents. Each document is clicked with a
probability that depends on its label alone; after a click the user stops with another such
probability (Guo, Liu and Wang, WSDM 2009; the tables are those of Hofmann et al., Information
Retrieval 2013, as the federated literature uses them). torch only, no state: what users do is a
function of uniform numbers that are drawn elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from seedwise.errors import DataError, did_you_mean

DEPTH = 10
"""Documents a user is shown."""


@dataclass(frozen=True)
class ClickModel:
    """What a user does with a document of label 0, 1, ...

    Args:
        click: P(click | label), one a label.
        stop: P(stop | label, clicked), one a label.
    """

    click: tuple[float, ...]
    stop: tuple[float, ...]


_THREE = {
    "perfect": ClickModel((0.0, 0.5, 1.0), (0.0, 0.0, 0.0)),
    "navigational": ClickModel((0.05, 0.5, 0.95), (0.2, 0.5, 0.9)),
    "informational": ClickModel((0.4, 0.7, 0.9), (0.1, 0.3, 0.5)),
    "poison": ClickModel((1.0, 0.5, 0.0), (0.0, 0.0, 0.0)),
}
_FIVE = {
    "perfect": ClickModel((0.0, 0.2, 0.4, 0.8, 1.0), (0.0, 0.0, 0.0, 0.0, 0.0)),
    "navigational": ClickModel((0.05, 0.3, 0.5, 0.7, 0.95), (0.2, 0.3, 0.5, 0.7, 0.9)),
    "informational": ClickModel((0.4, 0.6, 0.7, 0.8, 0.9), (0.1, 0.2, 0.3, 0.4, 0.5)),
    "poison": ClickModel((1.0, 0.8, 0.6, 0.2, 0.0), (0.0, 0.0, 0.0, 0.0, 0.0)),
}
CLICK_MODELS: Mapping[int, Mapping[str, ClickModel]] = {3: _THREE, 5: _FIVE}
"""Click models by number of labels, then by name. `poison` clicks what `perfect` leaves."""


def click_model(name: str, highest: int) -> ClickModel:
    """Return a click model for data whose highest label is known.

    Args:
        name: `perfect`, `navigational`, `informational`, `poison`.
        highest: The highest label of the data: up to 2 the table of three labels, up to 4 the
            table of five.

    Raises:
        DataError: If there is no such model, or the data have more than five labels.

    Example:
        >>> click_model("perfect", 2).click
        (0.0, 0.5, 1.0)
    """
    if name not in _THREE:
        raise DataError(f"unknown click model '{name}'; {did_you_mean(name, _THREE)}")
    labels = next((labels for labels in sorted(CLICK_MODELS) if highest < labels), None)
    if labels is None:
        raise DataError(
            f"the highest relevance label is {highest} but click models are written for labels 0 "
            "to 2 and 0 to 4; map yours to those"
        )
    return CLICK_MODELS[labels][name]


def cascade(
    relevance: Tensor, click: Tensor, stop: Tensor, reads: Tensor, leaves: Tensor
) -> Tensor:
    """Return which shown documents a user clicks, bool, shaped like `relevance`.

    Args:
        relevance: Labels of the shown documents from the top down, int64, (..., shown); -1 where
            nothing is shown.
        click: P(click | label), (..., labels): one table a user, broadcast over its interactions.
        stop: P(stop | label, clicked), shaped like `click`.
        reads: Uniform numbers in [0, 1), like `relevance`: a click where one is below P(click).
        leaves: Uniform numbers likewise: the user stops after a click where one is below P(stop).

    Example:
        >>> import torch
        >>> labels, sure = torch.tensor([2, 0, 2]), torch.tensor([0.0, 0.5, 1.0])
        >>> cascade(labels, sure, torch.zeros(3), torch.full((3,), 0.5), torch.zeros(3)).tolist()
        [True, False, True]
        >>> cascade(labels, sure, torch.ones(3), torch.full((3,), 0.5), torch.zeros(3)).tolist()
        [True, False, False]
    """
    labels = relevance.clamp(min=0)
    attracted = (reads < _of(click, labels)) & (relevance >= 0)
    left = attracted & (leaves < _of(stop, labels))
    still_reading = left.long().cumsum(-1) - left.long() == 0
    return attracted & still_reading


def _of(table: Tensor, labels: Tensor) -> Tensor:
    return torch.gather(table.expand(*labels.shape[:-1], table.shape[-1]), -1, labels)
