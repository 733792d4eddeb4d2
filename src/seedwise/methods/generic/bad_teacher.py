"""Bad teaching: on the forget set a student follows a teacher that knows nothing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Problem, Recipe
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("bad-teacher", requires={"gradients", "modules"})
def bad_teacher(
    original: Any,
    problem: Problem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    share: Annotated[float, Field(ge=0, le=1)] = 0.3,
    temperature: PositiveFloat = 1.0,
    epochs: PositiveInt = 1,
    lr: PositiveFloat = 1e-4,
    batch_size: PositiveInt | None = 64,
    optimizer: Literal["sgd", "adam", "adamw"] = "adam",
    momentum: NonNegativeFloat = 0.9,
    weight_decay: NonNegativeFloat = 0.0,
    accumulate: PositiveInt = 1,
) -> Any:
    """Minimise KL to an untrained model on the forget set, to the original on some of the rest.

    Chundawat et al., "Can Bad Teaching Induce Forgetting?" (AAAI 2023). The student starts from
    the original; forget and retain examples are shuffled together; share, epochs, learning rate
    and optimiser as in the code of Foster et al. (AAAI 2024), which takes batches of 256. Their
    loss is also divided by the number of classes and leaves out the factor T^2.

    Args:
        original: The original model, the competent teacher.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; `teacher` draws the incompetent teacher, `retain` the share of the retain
            set, `order` the order of examples.
        ctx: Device and progress.
        share: Part of the retain set that is seen, drawn once.
        temperature: T of the divergences.
        epochs: Passes over what is seen.
        lr: Learning rate.
        batch_size: Examples a step; None takes all at once.
        optimizer: Kind of descent.
        momentum: Momentum of `sgd`.
        weight_decay: L2 penalty.
        accumulate: Batches whose mean loss is one step's, for a model that leaves little memory.
    """
    import torch

    from seedwise.methods.distances import divergence

    teacher = problem.fresh(seeds.generator("teacher")).to(ctx.device)
    forget = problem.index("forget")
    kept = drawn(problem.index("retain"), share, seeds.generator("retain"))

    def objective(model: Any, batch: Batch) -> Any:
        scores = problem.scores(model, batch)
        unknown = torch.from_numpy(np.isin(batch.index, forget)).to(scores.device)
        with torch.no_grad():
            wise, ignorant = (problem.scores(one, batch) for one in (original, teacher))
            wanted = wise.where(~unknown.view(-1, *[1] * (scores.ndim - 1)), ignorant)
        return divergence(wanted, scores, batch.targets, temperature).mean()

    recipe = Recipe(
        epochs, lr, batch_size, optimizer, momentum, weight_decay, accumulate=accumulate
    )
    seen = problem.only("train", np.concatenate([forget, kept]))
    return seen.fit(problem.copy(original), objective, ["train"], recipe, seeds, ctx)


def drawn(index: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    """Return a share of some numbers, rounded to the nearest, without repetition.

    Example:
        >>> import numpy as np
        >>> len(drawn(np.arange(10), 0.3, np.random.default_rng(0)))
        3
    """
    return generator.permutation(index)[: round(share * len(index))]
