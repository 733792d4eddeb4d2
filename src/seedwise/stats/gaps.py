"""The typical gap of a single run to the reference, and the floor that no method can undercut.

A mean gap of zero may hide runs far on either side. The typical gap is the mean distance of single
runs; two retrained models differ too, and their typical distance is the floor. Averages over seeds
would look closer than the floor, so both are made of single values.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from seedwise.stats.jackknife import Jackknife, delete_one
from seedwise.stats.means import satterthwaite
from seedwise.stats.quantiles import t_quantile


def typical_gap(
    runs: Sequence[ArrayLike],
    reference: ArrayLike,
    *,
    paired: bool = False,
    level: float = 0.95,
) -> Jackknife:
    """Return the mean of abs(Z_ij - R_k) with a delete-one-training-seed jackknife.

    Every run meets every reference, or only that of its training seed if they are paired. Runs
    count equally within a training seed, training seeds equally among each other. Independent
    references are left out one at a time too, and the two squared errors add up.

    Args:
        runs: Values of single runs, one array per training seed.
        reference: (N,) values of single references; (I,) if paired.
        paired: Whether reference i belongs to training seed i.
        level: Confidence level.

    Example:
        >>> gap = typical_gap([[1.0, 3.0], [2.0], [0.0]], [1.0, 2.0, 1.0])
        >>> round(gap.estimate, 4), gap.low < gap.estimate < gap.high
        (1.0, True)
    """
    single = np.asarray(reference, dtype=float)
    values = [np.asarray(of_seed, dtype=float) for of_seed in runs]
    if paired:
        gaps = np.array([abs(z - r).mean() for z, r in zip(values, single, strict=True)])
        return delete_one(float(gaps.mean()), _without(gaps), level=level)
    table = np.array([abs(z[:, None] - single).mean(axis=0) for z in values])
    if not table.size:
        return delete_one(float("nan"), [], level=level)
    models = delete_one(float(table.mean()), _without(table.mean(axis=1)), level=level)
    if single.size == 1:
        return models
    references = delete_one(models.estimate, _without(table.mean(axis=0)), level=level)
    shares = np.array([models.se**2, references.se**2])
    df = satterthwaite(shares, np.array([models.df, references.df]))
    se = float(np.sqrt(shares.sum()))
    half = float(t_quantile(level, df)) * se if se > 0 else np.nan
    return Jackknife(models.estimate, se, df, models.estimate - half, models.estimate + half)


def floor(reference: ArrayLike, *, level: float = 0.95) -> Jackknife:
    """Return the mean of abs(R_i - R_j) over pairs with a delete-one jackknife.

    Args:
        reference: (N,) values of single references.
        level: Confidence level.

    Example:
        >>> round(floor([1.0, 2.0, 4.0]).estimate, 4)
        2.0
    """
    single = np.asarray(reference, dtype=float)
    if single.size < 2:
        return delete_one(float("nan"), [], level=level)
    distance = abs(single[:, None] - single)
    count, total, own = single.size, distance.sum(), distance.sum(axis=1)
    left_out = (total - 2 * own) / ((count - 1) * (count - 2)) if count > 2 else np.array([])
    return delete_one(float(total / count / (count - 1)), left_out.tolist(), level=level)


def _without(values: np.ndarray) -> list[float]:
    """Return the means that leave one value out."""
    if values.size < 2:
        return []
    return ((values.sum() - values) / (values.size - 1)).tolist()
