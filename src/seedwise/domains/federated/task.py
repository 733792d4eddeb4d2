"""The seam between federated averaging and what is learnt at the clients.

Averaging, participation, histories and unlearning methods see a `LocalTask` alone, so that
classification by gradient descent and learning to rank from clicks run through the same rounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from torch import Tensor, nn

from seedwise.contracts.rounds import Parameters, Work
from seedwise.seeds import SeedStreams

__all__ = ["Job", "Local", "LocalTask", "Parameters", "Work"]


class Job(NamedTuple):
    """The local training of one client in one round: a row of a call.

    `client` and `round` count from 0. Every draw of a job comes from
    `streams.generator(purpose, client, round, ...)`, so that it depends on no other row.
    """

    client: int
    round: int
    streams: SeedStreams


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
        neighbours change no bit (a task says where it promises less). `starts` is left alone.

        Args:
            starts: Where each job starts, float32, (rows, *shape), on the device to work on.
            jobs: Client, round and streams of each row; they may be of different seeds.
            work: How they train.
        """
        ...
