"""Accuracy client by client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seedwise.contracts import Context, Subject
from seedwise.registry import metric
from seedwise.seeds import SeedStreams

SPLITS = ("forget", "retain")
"""The splits whose examples belong to clients."""


@metric("client-accuracy", bounds=(0.0, 1.0), needs=("correct", "client"), unit="share")
def client_accuracy(
    subjects: Sequence[Subject], against: Sequence[Subject], seeds: SeedStreams, ctx: Context
) -> Mapping[str, float]:
    """Return the mean over clients of each client's accuracy, and the lowest one.

    Unlike `accuracy`, which is a mean over examples, clients count equally, however many examples
    they hold.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.

    Returns:
        `client-accuracy/forget` and `/retain`, and `/forget-worst` and `/retain-worst`.
    """
    found = {}
    for split in SPLITS:
        outputs = subjects[0].outputs(split)
        each = by_client(outputs["correct"], outputs["client"])
        found[f"client-accuracy/{split}"] = float(each.mean())
        found[f"client-accuracy/{split}-worst"] = float(each.min())
    return found


def by_client(values: np.ndarray, client: np.ndarray) -> np.ndarray:
    """Return the mean of each client's values, in the order of client numbers.

    Args:
        values: (n,).
        client: Number of the client that holds each, (n,).

    Example:
        >>> import numpy as np
        >>> by_client(np.array([1.0, 0.0, 1.0]), np.array([4, 4, 0])).tolist()
        [1.0, 0.5]
    """
    _, places = np.unique(client, return_inverse=True)
    return np.bincount(places, weights=values.astype(float)) / np.bincount(places)
