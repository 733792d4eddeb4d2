"""Gradient ascent on the forget set."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Problem, Recipe
from seedwise.methods.draws import without_orders
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("gradient-ascent", requires={"gradients"}, deterministic=without_orders)
def gradient_ascent(
    original: Any,
    problem: Problem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    epochs: PositiveInt = 5,
    lr: PositiveFloat = 1e-4,
    batch_size: PositiveInt | None = None,
    optimizer: Literal["sgd", "adam", "adamw"] = "sgd",
    momentum: NonNegativeFloat = 0.9,
    weight_decay: NonNegativeFloat = 0.0,
    accumulate: PositiveInt = 1,
) -> Any:
    """Maximise the mean loss on the forget set.

    Thudi et al., "Unrolling SGD" (EuroS&P 2022), Graves et al., "Amnesiac Machine Learning" (AAAI
    2021); epochs and learning rate of Jia et al. (NeurIPS 2023), whose code takes shuffled
    batches of 256 and a weight decay of 5e-4. Here the whole forget set is one step by default:
    no order is drawn and the method is deterministic.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws the order of examples unless `batch_size` is None.
        ctx: Device and progress.
        epochs: Passes over the forget set.
        lr: Learning rate.
        batch_size: Examples a step; None takes all at once.
        optimizer: Kind of descent.
        momentum: Momentum of `sgd`.
        weight_decay: L2 penalty.
        accumulate: Batches whose mean loss is one step's, for a model that leaves little memory.
    """

    def objective(model: Any, forget: Batch) -> Any:
        return problem.losses(model, forget).mean() * -1.0

    recipe = Recipe(
        epochs, lr, batch_size, optimizer, momentum, weight_decay, accumulate=accumulate
    )
    return problem.fit(problem.copy(original), objective, ["forget"], recipe, seeds, ctx)
