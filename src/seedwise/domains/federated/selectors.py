"""Which clients are to be forgotten, without torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from seedwise.contracts import ForgetSet
from seedwise.errors import ForgetError, did_you_mean
from seedwise.seeds import SeedStreams

SELECTORS: Mapping[str, str] = {
    "clients": "the clients with these numbers, counted from 0: one, or a list of them",
    "random": "a share (between 0 and 1) or a number of clients, drawn at random",
}


def forgotten_clients(forget: ForgetSet, clients: int, streams: SeedStreams) -> list[int]:
    """Return the numbers of the clients to forget, ascending.

    Args:
        forget: Selector, value and seed; only `random` draws.
        clients: How many there are.
        streams: Streams of scope `forget` and the partition: the draw depends on nothing else.

    Raises:
        ForgetError: If there is no such client, or none would be left.
    """
    if forget.selector == "clients":
        chosen = _numbers(forget.value, clients)
        count = len(chosen)
    elif forget.selector == "random":
        count = _count(forget.value, clients)
        chosen = streams.generator("draw", forget.seed).permutation(clients)[:count].tolist()
    else:
        raise ForgetError(
            f"unknown forget set '{forget.selector}'; {did_you_mean(forget.selector, SELECTORS)}"
        )
    if not 0 < count < clients:
        raise ForgetError(
            f"{forget.selector}: {forget.value} asks {count} of {clients} clients to "
            f"be forgotten; 1 to {clients - 1} are possible"
        )
    return sorted(chosen)


def _numbers(value: Any, clients: int) -> list[int]:
    given = list(value) if isinstance(value, list | tuple) else [value]
    if len(given) > clients:
        raise ForgetError(
            f"{len(given)} clients are to be forgotten but there are {clients}; "
            f"1 to {clients - 1} are possible"
        )
    for one in given:
        if isinstance(one, bool) or not isinstance(one, int) or not 0 <= one < clients:
            raise ForgetError(f"no client {one!r}; they are numbered 0 to {clients - 1}")
    if len(set(given)) < len(given):
        raise ForgetError(f"clients: {given} names a client twice; name each once")
    return given


def _count(value: Any, clients: int) -> int:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and isinstance(value, float) and 0 < value < 1:
        return max(1, round(value * clients))
    if number and not isinstance(value, float) and value >= 1:
        return value
    raise ForgetError(
        f"random: {value!r} is neither a share strictly between 0 and 1 nor a whole number "
        f"of clients from 1 to {clients - 1}"
    )


def rows_of(parts: list[np.ndarray], clients: list[int]) -> np.ndarray:
    """Return the examples of some clients, ascending.

    Example:
        >>> rows_of([np.array([0, 3]), np.array([1]), np.array([2])], [0, 2]).tolist()
        [0, 2, 3]
    """
    return np.sort(np.concatenate([parts[client] for client in clients]))
