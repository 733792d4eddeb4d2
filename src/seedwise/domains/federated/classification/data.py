"""A vision data set, distributed over clients: its splits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from seedwise.domains.federated.selectors import rows_of
from seedwise.domains.vision.datasets import Arrays
from seedwise.domains.vision.splits import Split, make_splits


def client_splits(
    arrays: Arrays, parts: Sequence[np.ndarray], forgotten: Sequence[int]
) -> dict[str, Split]:
    """Return `train`, `retain`, `forget`, `test` and `client-0`, `client-1`, ...

    The fingerprints of the first three tell who holds which example.

    Args:
        arrays: The data set.
        parts: The rows of each client, ascending.
        forgotten: The clients to forget.
    """
    splits = make_splits(arrays, rows_of(list(parts), list(forgotten)), None)
    owner = np.empty(len(arrays.y_train), dtype=np.int64)
    for client, rows in enumerate(parts):
        owner[rows] = client
    for name in ("train", "retain", "forget"):
        held = owner[splits[name].rows.numpy()]
        splits[name] = replace(splits[name], fingerprint=_held(splits[name], held, len(parts)))
    for client, rows in enumerate(parts):
        own = torch.from_numpy(rows)
        splits[f"client-{client}"] = Split(splits["train"].examples, own, own, fingerprint="")
    return splits


def _held(split: Split, owner: np.ndarray, clients: int) -> str:
    """Return a fingerprint of content, order, and who holds what."""
    state = hashlib.sha256(f"{split.fingerprint}|{clients}|".encode())
    state.update(owner.tobytes())
    return state.hexdigest()
