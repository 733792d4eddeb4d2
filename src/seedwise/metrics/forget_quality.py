"""Can the unlearned model be told from a retrained one by its truth ratios?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import ks_2samp

from seedwise.contracts import Context, Subject
from seedwise.metrics.splits import Split
from seedwise.metrics.truth_ratio import truth_ratios
from seedwise.registry import metric
from seedwise.seeds import SeedStreams

_NEEDS = ("loss-paraphrase", "loss-wrong")


@metric(
    "forget-quality",
    level="pair",
    direction="higher",
    bounds=(0.0, 1.0),
    needs=_NEEDS,
    unit="p",
)
def forget_quality(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    split: Split = "forget",
) -> Mapping[str, float]:
    """Return the p-value of the two-sample Kolmogorov-Smirnov test between truth ratios.

    As in TOFU (Maini et al., COLM 2024). It is not calibrated: both models answer the same
    questions, so that two retrained models agree far better than two independent samples do and
    hardly ever come near .05; see the floor, and `forget-quality-ensemble`.

    Args:
        subjects: One model.
        against: Its reference.
        seeds: Unused.
        ctx: Unused.
        split: Where.

    Returns:
        `forget-quality`, a p-value.
    """
    mine, other = (truth_ratios(one[0].outputs(split)) for one in (subjects, against))
    return {"forget-quality": float(ks_2samp(mine, other)[1])}  # pyright: ignore


@metric(
    "forget-quality-ensemble",
    level="ensemble",
    direction="higher",
    bounds=(0.0, 1.0),
    needs=_NEEDS,
    unit="p",
)
def forget_quality_ensemble(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    split: Split = "forget",
) -> Mapping[str, float]:
    """Return the mean over unlearned models of a calibrated p-value of "is a retrained one".

    Each unlearned model joins the retrained ones; every member's distance is the mean
    Kolmogorov-Smirnov distance of its truth ratios to all others', and p is the share of members
    at least as far out as the unlearned model. If that is exchangeable with the retrained models,
    p is uniform over 1 / (I + 1), ..., 1; with I retrained models no p is below 1 / (I + 1).

    Args:
        subjects: All models of a method.
        against: All retrained models.
        seeds: Unused.
        ctx: Unused.
        split: Where.

    Returns:
        `forget-quality-ensemble`, in (0, 1]; about .5 + .5 / (I + 1) for a perfect unlearner. NaN
        with fewer than two retrained models: the only one is as far from it as it from that one.
    """
    if len(against) < 2:
        return {"forget-quality-ensemble": math.nan}
    retrained = [truth_ratios(one.outputs(split)) for one in against]
    values = [rank_among(truth_ratios(one.outputs(split)), retrained) for one in subjects]
    return {"forget-quality-ensemble": float(np.mean(values))}


def rank_among(mine: np.ndarray, others: Sequence[np.ndarray]) -> float:
    """Return the share of all samples at least as far from the rest as `mine` is.

    Args:
        mine: A sample, (n,).
        others: The samples it is held against.

    Example:
        >>> import numpy as np
        >>> near = [np.arange(9.0), np.arange(9.0) + 0.5, np.arange(9.0) + 1.5]
        >>> rank_among(np.arange(9.0) + 50, near)
        0.25
    """
    samples = [np.sort(sample) for sample in (mine, *others)]
    distances = np.array([[ks_distance(one, other) for other in samples] for one in samples])
    far = distances.mean(axis=1)
    return float((far >= far[0] - 1e-12).mean())


def ks_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return the greatest difference between the distribution functions of two sorted samples.

    The statistic of `scipy.stats.ks_2samp` without its p-value, which costs most of the time.

    Args:
        one: A sorted sample, (n,).
        other: A sorted sample, (m,).

    Example:
        >>> import numpy as np
        >>> ks_distance(np.array([0.0, 1.0]), np.array([0.5, 2.0, 3.0, 4.0]))
        0.75
    """
    both = np.concatenate([one, other])
    below = [np.searchsorted(sample, both, side="right") / len(sample) for sample in (one, other)]
    return float(np.abs(below[0] - below[1]).max())
