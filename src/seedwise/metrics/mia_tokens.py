"""Membership-inference attacks on the tokens of answers: one score an answer, and its AUC."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import rankdata

from seedwise.contracts import Context, Subject
from seedwise.metrics.splits import Split
from seedwise.registry import metric
from seedwise.seeds import SeedStreams

Outputs = Mapping[str, np.ndarray]


def min_k(outputs: Outputs) -> np.ndarray:
    """Return the mean log-probability of each answer's least likely tokens, (n,)."""
    return outputs["min-k"]


def min_k_plus(outputs: Outputs) -> np.ndarray:
    """Return the same, standardised over the vocabulary, (n,)."""
    return outputs["min-k-plus"]


def zlib(outputs: Outputs) -> np.ndarray:
    """Return minus the loss by the bytes of the compressed answer, (n,)."""
    return -outputs["loss"] / outputs["zlib"]


def loss(outputs: Outputs) -> np.ndarray:
    """Return minus the loss, (n,)."""
    return -outputs["loss"]


def gradient_norm(outputs: Outputs) -> np.ndarray:
    """Return minus the norm of the gradient of each answer's loss, (n,)."""
    return -outputs["gradient-norm"]


ATTACKS: Mapping[str, Callable[[Outputs], np.ndarray]] = {
    "loss": loss,
    "min-k": min_k,
    "min-k-plus": min_k_plus,
    "zlib": zlib,
}
"""Scores by name; members are expected to have the greater ones."""


@metric("mia-min-k", bounds=(0.0, 1.0), needs=("min-k",), null=0.5, unit="AUC")
def mia_min_k(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    nonmembers: Split = "test",
) -> Mapping[str, float]:
    """Return how well the least likely tokens tell forget answers from held-out ones.

    Shi et al., "Detecting Pretraining Data from Large Language Models" (ICLR 2024): the mean
    log-probability of the least likely 40 % of an answer's tokens; its AUC.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        nonmembers: The examples the model was not trained on.

    Returns:
        `mia-min-k`, .5 for chance, 1 where every forget answer is likelier than all others.
    """
    return {"mia-min-k": attacked(subjects[0], min_k, nonmembers)}


@metric("mia-min-k-plus", bounds=(0.0, 1.0), needs=("min-k-plus",), null=0.5, unit="AUC")
def mia_min_k_plus(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    nonmembers: Split = "test",
) -> Mapping[str, float]:
    """Return the same with log-probabilities standardised over the vocabulary.

    Zhang et al., "Min-K%++: Improved Baseline for Detecting Pre-Training Data" (ICLR 2025).

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        nonmembers: The examples the model was not trained on.

    Returns:
        `mia-min-k-plus`, an AUC.
    """
    return {"mia-min-k-plus": attacked(subjects[0], min_k_plus, nonmembers)}


@metric("mia-zlib", bounds=(0.0, 1.0), needs=("loss", "zlib"), null=0.5, unit="AUC")
def mia_zlib(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    nonmembers: Split = "test",
) -> Mapping[str, float]:
    """Return how well the loss by the size of the compressed answer tells forget from held-out.

    Carlini et al. (USENIX Security 2021), as in OpenUnlearning: the mean loss of an answer's
    tokens divided by the bytes of its text compressed by zlib.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        nonmembers: The examples the model was not trained on.

    Returns:
        `mia-zlib`, an AUC.
    """
    return {"mia-zlib": attacked(subjects[0], zlib, nonmembers)}


@metric("mia-loss-auc", bounds=(0.0, 1.0), needs=("loss",), null=0.5, unit="AUC")
def mia_loss_auc(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    nonmembers: Split = "test",
) -> Mapping[str, float]:
    """Return how well the loss itself tells forget answers from held-out ones.

    Yeom et al. (CSF 2018), as `mia_loss` of OpenUnlearning: no classifier is trained, and nothing
    is drawn (`mia-loss` does both).

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        nonmembers: The examples the model was not trained on.

    Returns:
        `mia-loss-auc`, an AUC.
    """
    return {"mia-loss-auc": attacked(subjects[0], loss, nonmembers)}


@metric("mia-gradient-norm", bounds=(0.0, 1.0), needs=("gradient-norm",), null=0.5, unit="AUC")
def mia_gradient_norm(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    nonmembers: Split = "test",
) -> Mapping[str, float]:
    """Return how well small gradients tell forget answers from held-out ones.

    The norm of the gradient of an answer's loss over all trained parameters, as
    `mia_gradnorm` of OpenUnlearning. It costs one backward pass an answer.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        nonmembers: The examples the model was not trained on.

    Returns:
        `mia-gradient-norm`, an AUC.
    """
    return {"mia-gradient-norm": attacked(subjects[0], gradient_norm, nonmembers)}


@metric("mia-reference", level="pair", bounds=(0.0, 1.0), needs=("loss",), null=0.5, unit="AUC")
def mia_reference(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    nonmembers: Split = "test",
) -> Mapping[str, float]:
    """Return how well the loss beside a retrained model's tells forget from held-out answers.

    Carlini et al. (USENIX Security 2021) calibrate an answer's loss by that of a model that never
    saw it; the study's retrained model is one, so that hard answers are no sign of forgetting.

    Args:
        subjects: One model.
        against: Its reference.
        seeds: Unused.
        ctx: Unused.
        nonmembers: The examples neither was trained on.

    Returns:
        `mia-reference`, an AUC.
    """
    members, others = (
        against[0].outputs(split)["loss"].astype(float) - subjects[0].outputs(split)["loss"]
        for split in ("forget", nonmembers)
    )
    return {"mia-reference": auc(members, others)}


def attacked(subject: Subject, attack: Callable[[Any], np.ndarray], nonmembers: str) -> float:
    """Return the AUC of an attack's scores, forget against non-members."""
    return auc(*(attack(subject.outputs(split)) for split in ("forget", nonmembers)))


def auc(members: np.ndarray, others: np.ndarray) -> float:
    """Return the probability that a member scores more than another, ties counting half.

    Args:
        members: Scores, (m,).
        others: Scores, (n,).

    Example:
        >>> import numpy as np
        >>> auc(np.array([3.0, 1.0]), np.array([0.0, 1.0]))
        0.875
    """
    ranks = rankdata(np.concatenate([members, others]))[: len(members)].sum()
    size = len(members)
    return float((ranks - size * (size + 1) / 2) / (size * len(others)))
