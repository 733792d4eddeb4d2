"""Fine-tuning: go on training without the forget set."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Problem, Recipe
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("finetune", requires={"gradients"})
def finetune(
    original: Any,
    problem: Problem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    epochs: PositiveInt = 10,
    lr: PositiveFloat = 0.01,
    batch_size: PositiveInt | None = 64,
    optimizer: Literal["sgd", "adam", "adamw"] = "sgd",
    momentum: NonNegativeFloat = 0.9,
    weight_decay: NonNegativeFloat = 5e-4,
    accumulate: PositiveInt = 1,
) -> Any:
    """Minimise the loss on the retain set, starting from the original.

    A baseline of most papers; epochs, learning rate, momentum and weight decay as Jia et al.,
    "Model Sparsity Can Simplify Machine Unlearning" (NeurIPS 2023) use them. Their code augments
    images and takes batches of 256.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws the order of examples.
        ctx: Device and progress.
        epochs: Passes over the retain set.
        lr: Learning rate.
        batch_size: Examples a step; None takes all at once.
        optimizer: Kind of descent.
        momentum: Momentum of `sgd`.
        weight_decay: L2 penalty.
        accumulate: Batches whose mean loss is one step's, for a model that leaves little memory.
    """

    def objective(model: Any, retain: Batch) -> Any:
        return problem.losses(model, retain).mean()

    recipe = Recipe(
        epochs, lr, batch_size, optimizer, momentum, weight_decay, accumulate=accumulate
    )
    return problem.fit(problem.copy(original), objective, ["retain"], recipe, seeds, ctx)
