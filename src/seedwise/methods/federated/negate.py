"""NoT: negate the first layer, then repair."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import NonNegativeInt, PositiveFloat

from seedwise.contracts import Context, Extras
from seedwise.contracts.rounds import RoundProblem
from seedwise.errors import SeedwiseError
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("not", requires={"rounds", "modules"}, deterministic=lambda given: given["rounds"] == 0)
def negate(
    original: Any,
    problem: RoundProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    rounds: NonNegativeInt = 10,
    lr: PositiveFloat | None = None,
) -> Any:
    """Negate the weights of the first layer, then go on with federated averaging over the rest.

    Khalil et al., "NoT: Federated Unlearning via Weight Negation" (CVPR 2025). Biases stay. Needs
    no history and nothing of the forgotten clients.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws cohorts and what clients draw.
        ctx: Device, progress and counts.
        rounds: Rounds of repair; 0 leaves the negated model, without a draw.
        lr: Learning rate of the clients; the training's if None.

    Raises:
        SeedwiseError: If the model has no weight matrix.
    """
    model = problem.copy(original)
    first = next((value for value in model.parameters() if value.ndim > 1), None)
    if first is None:
        raise SeedwiseError("'not' negates the first layer's weights, but the model has none")
    first.data.neg_()
    work = problem.work if lr is None else replace(problem.work, lr=lr)
    return problem.federate(model, problem.retained, rounds, seeds, ctx, work)
