"""Task arithmetic: subtract what learning the forget set adds."""

from __future__ import annotations

from typing import Any

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Recipe
from seedwise.contracts.tokens import TokenProblem
from seedwise.methods.draws import without_orders
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("task-vector", requires={"gradients", "modules", "tokens"}, deterministic=without_orders)
def task_vector(
    original: Any,
    problem: TokenProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    alpha: PositiveFloat = 1.0,
    epochs: PositiveInt = 10,
    lr: PositiveFloat = 1e-5,
    batch_size: PositiveInt | None = 32,
    weight_decay: NonNegativeFloat = 0.0,
    accumulate: PositiveInt = 1,
) -> Any:
    """Return theta0 - alpha (theta_F - theta0), theta_F being finetuned on the forget set.

    Ilharco et al., "Editing Models with Task Arithmetic" (ICLR 2023), with the original as the
    start of the finetuning, as MUSE (Shi et al., 2024) does.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws the order of examples unless `batch_size` is None.
        ctx: Device and progress.
        alpha: How far to go back.
        epochs: Passes over the forget set.
        lr: Learning rate of AdamW.
        batch_size: Examples a step; None takes all at once.
        weight_decay: Decoupled weight decay.
        accumulate: Batches whose mean loss is one step's, for a model that leaves little memory.

    Raises:
        DataError: If the model has adapters: the difference of two is no vector of their factors.
    """

    def objective(model: Any, forget: Batch) -> Any:
        return problem.losses(model, forget).mean()

    recipe = Recipe(
        epochs, lr, batch_size, "adamw", weight_decay=weight_decay, accumulate=accumulate
    )
    tuned = problem.fit(problem.copy(original), objective, ["forget"], recipe, seeds, ctx)
    return problem.along(original, tuned, -alpha)
