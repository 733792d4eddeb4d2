"""Which clients take part in a round, and with what share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seedwise.seeds import SeedStreams


def cohort_size(participation: float, clients: int) -> int:
    """Return how many clients a round asks: a share of all there are, at least one.

    Example:
        >>> cohort_size(0.25, 10)
        2
    """
    return max(1, round(participation * clients))


def cohort(
    streams: SeedStreams, turn: int, available: Sequence[int], size: int, total: int
) -> list[int]:
    """Return the clients of a round, ascending.

    Each of all clients draws a number from the stream `participation` of the round; those
    available with the smallest ones take part. So a client that is left out changes nothing in
    the rounds it had no part in.

    Args:
        streams: Streams of the run.
        turn: The round.
        available: Clients that may take part.
        size: How many do; all where fewer are available.
        total: Number of clients, available or not.
    """
    if size >= len(available):
        return sorted(available)
    drawn = streams.generator("participation", turn).random(total)
    return sorted(sorted(available, key=lambda client: drawn[client])[:size])


def shares(weights: np.ndarray, clients: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return the clients' weights, normalised to a sum of 1, (K,) float64."""
    chosen = weights[np.asarray(clients)]
    return chosen / chosen.sum()
