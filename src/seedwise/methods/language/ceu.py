"""Cross-entropy unlearning."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Recipe
from seedwise.contracts.tokens import TokenProblem
from seedwise.methods.draws import without_orders
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("ceu", requires={"gradients", "tokens"}, deterministic=without_orders)
def ceu(
    original: Any,
    problem: TokenProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    skip: NonNegativeInt = 1,
    gamma: NonNegativeFloat = 1.0,
    alpha: NonNegativeFloat = 0.0,
    retain: Literal["nll", "kl"] = "nll",
    epochs: PositiveInt = 10,
    lr: PositiveFloat = 1e-5,
    batch_size: PositiveInt | None = 32,
    weight_decay: NonNegativeFloat = 0.0,
    accumulate: PositiveInt = 1,
) -> Any:
    """Minimise gamma CE(softmax(z without the true token), softmax(z)) on forget + alpha R(retain).

    Yang, "CE-U: Cross Entropy Unlearning" (2025). What is learnt is the model's own prediction
    with the true token's logit at minus infinity, no gradient flowing through it.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws the orders of examples unless `batch_size` is None.
        ctx: Device and progress.
        skip: Tokens at the start of an answer that are left alone.
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
        return masked_out(problem.scores(model, forget), forget.targets, skip)

    objective = with_retain(problem, original, forget_loss, gamma, alpha, retain)
    recipe = Recipe(
        epochs, lr, batch_size, "adamw", weight_decay=weight_decay, accumulate=accumulate
    )
    return problem.fit(problem.copy(original), objective, ["forget", "retain"], recipe, seeds, ctx)


def masked_out(scores: Any, targets: Any, skip: int) -> Any:
    """Return each answer's mean cross-entropy to its predictions without the true token, (n,).

    Args:
        scores: Logits, (n, length, vocabulary).
        targets: (n, length).
        skip: Tokens at the start of an answer that do not count.
    """
    from seedwise.methods.language.answers import is_answer, mean_over

    mask = is_answer(targets)
    true = targets.where(mask, 0).unsqueeze(2)
    wanted = scores.detach().scatter(2, true, -float("inf")).softmax(dim=2)
    each = -(wanted * scores.log_softmax(dim=2)).sum(dim=2)
    return mean_over(each, mask & (mask.cumsum(dim=1) > skip))
