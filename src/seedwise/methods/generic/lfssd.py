"""Loss-free selective synaptic dampening."""

from __future__ import annotations

from typing import Any

from pydantic import PositiveFloat

from seedwise.contracts import Context, Extras, Problem
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("lfssd", requires={"gradients", "modules"}, deterministic=True)
def lfssd(
    original: Any,
    problem: Problem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    alpha: PositiveFloat = 10.0,
    dampening: PositiveFloat = 1.0,
) -> Any:
    """Dampen as `ssd` does, by an importance that needs no labels.

    Foster et al., "Loss-Free Machine Unlearning" (2024): the importance of a parameter is the mean
    over samples of the absolute gradient of the squared L2 norm of the outputs (Aljundi et al.,
    "Memory Aware Synapses", ECCV 2018). Of a sequence it is the norm at the answer's tokens, their
    mean. Differs from the released code, which takes the gradient of a batch's mean norm.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Unused.
        ctx: Device and progress.
        alpha: Selection weight: how many times as important to the forget set.
        dampening: lambda of the paper.
    """
    from seedwise.methods.generic.ssd import dampen
    from seedwise.methods.gradients import absolute_norm_per_example, trained_parameters

    model = problem.copy(original).to(ctx.device)
    importances = []
    for done, split in enumerate(("train", "forget"), start=1):
        importances.append(absolute_norm_per_example(model, problem, split))
        ctx.tick(done / 2)
    for name, parameter in trained_parameters(model).items():
        dampen(parameter.detach(), importances[0][name], importances[1][name], alpha, dampening)
    return model
