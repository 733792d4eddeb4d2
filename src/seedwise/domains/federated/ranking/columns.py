"""Per-query numbers of a ranker: what its scores say, and how right they are.

Scores are read as the Plackett-Luce model that PDGD trains: P(d first) = softmax(f)_d.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from seedwise.ranking_quality import PADDING


def listwise_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Return the top-one cross-entropy of ListNet (Cao et al., ICML 2007) of each query, (n,).

    -sum_d q_d log p_d with p = softmax(scores) and q = softmax(labels).

    Args:
        scores: (n, documents).
        labels: int64, (n, documents), `PADDING` where there is no document.

    Example:
        >>> import torch
        >>> labels = torch.tensor([[2, 0, PADDING]])
        >>> listwise_loss(torch.zeros(1, 3), labels).exp().round(decimals=4)
        tensor([2.])
    """
    there = labels != PADDING
    wanted = torch.softmax(labels.to(scores.dtype).masked_fill(~there, -torch.inf), -1)
    return -(wanted * _log_first(scores, labels).masked_fill(~there, 0.0)).sum(-1)


def top_entropy(scores: Tensor, labels: Tensor) -> Tensor:
    """Return the entropy, in nats, of which document comes first, (n,)."""
    log_first = _log_first(scores, labels)
    return -(log_first.exp() * log_first.masked_fill(labels == PADDING, 0.0)).sum(-1)


def margin(scores: Tensor, labels: Tensor) -> Tensor:
    """Return the log odds that one of the most relevant documents comes first, (n,).

    0 where all documents are equally relevant, as there is nothing to be right about.
    """
    best = labels == labels.amax(-1, keepdim=True)
    others = ~best & (labels != PADDING)
    odds = _log_sum(scores, best) - _log_sum(scores, others)
    return torch.where(others.any(-1), odds, 0.0)


def first_is_best(scores: Tensor, labels: Tensor) -> Tensor:
    """Return 1 where the document with the largest score is one of the most relevant, else 0."""
    first = scores.masked_fill(labels == PADDING, -torch.inf).argmax(-1, keepdim=True)
    return (torch.gather(labels, -1, first).squeeze(-1) == labels.amax(-1)).float()


NUMBERS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "loss": listwise_loss,
    "margin": margin,
    "entropy": top_entropy,
    "correct": first_is_best,
    "scores": lambda scores, labels: scores.masked_fill(labels == PADDING, 0.0),
    "relevance": lambda scores, labels: labels,
}
"""Columns by name: (scores, labels) -> (n,) or (n, documents)."""


def _log_first(scores: Tensor, labels: Tensor) -> Tensor:
    return torch.log_softmax(scores.masked_fill(labels == PADDING, -torch.inf), -1)


def _log_sum(scores: Tensor, which: Tensor) -> Tensor:
    return torch.logsumexp(scores.masked_fill(~which, -torch.inf), -1)
