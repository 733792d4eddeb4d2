"""Simple negative preference optimisation."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Recipe
from seedwise.contracts.tokens import TokenProblem
from seedwise.methods.draws import without_orders
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("simnpo", requires={"gradients", "tokens"}, deterministic=without_orders)
def simnpo(
    original: Any,
    problem: TokenProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    beta: PositiveFloat = 4.5,
    delta: float = 0.0,
    gamma: NonNegativeFloat = 0.125,
    alpha: NonNegativeFloat = 1.0,
    retain: Literal["nll", "kl"] = "nll",
    epochs: PositiveInt = 10,
    lr: PositiveFloat = 1e-5,
    batch_size: PositiveInt | None = 32,
    weight_decay: NonNegativeFloat = 0.0,
    accumulate: PositiveInt = 1,
) -> Any:
    """Minimise gamma (-(2 / beta) log sigmoid(beta (S / length - delta))) + alpha R(retain).

    Fan et al., "Simplicity Prevails: Rethinking Negative Preference Optimization for LLM
    Unlearning" (2024), with the defaults of OpenUnlearning. No original is needed: the loss of an
    answer is normalised by its length instead.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws the orders of examples unless `batch_size` is None.
        ctx: Device and progress.
        beta: Inverse temperature.
        delta: Loss per token at which the pull is half its greatest.
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
    from seedwise.methods.language.npo import preference_loss

    def forget_loss(model: Any, forget: Batch) -> Any:
        return preference_loss(problem.losses(model, forget) - delta, beta)

    objective = with_retain(problem, original, forget_loss, gamma, alpha, retain)
    recipe = Recipe(
        epochs, lr, batch_size, "adamw", weight_decay=weight_decay, accumulate=accumulate
    )
    return problem.fit(problem.copy(original), objective, ["forget", "retain"], recipe, seeds, ctx)
