"""Offline quality of a ranker: normalised discounted cumulative gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from pydantic import PositiveInt

from seedwise import ranking_quality
from seedwise.contracts import Context, Subject
from seedwise.errors import DataError
from seedwise.metrics.splits import evaluated
from seedwise.ranking_quality import Convention
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric("ndcg", bounds=(0.0, 1.0), needs=("scores", "relevance"), unit="share")
def ndcg(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    k: PositiveInt | None = 10,
    gain: Literal["linear", "exponential"] = "exponential",
    no_relevant: Literal["skip", 0, 1] = "skip",
    ties: Literal["average", "order"] = "average",
    splits: tuple[str, ...] | None = None,
) -> Mapping[str, float]:
    """Return the mean over queries of nDCG@k (Järvelin and Kekäläinen, TOIS 2002).

    One ranking has different values under different conventions, so compare values of one only;
    see `seedwise.ranking_quality.Convention`.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        k: Documents that count, from the top; None for all.
        gain: `exponential`, 2^label - 1, or `linear`, the label.
        no_relevant: What a query without a relevant document counts, or `skip`.
        ties: Documents of equal score: `average` over their orders, or the data's `order`.
        splits: Where; by default those of `forget`, `retain`, `test` that exist.

    Returns:
        `ndcg/<split>`, each in [0, 1].

    Raises:
        DataError: If every query of a split is skipped.
    """
    convention = Convention(k, gain, no_relevant, ties)
    found = {}
    for split in evaluated(subjects[0].problem, splits):
        outputs = subjects[0].outputs(split)
        values = ranking_quality.ndcg(outputs["scores"], outputs["relevance"], convention)
        found[f"ndcg/{split}"] = mean_over_queries(values, split)
    return found


def mean_over_queries(values: np.ndarray, split: str) -> float:
    """Return the mean of one value a query, without those that the convention skips.

    Raises:
        DataError: If all of them are skipped.

    Example:
        >>> import numpy as np
        >>> mean_over_queries(np.array([1.0, np.nan, 0.5]), "test")
        0.75
    """
    if np.isnan(values).all():
        raise DataError(
            f"none of the {len(values)} queries of '{split}' has a relevant document and "
            "'no_relevant' skips such queries; set it to 0 or 1"
        )
    return float(np.nanmean(values))
