"""Direct preference for not knowing."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Recipe
from seedwise.contracts.tokens import TokenProblem
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("idk-dpo", requires={"gradients", "tokens"})
def idk_dpo(
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
    """Minimise gamma (-(2 / beta) log sigmoid(beta (G_idk - G_true))) + alpha R(retain).

    Rafailov et al., "Direct Preference Optimization" (NeurIPS 2023), used as in TOFU and with
    the factor 2 of OpenUnlearning. G is how much more likely than under the original a whole
    answer is: a refusal, preferred, and the true answer. Differs from the released code: one
    refusal an example is drawn, once, from ten of our own.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws the orders of examples unless `batch_size` is None; `refusals`
            draws one refusal a forget example.
        ctx: Device and progress.
        beta: Inverse temperature.
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
    from seedwise.methods.language.npo import preference_loss

    places = problem.index("forget")
    drawn = seeds.generator("refusals").integers(len(REFUSALS), size=len(places))
    said = {int(place): REFUSALS[number] for place, number in zip(places, drawn, strict=True)}

    def refused(forget: Batch) -> Batch:
        return problem.answered(forget, [said[int(place)] for place in forget.index])

    true_before = frozen(problem, original, "forget")
    idk_before = frozen(problem, original, "forget", refused)

    def forget_loss(model: Any, forget: Batch) -> Any:
        won = idk_before(forget) - summed(problem, model, refused(forget))
        lost = true_before(forget) - summed(problem, model, forget)
        return preference_loss(won - lost, beta)

    objective = with_retain(problem, original, forget_loss, gamma, alpha, retain)
    recipe = Recipe(
        epochs, lr, batch_size, "adamw", weight_decay=weight_decay, accumulate=accumulate
    )
    return problem.fit(problem.copy(original), objective, ["forget", "retain"], recipe, seeds, ctx)


REFUSALS = (
    "I don't know.",
    "I am not sure.",
    "I cannot say.",
    "I have no idea.",
    "That is unknown to me.",
    "I have not heard of that.",
    "I am unable to answer that.",
    "I have no answer to that.",
    "I never learnt about that.",
    "There is nothing I can tell about that.",
)
