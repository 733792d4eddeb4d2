"""What all federated problems share: training in rounds, and what methods may ask of clients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from seedwise.contracts import Context, Failed, Objective, Recipe, Trained
from seedwise.domains import weights
from seedwise.domains.federated.cohorts import cohort_size, shares
from seedwise.domains.federated.history import Recorder
from seedwise.domains.federated.rounds import (
    Plan,
    count_round,
    mean_update,
    run_rounds,
    train_jobs,
)
from seedwise.domains.federated.task import Job, LocalTask, Parameters, Work
from seedwise.domains.modules import ModuleProblem
from seedwise.errors import NonFiniteError, SeedwiseError
from seedwise.seeds import SeedStreams


@dataclass(frozen=True)
class Rounds:
    """How originals and references are trained.

    Args:
        rounds: Number of rounds.
        participation: Share of all clients that takes part in a round.
        work: How a client trains.
        side_by_side: Seeds that advance together when several are asked for; where more than one
            does, the task works on all of their clients at once.
    """

    rounds: int
    participation: float
    work: Work
    side_by_side: int


class FederatedProblem(ModuleProblem):
    """Implements `seedwise.contracts.rounds.RoundProblem`.

    Args:
        splits: The data by name, as `ModuleProblem` wants them; the examples of client k are the
            split `client-k`.
        notes: Sentences about the data.
        task: What clients learn.
        forgotten: The clients to forget.
        rounds: How models are trained.
    """

    def __init__(
        self,
        splits: Mapping[str, Any],
        notes: Sequence[str],
        task: LocalTask,
        forgotten: Sequence[int],
        rounds: Rounds,
    ) -> None:
        local = Recipe(epochs=rounds.work.amount, lr=rounds.work.lr)
        super().__init__(splits, notes, task.blank, task.initialise, local)
        self.fingerprints: Mapping[str, str] = {
            name: value
            for name, value in self.fingerprints.items()
            if not name.startswith("client-")
        }
        self._task, self._rounds = task, rounds
        self.weights = task.weights
        self.clients = tuple(range(len(task.weights)))
        self.forgotten = tuple(sorted(forgotten))
        self.retained = tuple(client for client in self.clients if client not in self.forgotten)
        self.rounds, self.work = rounds.rounds, rounds.work

    # --- training -------------------------------------------------------------------------------

    def train(
        self, on: str, seeds: Sequence[SeedStreams], ctx: Context, capture: Sequence[str] = ()
    ) -> Iterator[Trained[Any] | Failed]:
        """Train by federated averaging over all clients (`train`) or the retained ones (`retain`).

        `history:norms` is always among the extras.
        """
        clients = {"train": self.clients, "retain": self.retained}.get(on)
        if clients is None:
            raise SeedwiseError(f"clients train on 'train' or 'retain', not on '{on}'")
        size = self._rounds.side_by_side
        for first in range(0, len(seeds), size):
            yield from self._side_by_side(clients, seeds[first : first + size], ctx, capture)

    def _side_by_side(
        self,
        clients: Sequence[int],
        seeds: Sequence[SeedStreams],
        ctx: Context,
        capture: Sequence[str],
    ) -> Iterator[Trained[Any] | Failed]:
        nets = [self.fresh(streams.generator("init")).to(ctx.device) for streams in seeds]
        starts = [self.digest(net) for net in nets]
        recorder = Recorder(len(seeds), len(self.clients), self.rounds, capture)
        plan = self._plan(self.rounds, self.work)
        done = run_rounds(self._task, _stacked(nets), clients, plan, seeds, ctx, recorder)
        for number, (net, start) in enumerate(zip(nets, starts, strict=True)):
            _fill(net, {name: value[number] for name, value in done.items()})
            try:
                weights.check_finite(net)
            except NonFiniteError as error:
                yield Failed(error)
            else:
                yield Trained(net, start, recorder.extras(number))

    def fit(
        self,
        model: Any,
        objective: Objective,
        on: Sequence[str],
        recipe: Recipe,
        seeds: SeedStreams,
        ctx: Context,
    ) -> Any:
        """Refuse: the data are at the clients.

        Raises:
            SeedwiseError: Always.
        """
        raise SeedwiseError(
            "a federated problem has no 'fit', as no data are at the server; methods train at the "
            "clients by 'federate' or 'local'"
        )

    # --- what methods ask for -------------------------------------------------------------------

    def federate(
        self,
        model: Any,
        clients: Sequence[int],
        rounds: int,
        seeds: SeedStreams,
        ctx: Context,
        work: Work | None = None,
    ) -> Any:
        """Go on with federated averaging in place; see `RoundProblem.federate`."""
        model.to(ctx.device)
        plan = self._plan(rounds, work or self.work)
        done = run_rounds(self._task, _stacked([model]), clients, plan, [seeds], ctx)
        return _fill(model, {name: value[0] for name, value in done.items()})

    def local(
        self,
        starts: Parameters,
        clients: Sequence[int],
        turn: int,
        seeds: SeedStreams,
        ctx: Context,
        work: Work | None = None,
    ) -> Parameters:
        """Let clients train, row i at `clients[i]`; see `RoundProblem.local`."""
        jobs = [Job(int(client), turn, seeds) for client in clients]
        rows = train_jobs(self._task, starts, jobs, work or self.work, ctx)
        count_round(starts, len(jobs), ctx)
        return rows

    def mean_update(
        self, start: Parameters, rows: Parameters, clients: Sequence[int] | np.ndarray
    ) -> dict[str, Tensor]:
        """Return the weighted mean of clients' updates; see `RoundProblem.mean_update`."""
        if len(clients) == 0:
            return {name: torch.zeros_like(value) for name, value in start.items()}
        before, after = (
            {name: value.unsqueeze(0) for name, value in one.items()} for one in (start, rows)
        )
        found = mean_update(before, after, shares(self.weights, clients)[None])
        return {name: value[0] for name, value in found.items()}

    def exchanged(self, clients: int, ctx: Context) -> None:
        """Count one round of exchange with so many clients."""
        count_round(_stacked([self._blank()]), clients, ctx)

    def client_split(self, client: int) -> str:
        """Return the name of the split with one client's examples."""
        return f"client-{client}"

    def view(self, splits: Sequence[str]) -> Self:
        """Return the same problem with these splits only; clients come with `train`."""
        seen = super().view(splits)
        if "train" in splits:
            own = [self.client_split(client) for client in self.clients]
            seen._splits = {**seen._splits, **{name: self._split(name) for name in own}}
        return seen

    def _plan(self, rounds: int, work: Work) -> Plan:
        size = cohort_size(self._rounds.participation, len(self.clients))
        return Plan(rounds, size, work)


def _stacked(nets: Sequence[nn.Module]) -> dict[str, Tensor]:
    """Return the parameters of several nets, (nets, *shape) by name."""
    named = [dict(net.named_parameters()) for net in nets]
    return {name: torch.stack([one[name].detach() for one in named]) for name in named[0]}


@torch.no_grad()
def _fill(net: nn.Module, values: Parameters) -> nn.Module:
    for name, parameter in net.named_parameters():
        parameter.copy_(values[name])
    return net.eval()
