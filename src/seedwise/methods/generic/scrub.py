"""SCRUB: a student that disobeys its teacher on the forget set and obeys on the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Problem, Recipe
from seedwise.methods.draws import without_orders
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("scrub", requires={"gradients", "modules"}, deterministic=without_orders)
def scrub(
    original: Any,
    problem: Problem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    alpha: NonNegativeFloat = 0.001,
    gamma: NonNegativeFloat = 0.99,
    temperature: PositiveFloat = 4.0,
    epochs: PositiveInt = 3,
    max_epochs: NonNegativeInt = 2,
    lr: PositiveFloat = 5e-4,
    batch_size: PositiveInt | None = 64,
    optimizer: Literal["sgd", "adam", "adamw"] = "sgd",
    momentum: NonNegativeFloat = 0.9,
    weight_decay: NonNegativeFloat = 5e-4,
    accumulate: PositiveInt = 1,
) -> Any:
    """Alternate: maximise KL to the original on forget, minimise alpha KL + gamma CE on retain.

    Kurmanji et al., "Towards Unbounded Machine Unlearning" (NeurIPS 2023). The first `max_epochs`
    epochs begin with a pass that maximises, every epoch ends with one that minimises. Differs from
    the released code: every pass starts with an optimiser of its own, and both sets share a batch
    size.

    Args:
        original: The original model, the teacher.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws the orders of examples unless `batch_size` is None.
        ctx: Device and progress.
        alpha: Weight of the divergence on the retain set.
        gamma: Weight of its loss.
        temperature: T of both divergences.
        epochs: Passes over the retain set.
        max_epochs: Passes over the forget set.
        lr: Learning rate.
        batch_size: Examples a step; None takes all at once.
        optimizer: Kind of descent.
        momentum: Momentum of `sgd`.
        weight_decay: L2 penalty.
        accumulate: Batches whose mean loss is one step's, for a model that leaves little memory.
    """
    import torch

    from seedwise.methods.distances import divergence

    def apart(model: Any, batch: Batch) -> Any:
        with torch.no_grad():
            taught = problem.scores(original, batch)
        scores = problem.scores(model, batch)
        return divergence(taught, scores, batch.targets, temperature).mean()

    def disobey(model: Any, forget: Batch) -> Any:
        return -apart(model, forget)

    def obey(model: Any, retain: Batch) -> Any:
        kept = problem.losses(model, retain).mean()
        return alpha * apart(model, retain) + gamma * kept

    recipe = Recipe(1, lr, batch_size, optimizer, momentum, weight_decay, accumulate=accumulate)
    model = problem.copy(original)
    for epoch in range(epochs):
        passes = [("forget", disobey)] if epoch < max_epochs else []
        for split, objective in [*passes, ("retain", obey)]:
            own = replace(seeds, scope=f"{seeds.scope}/{split}/{epoch}")
            quiet = replace(ctx, tick=lambda share: None)
            model = problem.fit(model, objective, [split], recipe, own, quiet)
        ctx.tick((epoch + 1) / epochs)
    return model
