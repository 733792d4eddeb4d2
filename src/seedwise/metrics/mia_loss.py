"""A membership-inference attack on the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seedwise.contracts import Context, Subject
from seedwise.errors import DataError
from seedwise.metrics.splits import Split
from seedwise.registry import metric
from seedwise.seeds import SeedStreams

FOLDS = 10
FEWEST = 10
"""Examples a side below which a fold's test set would not hold both classes."""


@metric("mia-loss", bounds=(0.0, 1.0), stochastic=True, needs=("loss",), null=0.5, unit="share")
def mia_loss(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    nonmembers: Split = "test",
) -> Mapping[str, float]:
    """Return how well a logistic regression tells forget losses from test losses.

    The attack of the NeurIPS 2023 machine unlearning challenge's starting kit: a logistic
    regression on the per-example loss, its accuracy averaged over ten stratified random splits
    (a tenth held out each); the loss is not standardised. Differs from the kit: the larger side
    is subsampled to the size of the smaller one, so that .5 means chance.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Streams; `balance` draws the subsample, `folds` the splits.
        ctx: Unused.
        nonmembers: The examples the model was not trained on. A perfect unlearner gets .5
            only where they are distributed like the forget set (not so for a whole class
            against `test`; `test-forget` is comparable).

    Returns:
        `mia-loss`, the mean held-out accuracy.

    Raises:
        DataError: If a side has fewer than ten examples.
    """
    sides = [subjects[0].outputs(split)["loss"] for split in ("forget", nonmembers)]
    size = min(len(side) for side in sides)
    if size < FEWEST:
        raise DataError(
            f"mia-loss needs at least {FEWEST} examples in 'forget' and '{nonmembers}', "
            f"there are {len(sides[0])} and {len(sides[1])}"
        )
    balance = seeds.generator("balance")
    losses = np.concatenate([balance.choice(side, size, replace=False) for side in sides])
    member = np.repeat([1, 0], size)
    return {"mia-loss": attack_accuracy(losses, member, seeds.integer("folds") % 2**32)}


def attack_accuracy(losses: np.ndarray, member: np.ndarray, folds_seed: int) -> float:
    """Return the cross-validated accuracy of a logistic regression on one feature.

    Args:
        losses: The feature, (n,).
        member: 0 or 1, (n,).
        folds_seed: Seed of the splits, in [0, 2**32).
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedShuffleSplit, cross_val_score

    folds = StratifiedShuffleSplit(n_splits=FOLDS, random_state=folds_seed)
    feature = losses.astype(float).reshape(-1, 1)
    scores = cross_val_score(LogisticRegression(), feature, member, cv=folds, scoring="accuracy")
    return float(scores.mean())
