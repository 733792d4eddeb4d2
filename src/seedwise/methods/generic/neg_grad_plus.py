"""NegGrad+: descend on the retain set and ascend on the forget set at once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Problem, Recipe
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("neg-grad-plus", requires={"gradients"})
def neg_grad_plus(
    original: Any,
    problem: Problem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    alpha: Annotated[float, Field(ge=0, le=1)] = 0.95,
    epochs: PositiveInt = 10,
    lr: PositiveFloat = 0.01,
    batch_size: PositiveInt | None = 64,
    optimizer: Literal["sgd", "adam", "adamw"] = "sgd",
    momentum: NonNegativeFloat = 0.9,
    weight_decay: NonNegativeFloat = 5e-4,
    accumulate: PositiveInt = 1,
) -> Any:
    """Minimise alpha loss(retain) - (1 - alpha) loss(forget), means over examples.

    Kurmanji et al., "Towards Unbounded Machine Unlearning" (NeurIPS 2023). An epoch is one pass
    over the retain set with forget batches cycled beside it. Their code repeats the same forget
    batches in the same order within an epoch; here every pass over the forget set has an order
    of its own.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws the orders of examples unless `batch_size` is None.
        ctx: Device and progress.
        alpha: Weight of the retain set.
        epochs: Passes over the retain set.
        lr: Learning rate.
        batch_size: Examples a step from each of the two sets; None takes all at once.
        optimizer: Kind of descent.
        momentum: Momentum of `sgd`.
        weight_decay: L2 penalty.
        accumulate: Batches whose mean loss is one step's, for a model that leaves little memory.
    """

    def objective(model: Any, retain: Batch, forget: Batch) -> Any:
        kept = problem.losses(model, retain).mean()
        gone = problem.losses(model, forget).mean()
        return kept * alpha - gone * (1.0 - alpha)

    recipe = Recipe(
        epochs, lr, batch_size, optimizer, momentum, weight_decay, accumulate=accumulate
    )
    return problem.fit(problem.copy(original), objective, ["retain", "forget"], recipe, seeds, ctx)
