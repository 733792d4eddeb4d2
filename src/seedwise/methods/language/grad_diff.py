"""Gradient difference: forget by ascent, retain by descent."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Recipe
from seedwise.contracts.tokens import TokenProblem
from seedwise.methods.draws import without_orders
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("grad-diff", requires={"gradients", "tokens"}, deterministic=without_orders)
def grad_diff(
    original: Any,
    problem: TokenProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    gamma: NonNegativeFloat = 1.0,
    alpha: NonNegativeFloat = 1.0,
    retain: Literal["nll", "kl"] = "nll",
    epochs: PositiveInt = 10,
    lr: PositiveFloat = 1e-5,
    batch_size: PositiveInt | None = 32,
    weight_decay: NonNegativeFloat = 0.0,
    accumulate: PositiveInt = 1,
) -> Any:
    """Minimise -gamma NLL(forget) + alpha R(retain), means over answers.

    Liu et al., "Continual Learning and Private Unlearning" (CoLLAs 2022), as in TOFU (Maini et
    al., COLM 2024). Differs from the released code: the loss of an answer is the mean over its
    tokens, and the mean of a batch that over its answers; retain batches have an order of their
    own instead of a draw from the global generator.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws the orders of examples unless `batch_size` is None.
        ctx: Device and progress.
        gamma: Weight of the forget set.
        alpha: Weight of the retain set.
        retain: Its loss: `nll`, that of the answers, or `kl`, the divergence from the original.
        epochs: Passes over the forget set; retain batches are cycled beside it.
        lr: Learning rate of AdamW.
        batch_size: Examples a step from each of the two sets; None takes all at once.
        weight_decay: Decoupled weight decay.
        accumulate: Batches whose mean loss is one step's, for a model that leaves little memory.
    """
    from seedwise.methods.language.answers import with_retain

    def forget_loss(model: Any, forget: Batch) -> Any:
        return -problem.losses(model, forget)

    objective = with_retain(problem, original, forget_loss, gamma, alpha, retain)
    recipe = Recipe(
        epochs, lr, batch_size, "adamw", weight_decay=weight_decay, accumulate=accumulate
    )
    return problem.fit(problem.copy(original), objective, ["forget", "retain"], recipe, seeds, ctx)
