"""Offline quality of a ranker client by client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from pydantic import PositiveInt

from seedwise import ranking_quality
from seedwise.contracts import Context, Subject
from seedwise.metrics.client_accuracy import SPLITS, by_client
from seedwise.ranking_quality import Convention
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric("client-ndcg", bounds=(0.0, 1.0), needs=("scores", "relevance", "client"), unit="share")
def client_ndcg(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    k: PositiveInt | None = 10,
    gain: Literal["linear", "exponential"] = "exponential",
    no_relevant: Literal["skip", 0, 1] = "skip",
    ties: Literal["average", "order"] = "average",
) -> Mapping[str, float]:
    """Return the mean over clients of each client's nDCG@k, and the lowest one.

    Unlike `ndcg`, which is a mean over queries, clients count equally. No client is without a
    relevant document, so each has a value under every convention.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        k: Documents that count, from the top; None for all.
        gain: `exponential`, 2^label - 1, or `linear`, the label.
        no_relevant: What a query without a relevant document counts, or `skip`.
        ties: Documents of equal score: `average` over their orders, or the data's `order`.

    Returns:
        `client-ndcg/forget` and `/retain`, and `/forget-worst` and `/retain-worst`.
    """
    convention, found = Convention(k, gain, no_relevant, ties), {}
    for split in SPLITS:
        outputs = subjects[0].outputs(split)
        values = ranking_quality.ndcg(outputs["scores"], outputs["relevance"], convention)
        counts = ~np.isnan(values)
        each = by_client(values[counts], outputs["client"][counts])
        found[f"client-ndcg/{split}"] = float(each.mean())
        found[f"client-ndcg/{split}-worst"] = float(each.min())
    return found
