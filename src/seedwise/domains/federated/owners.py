"""The output column that says which client holds each example."""

from __future__ import annotations

from typing import Any

import numpy as np

OWNER = "client"
"""Its name: a client's number, -1 where an example is nobody's."""


def owners(problem: Any, split: str) -> np.ndarray:
    """Return who holds each example of a split, float32, (n,).

    Args:
        problem: A federated problem with all its splits.
        split: Name of the split.
    """
    index = problem.index(split)
    found = np.full(len(index), -1.0, dtype=np.float32)
    if split in ("train", "retain", "forget"):
        for client in problem.clients:
            found[np.isin(index, problem.index(problem.client_split(client)))] = client
    return found
