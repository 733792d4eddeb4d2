"""How training examples are distributed over clients, without torch."""

from __future__ import annotations

import numpy as np

from seedwise.errors import DataError
from seedwise.seeds import SeedStreams


def iid(streams: SeedStreams, size: int, clients: int) -> list[np.ndarray]:
    """Return the examples of each client: a random split into parts that differ by one at most.

    Args:
        streams: Streams of the partition; `clients` draws the order.
        size: Number of examples.
        clients: Number of clients.

    Raises:
        DataError: If there are fewer examples than clients.

    Example:
        >>> [len(rows) for rows in iid(SeedStreams("data"), 10, 3)]
        [4, 3, 3]
    """
    order = streams.generator("clients").permutation(size)
    parts = [np.sort(rows) for rows in np.array_split(order, clients)]
    return _checked(parts, streams, f"use fewer clients, {size} at most")


def label_dirichlet(
    streams: SeedStreams, labels: np.ndarray, clients: int, alpha: float
) -> list[np.ndarray]:
    """Return the examples of each client: every class is shared out by a Dirichlet draw.

    Hsu et al., "Measuring the Effects of Non-Identical Data Distribution" (2019), in the common
    form: for each class p ~ Dirichlet(alpha, ..., alpha) over the clients, and its shuffled
    examples are cut at the cumulated shares. Circulating code draws again until every client has
    ten examples, which is another distribution; here a client without any is an error.

    Args:
        streams: Streams of the partition; `clients` draws, one counter a class.
        labels: Labels of the training data, (n,).
        clients: Number of clients.
        alpha: Concentration: small values give clients few classes each.

    Raises:
        DataError: If a client has no examples.
    """
    parts: list[list[np.ndarray]] = [[] for _ in range(clients)]
    for label in np.unique(labels):
        draw = streams.generator("clients", int(label))
        rows = draw.permutation(np.flatnonzero(labels == label))
        cuts = np.cumsum(draw.dirichlet(np.full(clients, alpha)))[:-1]
        for part, share in zip(parts, np.split(rows, _places(cuts, len(rows))), strict=True):
            part.append(share)
    sorted_parts = [np.sort(np.concatenate(part)) for part in parts]
    remedy = "use fewer clients, a larger alpha or another partition seed"
    return _checked(sorted_parts, streams, remedy)


def by_query(streams: SeedStreams, queries: int, clients: int) -> list[np.ndarray]:
    """Return the queries of each client: a random split, evenly; documents follow their query.

    Args:
        streams: Streams of the partition; `clients` draws the order.
        queries: Number of queries.
        clients: Number of clients.

    Raises:
        DataError: If there are fewer queries than clients.
    """
    return iid(streams, queries, clients)


def listed(clients: list[int]) -> str:
    """Return numbers for a message: the first five, and how many more.

    Example:
        >>> listed([3, 4]), listed(list(range(9)))
        ('3, 4', '0, 1, 2, 3, 4 and 4 more')
    """
    more = f" and {len(clients) - 5} more" if len(clients) > 5 else ""
    return ", ".join(map(str, clients[:5])) + more


def _places(cuts: np.ndarray, size: int) -> np.ndarray:
    return np.clip((cuts * size).astype(np.int64), 0, size)


def _checked(parts: list[np.ndarray], streams: SeedStreams, remedy: str) -> list[np.ndarray]:
    empty = [client for client, rows in enumerate(parts) if len(rows) == 0]
    if empty:
        raise DataError(
            f"client {listed(empty)} of {len(parts)} has no training data under partition seed "
            f"{streams.partition}: {remedy}"
        )
    return parts
