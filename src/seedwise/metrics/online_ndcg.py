"""Online quality of a ranker: of the rankings that users saw while it learnt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from seedwise.contracts import Context, Subject
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric("online-ndcg", level="record", bounds=(0.0, None), direction="report")
def online_ndcg(
    subjects: Sequence[Subject], against: Sequence[Subject], seeds: SeedStreams, ctx: Context
) -> Mapping[str, float]:
    """Return the discounted sum over rounds of the mean nDCG@10 of the rankings users were shown.

    sum_t discount^t m_t, m_t the mean over a round's clients and interactions (gain 2^label - 1,
    a query without relevant documents counts 0); the discount is the recipe's. It grows with the
    number of rounds: compare runs of equally many. Of an unlearned model it is what users saw
    while it was unlearned.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.

    Returns:
        `online-ndcg`, NaN where no user saw a ranking (e.g. unlearning at the server alone).
    """
    counts = subjects[0].record.get("counts", {})
    return {"online-ndcg": float(counts.get("online-ndcg", math.nan))}
