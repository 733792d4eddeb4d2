"""Selective synaptic dampening."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import PositiveFloat, PositiveInt

from seedwise.contracts import Context, Extras, Problem
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("ssd", requires={"gradients", "modules"}, deterministic=True)
def ssd(
    original: Any,
    problem: Problem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    alpha: PositiveFloat = 10.0,
    dampening: PositiveFloat = 1.0,
    importance: Literal["sample", "batch"] = "sample",
    batch_size: PositiveInt = 128,
) -> Any:
    """Shrink the parameters that matter much more to the forget set than to all training data.

    Foster et al., "Fast Machine Unlearning without Retraining through Selective Synaptic
    Dampening" (AAAI 2024). With importances I_f and I_D, where I_f > alpha I_D:
    theta <- theta min(1, lambda I_D / I_f). The paper's importance is the diagonal of the Fisher
    information, the mean over samples of squared gradients. The released code squares the mean
    gradient of each batch instead; `importance: batch` does so too, in the data's own order
    rather than a shuffled one, so that both are deterministic.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Unused.
        ctx: Device and progress.
        alpha: Selection weight: how many times as important to the forget set.
        dampening: lambda of the paper.
        importance: Mean over samples (as in the paper) or over batches (as released).
        batch_size: Examples a batch where `importance` is `batch`.
    """
    from seedwise.methods.gradients import (
        squared_per_batch,
        squared_per_example,
        trained_parameters,
    )

    model = problem.copy(original).to(ctx.device)
    importances = []
    for done, split in enumerate(("train", "forget"), start=1):
        if importance == "sample":
            importances.append(squared_per_example(model, problem, split))
        else:
            importances.append(squared_per_batch(model, problem, split, batch_size))
        ctx.tick(done / 2)
    for name, parameter in trained_parameters(model).items():
        dampen(parameter.detach(), importances[0][name], importances[1][name], alpha, dampening)
    return model


def dampen(parameter: Any, everything: Any, forget: Any, alpha: float, dampening: float) -> None:
    """Shrink a tensor in place where it is selected; a selected I_f is above 0."""
    selected = forget > alpha * everything
    factor = (dampening * everything[selected] / forget[selected]).clamp(max=1.0)
    parameter[selected] *= factor
