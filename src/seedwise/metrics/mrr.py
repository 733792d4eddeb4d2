"""Offline quality of a ranker: how far down the first relevant document stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import PositiveInt

from seedwise.contracts import Context, Subject
from seedwise.metrics.ndcg import mean_over_queries
from seedwise.metrics.splits import evaluated
from seedwise.ranking_quality import Convention, reciprocal_rank
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric("mrr", bounds=(0.0, 1.0), needs=("scores", "relevance"), unit="share")
def mrr(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    k: PositiveInt | None = 10,
    least: PositiveInt = 1,
    no_relevant: Literal["skip", 0, 1] = "skip",
    ties: Literal["average", "order"] = "average",
    splits: tuple[str, ...] | None = None,
) -> Mapping[str, float]:
    """Return the mean over queries of 1 / rank of the first relevant document, 0 below rank k.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        k: Ranks that count; None for all.
        least: The smallest label that is relevant.
        no_relevant: What a query without a relevant document counts, or `skip`.
        ties: Documents of equal score: `average` over their orders, or the data's `order`.
        splits: Where; by default those of `forget`, `retain`, `test` that exist.

    Returns:
        `mrr/<split>`, each in [0, 1].

    Raises:
        DataError: If every query of a split is skipped.
    """
    convention = Convention(k, no_relevant=no_relevant, ties=ties)
    found = {}
    for split in evaluated(subjects[0].problem, splits):
        outputs = subjects[0].outputs(split)
        values = reciprocal_rank(outputs["scores"], outputs["relevance"], convention, least=least)
        found[f"mrr/{split}"] = mean_over_queries(values, split)
    return found
