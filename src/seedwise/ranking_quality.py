"""How good rankings are: nDCG and the reciprocal rank, under a convention that is spelled out.

One fixed ranking has quite different values of nDCG under the conventions in use, so none is
silent here. numpy only: metrics compute it from kept outputs, domains from what users were shown.

Queries are padded to one length: `scores` and `relevance` are (queries, documents), and where a
query has no more documents its relevance is `PADDING`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import gammaln

PADDING = -1
"""Relevance where there is no document."""

Gain = Literal["linear", "exponential"]
NoRelevant = Literal["skip", 0, 1]
Ties = Literal["average", "order"]


@dataclass(frozen=True)
class Convention:
    """What has to be said for nDCG to be a number.

    Args:
        k: Documents that count, from the top; None for all.
        gain: `exponential`, 2^label - 1 (Burges et al. 2005), or `linear`, the label (Järvelin
            and Kekäläinen 2002; trec_eval; scikit-learn).
        no_relevant: Value of a query without a relevant document: 0, 1, or `skip` it.
        ties: Documents of equal score: `average` over their orders (McSherry and Najork 2008;
            scikit-learn), or the `order` in which they stand in the data.

    Example:
        >>> Convention(k=10).gain
        'exponential'
    """

    k: int | None = 10
    gain: Gain = "exponential"
    no_relevant: NoRelevant = "skip"
    ties: Ties = "average"


def ndcg(scores: np.ndarray, relevance: np.ndarray, convention: Convention) -> np.ndarray:
    """Return the normalised discounted cumulative gain of each query, (queries,), in [0, 1].

    DCG is the sum of gain / log2(1 + rank) over the first k ranks; nDCG divides it by the DCG of
    the best ranking of the same documents.

    Args:
        scores: Scores, (queries, documents); higher ranks first.
        relevance: Labels 0, 1, ..., `PADDING` where there is no document, of the same shape.
        convention: Cut-off, gain, ties, and what a query without relevant documents counts.

    Returns:
        One value a query; NaN where the convention skips it.

    Example:
        >>> import numpy as np
        >>> scores, labels = np.array([[2.0, 1.0]]), np.array([[0.0, 1.0]])
        >>> ndcg(scores, labels, Convention(k=2)).round(4).tolist()
        [0.6309]
    """
    gains = _gains(np.maximum(relevance, 0), convention.gain)
    weights = _discounts(gains.shape[1], convention.k)
    best = -np.sort(-gains, axis=1) @ weights
    order = ranked(scores, relevance)
    placed = np.take_along_axis(gains, order, axis=1)
    if convention.ties == "average":
        placed = _shared(placed, _tied(scores, relevance, order))
    empty = 1.0 if convention.no_relevant == 1 else 0.0
    values = np.where(best > 0, placed @ weights / np.where(best > 0, best, 1.0), empty)
    skipped = (best == 0) & (convention.no_relevant == "skip")
    return np.where(skipped, np.nan, values)


def reciprocal_rank(
    scores: np.ndarray, relevance: np.ndarray, convention: Convention, *, least: int = 1
) -> np.ndarray:
    """Return 1 / rank of the first relevant document of each query, 0 below rank k, (queries,).

    Its mean over queries is the MRR. Within documents of equal score the expectation over their
    orders is taken: with r relevant ones of n, the first is at place j with probability
    C(n - j, r - 1) / C(n, r).

    Args:
        scores: Scores, (queries, documents); higher ranks first.
        relevance: Labels 0, 1, ..., `PADDING` where there is no document, of the same shape.
        convention: Cut-off, ties, and what a query without relevant documents counts.
        least: The smallest label that is relevant.

    Example:
        >>> import numpy as np
        >>> scores, labels = np.array([[3.0, 2.0, 2.0]]), np.array([[0.0, 1.0, 0.0]])
        >>> reciprocal_rank(scores, labels, Convention(ties="order")).tolist()
        [0.5]
        >>> reciprocal_rank(scores, labels, Convention(ties="average")).round(3).tolist()
        [0.417]
    """
    order = ranked(scores, relevance)
    hits = np.take_along_axis(relevance >= least, order, axis=1)
    ranks = np.arange(1, hits.shape[1] + 1)
    worth = np.where(ranks <= (convention.k or hits.shape[1]), 1.0 / ranks, 0.0)
    if convention.ties == "order":
        first = (np.cumsum(hits, axis=1) == 1) & hits
    else:
        first = _first_of_ties(hits, _tied(scores, relevance, order))
    empty = ~hits.any(axis=1)
    value = {"skip": np.nan, 0: 0.0, 1: 1.0}[convention.no_relevant]
    return np.where(empty, value, first @ worth)


def ranked(scores: np.ndarray, relevance: np.ndarray) -> np.ndarray:
    """Return the places of documents from the highest score down, padding last, like `scores`.

    Example:
        >>> import numpy as np
        >>> ranked(np.array([[1.0, 2.0, 9.0]]), np.array([[0, 0, PADDING]])).tolist()
        [[1, 0, 2]]
    """
    return np.lexsort((-scores, relevance == PADDING), axis=-1)


def _gains(relevance: np.ndarray, gain: Gain) -> np.ndarray:
    return relevance.astype(float) if gain == "linear" else np.exp2(relevance.astype(float)) - 1


def _discounts(length: int, k: int | None) -> np.ndarray:
    ranks = np.arange(1, length + 1)
    return np.where(ranks <= (k or length), 1.0 / np.log2(1.0 + ranks), 0.0)


def _tied(scores: np.ndarray, relevance: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return a number for each rank that documents of one query with equal scores share."""
    told_apart = np.where(relevance == PADDING, np.nan, scores)
    placed = np.take_along_axis(told_apart, order, axis=1)
    return np.cumsum(_starts(placed).reshape(-1)).reshape(scores.shape) - 1


def _shared(gains: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Give every document the mean gain of those it is tied with."""
    flat = groups.reshape(-1)
    means = np.bincount(flat, gains.reshape(-1)) / np.bincount(flat)
    return means[groups]


def _first_of_ties(hits: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the probability that each rank holds the first relevant document."""
    flat = groups.reshape(-1)
    size, relevant = np.bincount(flat)[groups], np.bincount(flat, hits.reshape(-1))[groups]
    starts = np.maximum.accumulate(np.where(_starts(groups), np.arange(hits.shape[1]), 0), axis=1)
    place = np.arange(1, hits.shape[1] + 1) - starts
    before = np.cumsum(hits, axis=1) - hits
    met = np.take_along_axis(before, starts, axis=1) > 0
    possible = (relevant > 0) & ~met & (place <= size - relevant + 1)
    n, r, j = (np.where(possible, value, 1.0) for value in (size, relevant, place))
    chance = np.exp(_log_choose(n - j, r - 1) - _log_choose(n, r))
    return np.where(possible, chance, 0.0)


def _starts(values: np.ndarray) -> np.ndarray:
    """Return where a row's value is not the one before it."""
    new = np.ones(values.shape, dtype=bool)
    new[:, 1:] = values[:, 1:] != values[:, :-1]
    return new


def _log_choose(n: np.ndarray, r: np.ndarray) -> np.ndarray:
    return gammaln(n + 1) - gammaln(r + 1) - gammaln(n - r + 1)
