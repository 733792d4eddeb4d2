"""The data of a problem as tensors, and its named splits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from seedwise.contracts import Batch
from seedwise.domains.indices import fingerprint_of
from seedwise.domains.vision.datasets import Arrays


class Examples:
    """Inputs and targets, copied to a device when first asked for there.

    Args:
        inputs: float32, (n, features) or (n, channels, height, width).
        targets: int64, (n,).
    """

    def __init__(self, inputs: Tensor, targets: Tensor) -> None:
        self._copies = {"cpu": (inputs, targets)}

    def on(self, device: str) -> tuple[Tensor, Tensor]:
        """Return inputs and targets on a device."""
        if device not in self._copies:
            inputs, targets = self._copies["cpu"]
            self._copies[device] = (inputs.to(device), targets.to(device))
        return self._copies[device]


@dataclass(frozen=True)
class Split:
    """Some rows of the training or the test data.

    Args:
        examples: The data the rows are of.
        rows: Their places, int64, in the split's own order.
        index: The numbers `Batch.index` uses for them; stays on the host.
        fingerprint: SHA-256 of content and order.
    """

    examples: Examples
    rows: Tensor
    index: Tensor
    fingerprint: str

    def take(self, places: Tensor | slice, device: str) -> Batch:
        """Return the examples at some places of the split."""
        inputs, targets = self.examples.on(device)
        rows = self.rows[places].to(device)
        return Batch(
            self.index[places], inputs.index_select(0, rows), targets.index_select(0, rows)
        )

    def at(self, places: Tensor) -> Split:
        """Return the examples at some places as a split of their own."""
        seal = fingerprint_of(self.fingerprint, places)
        rows, index = self.rows[places], self.index[places]
        return replace(self, rows=rows, index=index, fingerprint=seal)


def make_splits(arrays: Arrays, forget: np.ndarray, forget_class: int | None) -> dict[str, Split]:
    """Return `train`, `retain`, `forget`, `test`; for class forgetting also the parts of `test`.

    Args:
        arrays: The data set.
        forget: Numbers of the training examples to forget, ascending.
        forget_class: The label, when the forget set is a whole class. `test-forget` and
            `test-retain` are left out when one of them would be empty.
    """
    train = Examples(_inputs(arrays.x_train, arrays.top), torch.from_numpy(arrays.y_train))
    test = Examples(_inputs(arrays.x_test, arrays.top), torch.from_numpy(arrays.y_test))
    every = np.arange(len(arrays.y_train))
    places = {"train": every, "retain": np.setdiff1d(every, forget), "forget": forget}
    splits = {
        name: _split(train, arrays.x_train, arrays.y_train, rows, index=rows)
        for name, rows in places.items()
    }
    for name, rows in _test_rows(arrays.y_test, forget_class).items():
        index = np.arange(len(rows))
        splits[name] = _split(test, arrays.x_test, arrays.y_test, rows, index=index)
    return splits


def duplicates(arrays: Arrays) -> int:
    """Return how many test inputs occur in the training data, byte for byte."""
    known = {_row_hash(row) for row in arrays.x_train}
    return sum(_row_hash(row) in known for row in arrays.x_test)


def _test_rows(labels: np.ndarray, forget_class: int | None) -> Mapping[str, np.ndarray]:
    every = {"test": np.arange(len(labels))}
    inside = np.flatnonzero(labels == forget_class)
    outside = np.flatnonzero(labels != forget_class)
    if forget_class is None or len(inside) == 0 or len(outside) == 0:
        return every
    return {**every, "test-forget": inside, "test-retain": outside}


def _split(
    examples: Examples, inputs: np.ndarray, labels: np.ndarray, rows: np.ndarray, index: np.ndarray
) -> Split:
    fingerprint = _fingerprint(inputs[rows], labels[rows])
    return Split(examples, torch.from_numpy(rows), torch.from_numpy(index), fingerprint)


def _fingerprint(inputs: np.ndarray, labels: np.ndarray) -> str:
    state = hashlib.sha256(f"{inputs.dtype.str}|{inputs.shape}|{labels.dtype.str}|".encode())
    state.update(np.ascontiguousarray(inputs).data)
    state.update(np.ascontiguousarray(labels).data)
    return state.hexdigest()


def _inputs(raw: np.ndarray, top: float | None) -> Tensor:
    """Return float32 inputs, integers moved to [-1, 1], images with their channels first."""
    images = torch.from_numpy(np.array(raw, dtype=np.float32))
    if top is not None:
        images.mul_(2 / top).sub_(1)
    if images.ndim == 3:
        return images.unsqueeze(1)
    return images.permute(0, 3, 1, 2).contiguous() if images.ndim == 4 else images


def _row_hash(row: np.ndarray) -> bytes:
    return hashlib.blake2b(row.tobytes(), digest_size=16).digest()
