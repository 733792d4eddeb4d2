"""Weighted gradient ascent."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Recipe
from seedwise.contracts.tokens import TokenProblem
from seedwise.methods.draws import without_orders
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("wga", requires={"gradients", "tokens"}, deterministic=without_orders)
def wga(
    original: Any,
    problem: TokenProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    beta: NonNegativeFloat = 1.0,
    gamma: NonNegativeFloat = 1.0,
    alpha: NonNegativeFloat = 1.0,
    retain: Literal["nll", "kl"] = "nll",
    epochs: PositiveInt = 10,
    lr: PositiveFloat = 1e-5,
    batch_size: PositiveInt | None = 32,
    weight_decay: NonNegativeFloat = 0.0,
    accumulate: PositiveInt = 1,
) -> Any:
    """Minimise -gamma mean(p^beta NLL) on forget + alpha R(retain).

    Wang et al., "Rethinking LLM Unlearning Objectives: A Gradient Perspective and Go Beyond"
    (ICLR 2025). p is the probability of a true token; no gradient flows through the weight, so
    that tokens already forgotten push no further.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws the orders of examples unless `batch_size` is None.
        ctx: Device and progress.
        beta: Power of a token's probability in its weight; 0 is plain gradient ascent.
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
        return weighted_ascent(problem.scores(model, forget), forget.targets, beta)

    objective = with_retain(problem, original, forget_loss, gamma, alpha, retain)
    recipe = Recipe(
        epochs, lr, batch_size, "adamw", weight_decay=weight_decay, accumulate=accumulate
    )
    return problem.fit(problem.copy(original), objective, ["forget", "retain"], recipe, seeds, ctx)


def weighted_ascent(scores: Any, targets: Any, power: float, other: float = 0.0) -> Any:
    """Return minus each answer's mean of p^power (1 - p)^other NLL, weights detached, (n,).

    Args:
        scores: Logits, (n, length, vocabulary).
        targets: (n, length).
        power: Power of a true token's probability.
        other: Power of its complement.
    """
    from seedwise.methods.language.answers import is_answer, mean_over, token_losses

    losses = token_losses(scores, targets)
    p = (-losses.detach()).exp()
    return -mean_over(p**power * (1.0 - p) ** other * losses, is_answer(targets))
