"""Federated averaging: McMahan et al. (AISTATS 2017), with the proximal term of Li et al. (2020).

Several seeds advance side by side: models are (seeds, *shape), what clients return is
(seeds, clients, *shape). Every sum over clients is taken in the order of their numbers, one
elementwise addition a client, so that neither neighbours nor threads change a bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from seedwise.contracts import Context
from seedwise.domains.federated.cohorts import cohort, shares
from seedwise.domains.federated.task import Job, LocalTask, Parameters, Work
from seedwise.seeds import SeedStreams


@dataclass(frozen=True)
class Plan:
    """What every round is like.

    Args:
        rounds: How many.
        cohort: Clients a round.
        work: How each of them trains.
    """

    rounds: int
    cohort: int
    work: Work


class Round(NamedTuple):
    """A finished round, for those who watch.

    Attributes:
        turn: Its number, from 0.
        cohorts: The clients of each seed, ascending, (seeds, K).
        start: The models before it, (seeds, *shape).
        rows: What the clients returned, (seeds, K, *shape).
        updates: By how much each of them moved, all parameters in a row, (seeds, K, P).
    """

    turn: int
    cohorts: np.ndarray
    start: dict[str, Tensor]
    rows: dict[str, Tensor]
    updates: Tensor


def run_rounds(
    task: LocalTask,
    start: Parameters,
    clients: Sequence[int],
    plan: Plan,
    streams: Sequence[SeedStreams],
    ctx: Context,
    watch: Callable[[Round], None] = lambda done: None,
) -> dict[str, Tensor]:
    """Return the models after all rounds, (seeds, *shape).

    Counts `communication` (bytes, both ways), `rounds` and what the task observes.

    Args:
        task: What clients learn.
        start: The models before round 0, (seeds, *shape).
        clients: Those that may take part.
        plan: What every round is like.
        streams: One per seed; draws are by client and round.
        ctx: Progress and counts.
        watch: Told of every round.
    """
    current = {name: value.detach() for name, value in start.items()}
    for turn in range(plan.rounds):
        cohorts = np.array(
            [cohort(one, turn, clients, plan.cohort, len(task.weights)) for one in streams]
        )
        rows = _asked(task, current, cohorts, turn, streams, ctx, plan.work)
        updates = _updates(current, rows)
        watch(Round(turn, cohorts, current, rows, updates))
        weights = np.stack([shares(task.weights, chosen) for chosen in cohorts])
        moved = _like(current, _weighted_sum(updates, weights))
        current = {name: value + moved[name] for name, value in current.items()}
        ctx.tick((turn + 1) / plan.rounds)
    return current


def train_jobs(
    task: LocalTask, starts: Parameters, jobs: Sequence[Job], work: Work, ctx: Context
) -> dict[str, Tensor]:
    """Let clients train, each from its own start, and count what they saw; (rows, *shape)."""
    done = task.local(starts, jobs, work)
    for name, values in done.observed.items():
        count(ctx, name, float(values.double().mean()))
    return dict(done.parameters)


def _asked(
    task: LocalTask,
    current: Parameters,
    cohorts: np.ndarray,
    turn: int,
    streams: Sequence[SeedStreams],
    ctx: Context,
    work: Work,
) -> dict[str, Tensor]:
    """Let every seed's cohort train from the seed's model; returns (seeds, K, *shape)."""
    seeds, size = cohorts.shape
    starts = {name: value.repeat_interleave(size, dim=0) for name, value in current.items()}
    jobs = [
        Job(int(client), turn, one)
        for one, chosen in zip(streams, cohorts, strict=True)
        for client in chosen
    ]
    rows = train_jobs(task, starts, jobs, work, ctx)
    count_round(current, size, ctx)
    return {name: value.reshape(seeds, size, *value.shape[1:]) for name, value in rows.items()}


def mean_update(start: Parameters, rows: Parameters, weights: np.ndarray) -> dict[str, Tensor]:
    """Return sum_k a_k (row_k - start), one client after the other.

    Args:
        start: (seeds, *shape).
        rows: (seeds, K, *shape).
        weights: a, (seeds, K).
    """
    return _like(start, _weighted_sum(_updates(start, rows), weights))


def _updates(start: Parameters, rows: Parameters) -> Tensor:
    """Return row_k - start with all parameters in one vector, (seeds, K, P)."""
    before = torch.cat([value.flatten(1) for value in start.values()], dim=1)
    after = torch.cat([rows[name].flatten(2) for name in start], dim=2)
    return after - before[:, None]


def _weighted_sum(updates: Tensor, weights: np.ndarray) -> Tensor:
    """Return sum_k a_k update_k, (seeds, P), one client after the other."""
    factors = torch.as_tensor(weights, dtype=updates.dtype, device=updates.device)
    total = torch.zeros_like(updates[:, 0])
    for share in (updates * factors[:, :, None]).unbind(1):
        total += share
    return total


def _like(start: Parameters, flat: Tensor) -> dict[str, Tensor]:
    """Return vectors (seeds, P) as parameters (seeds, *shape)."""
    parts = flat.split([value[0].numel() for value in start.values()], dim=1)
    named = zip(start.items(), parts, strict=True)
    return {name: part.reshape(value.shape) for (name, value), part in named}


def count_round(parameters: Parameters, clients: int, ctx: Context) -> None:
    """Count one round: every client receives and sends one vector of model size."""
    model = sum(value[0].numel() * value.element_size() for value in parameters.values())
    count(ctx, "communication", 2.0 * clients * model)
    count(ctx, "rounds", 1.0)


def count(ctx: Context, name: str, amount: float) -> None:
    """Add to a number that is recorded beside the model."""
    ctx.clock.counts[name] = ctx.clock.counts.get(name, 0.0) + amount
