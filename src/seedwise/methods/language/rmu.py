"""Representation misdirection."""

from __future__ import annotations

from typing import Any

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Recipe
from seedwise.contracts.tokens import TokenProblem
from seedwise.errors import SeedwiseError
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("rmu", requires={"gradients", "tokens"})
def rmu(
    original: Any,
    problem: TokenProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    coefficient: PositiveFloat = 2.0,
    layer: PositiveInt | None = None,
    alpha: NonNegativeFloat = 1.0,
    epochs: PositiveInt = 10,
    lr: PositiveFloat = 1e-5,
    batch_size: PositiveInt | None = 32,
    weight_decay: NonNegativeFloat = 0.0,
    accumulate: PositiveInt = 1,
) -> Any:
    """Minimise MSE(h(forget), c u) + alpha MSE(h(retain), h0(retain)) at one layer.

    Li et al., "The WMDP Benchmark: Measuring and Reducing Malicious Use with Unlearning" (ICML
    2024). u is a random unit vector with entries of one sign, h the hidden states at the answers'
    tokens, h0 the original's. Differs from the released code, which trains three matrices of
    three layers: every parameter up to the layer is trained, as OpenUnlearning does, and only
    the answers' tokens count. Parameters behind the layer stay as they are.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; `control` draws u, `order` the order of examples.
        ctx: Device and progress.
        coefficient: c, the length of what forget states are led to.
        layer: The layer, 1 is the first; by default the middle one.
        alpha: Weight of the retain set.
        epochs: Passes over the forget set; retain batches are cycled beside it.
        lr: Learning rate of AdamW.
        batch_size: Examples a step from each of the two sets; None takes all at once.
        weight_decay: Decoupled weight decay.
        accumulate: Batches whose mean loss is one step's, for a model that leaves little memory.

    Raises:
        SeedwiseError: If the model has no such layer.
    """
    import torch

    probe = next(problem.batches("forget", 1))
    with torch.no_grad():
        states = problem.hidden(original, probe)
    place = _place(layer, len(states) - 1)
    drawn = seeds.generator("control").random(states[place].shape[2])
    control = torch.from_numpy(drawn).to(states[place])
    goal = coefficient * control / control.norm()

    def objective(model: Any, forget: Batch, retain: Batch) -> Any:
        with torch.no_grad():
            before = problem.hidden(original, retain)[place]
        gone = distance(problem.hidden(model, forget)[place], goal, forget.targets)
        kept = distance(problem.hidden(model, retain)[place], before, retain.targets)
        return gone.mean() + alpha * kept.mean()

    recipe = Recipe(
        epochs, lr, batch_size, "adamw", weight_decay=weight_decay, accumulate=accumulate
    )
    return problem.fit(problem.copy(original), objective, ["forget", "retain"], recipe, seeds, ctx)


def distance(states: Any, goal: Any, targets: Any) -> Any:
    """Return each answer's mean over tokens of the mean squared distance to a goal, (n,).

    Args:
        states: Hidden states, (n, length, width).
        goal: Where they should be, of that shape or (width,).
        targets: (n, length).
    """
    from seedwise.methods.language.answers import is_answer, mean_over

    return mean_over((states - goal).square().mean(dim=2), is_answer(targets))


def _place(layer: int | None, layers: int) -> int:
    if layer is None:
        return (layers + 1) // 2
    if layer > layers:
        raise SeedwiseError(f"rmu: layer {layer} was asked for; the model has {layers}")
    return layer
