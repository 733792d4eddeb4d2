"""What problems and methods of the capability `rounds` promise each other, besides `contracts`.

A model is trained in rounds: the server sends it to some clients, each trains its copy on data of
its own, the server averages what comes back. w_t is the model before round t, w_k^t what client k
returns in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

from seedwise.contracts.domain import Extras, Problem
from seedwise.contracts.running import Context
from seedwise.errors import SeedwiseError
from seedwise.seeds import SeedStreams

M = TypeVar("M")

Parameters = Mapping[str, Any]
"""Parameters by name: torch tensors of one net, or of several with rows first, (rows, *shape)."""

NORMS = "history:norms"
"""Norms of the updates |w_k^t - w_t|: array `norms` (rounds, clients), NaN where k was not asked.

Every training run keeps this level, asked for or not.
"""
FIRST_ROUND = "history:first-round"
"""Models returned in round 0: `clients` (K,) ascending, and (K, *shape) for each parameter."""
LAST_ROUND = "history:last-round"
"""The last round: `clients` (K,), `start/<name>` = w_{T-1} and `local/<name>` (K, *shape)."""
FULL = "history:full"
"""Every round: `clients` (T, K), `start/<name>` (T, *shape), `local/<name>` (T, K, *shape)."""
LEVELS = (NORMS, FIRST_ROUND, LAST_ROUND, FULL)
"""What training can keep of its history."""


@dataclass(frozen=True)
class Work:
    """How a client trains: what a method may ask to be different from training.

    Args:
        amount: Passes over its examples (classification) or interactions (ranking).
        lr: Learning rate.
        proximal: FedProx's mu: mu (w - start) is added to every gradient.
        ascend: Climb instead of descending (the proximal term still pulls to the start).
        clip: Largest norm of a client's gradient over all parameters; a longer one is shortened.
        after_step: Maps the parameters after every step, e.g. a projection; row by row.
    """

    amount: int
    lr: float
    proximal: float = 0.0
    ascend: bool = False
    clip: float | None = None
    after_step: Callable[[Parameters], Parameters] | None = None


class RoundProblem(Problem[M], Protocol[M]):
    """What a problem of a domain with the capability `rounds` has besides.

    Clients are numbered from 0. With the capability `client-gradients`, every client's examples
    are a split of their own, `client_split(k)`, and `losses` are what it trains on; with `clicks`
    it learns from clicks of users instead, by pairwise preferences. `scores` give a row of logits
    per example: of classes, or of a query's documents. There is no `fit`, as no data are at the
    server.

    Attributes:
        clients: All clients, ascending.
        forgotten: Those to forget, ascending.
        retained: The others, ascending.
        weights: Each client's share in an average before normalising, (clients,) float64.
        rounds: Rounds of training.
        work: How clients train.
    """

    clients: Sequence[int]
    forgotten: Sequence[int]
    retained: Sequence[int]
    weights: np.ndarray
    rounds: int
    work: Work

    def federate(
        self,
        model: M,
        clients: Sequence[int],
        rounds: int,
        seeds: SeedStreams,
        ctx: Context,
        work: Work | None = None,
    ) -> M:
        """Go on with federated averaging over some clients, in place; cohorts as in training.

        Draws come from the streams of rounds 0 .. rounds - 1.
        """
        ...

    def local(
        self,
        starts: Parameters,
        clients: Sequence[int],
        turn: int,
        seeds: SeedStreams,
        ctx: Context,
        work: Work | None = None,
    ) -> Parameters:
        """Let clients train, row i of `starts` at `clients[i]`; returns their models, rows first.

        `turn` numbers the round for the streams.
        """
        ...

    def mean_update(
        self, start: Parameters, rows: Parameters, clients: Sequence[int] | np.ndarray
    ) -> dict[str, Any]:
        """Return sum_k a_k (row_k - start), a the clients' normalised weights; 0 without clients.

        Added to `start` it is a round of averaging, bit for bit. Summed in the order of
        `clients`, which is ascending.
        """
        ...

    def exchanged(self, clients: int, ctx: Context) -> None:
        """Count one round in which so many clients receive and send a vector of model size."""
        ...

    def client_split(self, client: int) -> str:
        """Return the name of the split with one client's examples."""
        ...


def history(extras: Extras, level: str, method: str) -> Mapping[str, np.ndarray]:
    """Return a level of a training run's history.

    Raises:
        SeedwiseError: If it was not kept; says which level to ask for.
    """
    if level not in extras:
        kept = ", ".join(sorted(extras)) or "nothing"
        raise SeedwiseError(
            f"'{method}' needs '{level}' of the training run, but {kept} was kept; train with "
            f"capture=('{level}',), or declare needs=('{level}',) where the method is written"
        )
    return extras[level]


def part(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """Return the arrays below a prefix, e.g. `local/`, without it.

    Example:
        >>> import numpy as np
        >>> list(part({"clients": np.arange(2), "local/weight": np.ones(2)}, "local/"))
        ['weight']
    """
    return {
        name.removeprefix(prefix): value
        for name, value in arrays.items()
        if name.startswith(prefix)
    }
