"""The seam between federated averaging and what is learnt at the clients.

Averaging, participation, histories and unlearning methods see a `LocalTask` alone, so that
classification by gradient descent and learning to rank from clicks run through the same rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from torch import Tensor, nn

from seedwise.seeds import SeedStreams

Parameters = Mapping[str, Tensor]
"""The parameters of several copies of one net by name, each (rows, *shape)."""


class Job(NamedTuple):
    """The local training of one client in one round: a row of a call.

    `client` and `round` count from 0. Every draw of a job comes from
    `streams.generator(purpose, client, round, ...)`, so that it depends on no other row.
    """

    client: int
    round: int
    streams: SeedStreams


@dataclass(frozen=True)
class Work:
    """How a client trains: what a method may ask to be different from training.

    Args:
        amount: Passes over its examples (classification) or interactions (ranking).
        lr: Learning rate.
        proximal: FedProx's mu: mu (w - start) is added to every gradient.
        ascend: Climb instead of descending (the proximal term still pulls to the start).
        after_step: Maps the parameters after every step, e.g. a projection; row by row.
    """

    amount: int
    lr: float
    proximal: float = 0.0
    ascend: bool = False
    after_step: Callable[[Parameters], Parameters] | None = None


@dataclass(frozen=True)
class Local:
    """What some jobs returned.

    Args:
        parameters: The clients' models, in the order of the jobs.
        observed: Numbers seen on the way, one a job, (rows,): the rounds add up their means over
            the jobs, and the sums are recorded beside the model (e.g. `online-ndcg`, discounted).
    """

    parameters: Parameters
    observed: Mapping[str, Tensor] = field(default_factory=dict)


class LocalTask(Protocol):
    """What is learnt, at the clients' side.

    The data are drawn and distributed already; `weights` has one positive number a client, its
    share in every average before normalising (examples for classification, 1 for ranking, where
    every client has the same number of interactions). The clients are 0 .. len(weights) - 1.
    """

    weights: np.ndarray

    def blank(self) -> nn.Module:
        """Return a net whose parameters are not set yet, without a draw; it has no buffers."""
        ...

    def initialise(self, model: nn.Module, generator: np.random.Generator) -> None:
        """Set every parameter, by draws from this generator alone."""
        ...

    def local(self, starts: Parameters, jobs: Sequence[Job], work: Work) -> Local:
        """Train some clients, each from its own start, all at once.

        Row i of the result is a function of row i of `starts` and of `jobs[i]`: order and
        neighbours change no bit. `starts` is left alone.

        Args:
            starts: Where each job starts, float32, on the device to work on.
            jobs: Client, round and streams of each row; they may be of different seeds.
            work: How they train.
        """
        ...

    def outputs(self, model: Any, split: str, columns: Sequence[str]) -> Mapping[str, np.ndarray]:
        """Return per-example numbers; see `seedwise.contracts.Problem.outputs`."""
        ...
