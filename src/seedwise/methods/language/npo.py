"""Negative preference optimisation."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Recipe
from seedwise.contracts.tokens import TokenProblem
from seedwise.methods.draws import without_orders
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("npo", requires={"gradients", "tokens"}, deterministic=without_orders)
def npo(
    original: Any,
    problem: TokenProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    beta: PositiveFloat = 0.1,
    gamma: NonNegativeFloat = 1.0,
    alpha: NonNegativeFloat = 1.0,
    retain: Literal["nll", "kl"] = "nll",
    epochs: PositiveInt = 10,
    lr: PositiveFloat = 1e-5,
    batch_size: PositiveInt | None = 32,
    weight_decay: NonNegativeFloat = 0.0,
    accumulate: PositiveInt = 1,
) -> Any:
    """Minimise gamma (-(2 / beta) log sigmoid(beta (S - S0))) + alpha R(retain).

    Zhang et al., "Negative Preference Optimization" (COLM 2024). S is the summed loss of a forget
    answer, S0 the original's, which is computed once. Without a retain set (alpha 0) it is the
    paper's NPO; with it NPO-GD (`nll`) or NPO-KL (`kl`).

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws the orders of examples unless `batch_size` is None.
        ctx: Device and progress.
        beta: Inverse temperature; towards 0 the loss becomes that of gradient ascent.
        gamma: Weight of the forget set.
        alpha: Weight of the retain set.
        retain: Its loss: `nll`, that of the answers, or `kl`, the divergence from the original.
        epochs: Passes over the forget set; retain batches are cycled beside it.
        lr: Learning rate of AdamW.
        batch_size: Examples a step from each of the two sets; None takes all at once.
        weight_decay: Decoupled weight decay.
        accumulate: Batches whose mean loss is one step's, for a model that leaves little memory.
    """
    from seedwise.methods.language.answers import frozen, summed, with_retain

    before = frozen(problem, original, "forget")

    def forget_loss(model: Any, forget: Batch) -> Any:
        return preference_loss(summed(problem, model, forget) - before(forget), beta)

    objective = with_retain(problem, original, forget_loss, gamma, alpha, retain)
    recipe = Recipe(
        epochs, lr, batch_size, "adamw", weight_decay=weight_decay, accumulate=accumulate
    )
    return problem.fit(problem.copy(original), objective, ["forget", "retain"], recipe, seeds, ctx)


def preference_loss(gap: Any, beta: float) -> Any:
    """Return -(2 / beta) log sigmoid(beta gap), one value an example.

    Args:
        gap: How much less likely than before what is to be forgotten is, (n,).
        beta: Inverse temperature.
    """
    from torch.nn import functional

    return functional.logsigmoid(beta * gap) * (-2.0 / beta)
