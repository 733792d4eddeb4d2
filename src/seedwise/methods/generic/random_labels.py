"""Random labels: unlearn by learning something wrong about the forget set."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras, Problem, Recipe
from seedwise.contracts.tokens import IGNORED
from seedwise.errors import DataError
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("random-labels", requires={"gradients", "labels"})
def random_labels(
    original: Any,
    problem: Problem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    epochs: PositiveInt = 3,
    lr: PositiveFloat = 1e-4,
    batch_size: PositiveInt | None = 64,
    optimizer: Literal["sgd", "adam", "adamw"] = "adam",
    momentum: NonNegativeFloat = 0.9,
    weight_decay: NonNegativeFloat = 0.0,
    accumulate: PositiveInt = 1,
) -> Any:
    """Minimise the loss on all training data, the forget set carrying wrong labels.

    Graves et al., "Amnesiac Machine Learning" (AAAI 2021), Golatkar et al., "Eternal Sunshine of
    the Spotless Net" (CVPR 2020). Wrong labels are drawn once, uniformly among the other classes,
    and forget and retain examples are shuffled together; epochs, learning rate and optimiser as
    in the code of Foster et al. (AAAI 2024). The code of Jia et al. (NeurIPS 2023) draws anew in
    every epoch and among all classes, so that a tenth of ten-class labels stay true.

    Of a sequence every token of the answer, its end included, gets a wrong one among those that
    occur in answers, while what is read stays true; Yao et al., "Machine Unlearning of Pre-trained
    Large Language Models" (ACL 2024).

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; `labels` draws the labels, `order` the order of examples.
        ctx: Device and progress.
        epochs: Passes over the training data.
        lr: Learning rate.
        batch_size: Examples a step; None takes all at once.
        optimizer: Kind of descent.
        momentum: Momentum of `sgd`.
        weight_decay: L2 penalty.
        accumulate: Batches whose mean loss is one step's, for a model that leaves little memory.

    Raises:
        DataError: If there is one class only.
    """
    labels = relabelled(problem, seeds.generator("labels"))

    def objective(model: Any, batch: Batch) -> Any:
        wrong = labels[np.asarray(batch.index)][..., : batch.targets.shape[-1]]  # as padded here
        return problem.losses(model, batch, wrong).mean()

    recipe = Recipe(
        epochs, lr, batch_size, optimizer, momentum, weight_decay, accumulate=accumulate
    )
    return problem.fit(problem.copy(original), objective, ["train"], recipe, seeds, ctx)


def relabelled(problem: Problem[Any], generator: np.random.Generator) -> np.ndarray:
    """Return the labels of the training data with a wrong one for every forget example.

    Args:
        problem: The problem.
        generator: Draws one of the other classes, each with the same probability.

    Returns:
        One label per training example (or a row of tokens, `IGNORED` where there is none of the
        answer), by its place in the training data.

    Raises:
        DataError: If there is one class only.
    """
    labels = problem.targets("train").copy()
    classes = np.unique(labels[labels != IGNORED])
    if len(classes) < 2:
        raise DataError("random labels need two classes or more; the training data have one")
    wrong = np.zeros(labels.shape, dtype=bool)
    wrong[problem.index("forget")] = True
    wrong &= labels != IGNORED
    own = np.searchsorted(classes, labels[wrong])
    steps = generator.integers(1, len(classes), size=len(own))
    labels[wrong] = classes[(own + steps) % len(classes)]
    return labels
