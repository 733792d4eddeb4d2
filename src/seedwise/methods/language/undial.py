"""Unlearning by self-distillation on adjusted logits."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Recipe
from seedwise.contracts.tokens import TokenProblem
from seedwise.methods.draws import without_orders
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("undial", version="2", requires={"gradients", "tokens"}, deterministic=without_orders)
def undial(
    original: Any,
    problem: TokenProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    beta: PositiveFloat = 10.0,
    gamma: NonNegativeFloat = 1.0,
    alpha: NonNegativeFloat = 0.0,
    retain: Literal["nll", "kl"] = "nll",
    epochs: PositiveInt = 10,
    lr: PositiveFloat = 1e-5,
    batch_size: PositiveInt | None = 32,
    weight_decay: NonNegativeFloat = 0.0,
    accumulate: PositiveInt = 1,
) -> Any:
    """Minimise gamma CE(softmax(z0 - beta onehot(true)), softmax(z)) on forget + alpha R(retain).

    Dong et al., "UNDIAL: Self-Distillation with Adjusted Logits for Robust Unlearning in Large
    Language Models" (NAACL 2025). z0 are the original's logits, computed once where they fit
    into memory; the loss is on answer tokens alone.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws the orders of examples unless `batch_size` is None.
        ctx: Device and progress.
        beta: By how much the true token's logit is lowered in what is learnt.
        gamma: Weight of the forget set.
        alpha: Weight of the retain set.
        retain: Its loss: `nll`, that of the answers, or `kl`, the divergence from the original.
        epochs: Passes over the forget set; retain batches are cycled beside it.
        lr: Learning rate of AdamW.
        batch_size: Examples a step from each of the two sets; None takes all at once.
        weight_decay: Decoupled weight decay.
        accumulate: Batches whose mean loss is one step's, for a model that leaves little memory.
    """
    from seedwise.methods.language.answers import frozen_scores, with_retain

    before = frozen_scores(problem, original, "forget")

    def forget_loss(model: Any, forget: Batch) -> Any:
        return distilled(problem.scores(model, forget), before(forget), forget.targets, beta)

    objective = with_retain(problem, original, forget_loss, gamma, alpha, retain)
    recipe = Recipe(
        epochs, lr, batch_size, "adamw", weight_decay=weight_decay, accumulate=accumulate
    )
    return problem.fit(problem.copy(original), objective, ["forget", "retain"], recipe, seeds, ctx)


def distilled(scores: Any, before: Any, targets: Any, beta: float) -> Any:
    """Return each answer's mean cross-entropy to the lowered predictions of the original, (n,).

    Args:
        scores: Logits of the model, (n, length, vocabulary).
        before: Those of the original.
        targets: (n, length).
        beta: By how much the true token's logit is lowered.
    """
    from torch.nn import functional

    from seedwise.methods.language.answers import is_answer, mean_over

    mask = is_answer(targets)
    true = functional.one_hot(targets.where(mask, 0), scores.shape[2])
    wanted = (before - beta * true).softmax(dim=2)
    each = -(wanted * scores.log_softmax(dim=2)).sum(dim=2)
    return mean_over(each, mask)
