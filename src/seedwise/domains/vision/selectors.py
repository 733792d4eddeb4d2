"""Which training examples are to be forgotten, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seedwise.contracts import ForgetSet
from seedwise.domains.indices import read_indices
from seedwise.errors import ForgetError, did_you_mean
from seedwise.seeds import SeedStreams

SELECTORS = {
    "class": "all training examples of one class, given by its label or its name",
    "indices": "the training examples numbered in a .txt, .npy or .json file, counted from 0",
    "random": "a share (between 0 and 1) or a number of training examples, drawn at random",
}


def draw(
    forget: ForgetSet, labels: np.ndarray, classes: Sequence[str], streams: SeedStreams
) -> np.ndarray:
    """Return the numbers of the training examples to forget, ascending.

    Args:
        forget: Selector, value and seed; only `random` draws.
        labels: Labels of the training data, (n,).
        classes: The name of every label.
        streams: Streams of scope `forget` and the partition: the draw depends on nothing else.

    Raises:
        ForgetError: If nothing or everything would be forgotten, or the value cannot be used.
    """
    if forget.selector == "class":
        rows = np.flatnonzero(labels == class_label(forget.value, labels, classes))
    elif forget.selector == "random":
        count = _count(forget.value, len(labels))
        order = streams.generator("draw", forget.seed).permutation(len(labels))
        rows = np.sort(order[:count])
    elif forget.selector == "indices":
        rows = read_indices(Path(forget.value).expanduser(), len(labels), "example")
    else:
        raise ForgetError(
            f"unknown forget set '{forget.selector}'; {did_you_mean(forget.selector, SELECTORS)}"
        )
    if len(rows) == 0:
        raise ForgetError(f"the forget set {forget.selector}: {forget.value} is empty")
    if len(rows) == len(labels):
        raise ForgetError(
            f"the forget set {forget.selector}: {forget.value} holds all {len(labels)} training "
            "examples; something must be left to retain"
        )
    return rows


def class_label(value: Any, labels: np.ndarray, classes: Sequence[str]) -> int:
    """Return the label of a class given by label or name.

    Raises:
        ForgetError: If no training example has it; names the classes that exist.
    """
    label = list(classes).index(value) if value in classes else value
    present = np.unique(labels)
    if isinstance(label, bool) or not isinstance(label, int) or label not in present:
        known = ", ".join(_described(int(one), classes) for one in present)
        raise ForgetError(f"no training example of class {value!r}; the classes are {known}")
    return int(label)


def _described(label: int, classes: Sequence[str]) -> str:
    return str(label) if classes[label] == str(label) else f"{label} ({classes[label]})"


def _count(value: Any, size: int) -> int:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and isinstance(value, float) and 0 < value < 1:
        return max(1, round(value * size))
    if number and not isinstance(value, float) and 1 <= value <= size:
        return value
    raise ForgetError(
        f"random: {value!r} is neither a share strictly between 0 and 1 nor a whole number of "
        f"examples from 1 to {size - 1}"
    )
