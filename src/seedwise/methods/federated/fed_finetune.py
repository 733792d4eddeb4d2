"""Going on with federated averaging without the forgotten clients."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import PositiveFloat, PositiveInt

from seedwise.contracts import Context, Extras
from seedwise.contracts.rounds import RoundProblem
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("fed-finetune", requires={"rounds"})
def fed_finetune(
    original: Any,
    problem: RoundProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    rounds: PositiveInt = 10,
    lr: PositiveFloat | None = None,
) -> Any:
    """Continue federated averaging over the retained clients, starting from the original.

    The baseline of most papers. A client does as much in a round as in training.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws cohorts and what clients draw.
        ctx: Device, progress and counts.
        rounds: Rounds.
        lr: Learning rate of the clients; the training's if None.
    """
    work = problem.work if lr is None else replace(problem.work, lr=lr)
    return problem.federate(problem.copy(original), problem.retained, rounds, seeds, ctx, work)
