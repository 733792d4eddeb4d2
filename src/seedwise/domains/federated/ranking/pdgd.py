"""Pairwise differentiable gradient descent (Oosterhuis and de Rijke, CIKM 2018), vectorised.

All functions take any number of leading dimensions (seeds, clients, interactions), have no data-
dependent control flow and no state; the noise comes from outside.

A click on document k is a preference for k over every unclicked document l that the user is
thought to have seen: those above the last click and the one right below it. The gradient of an
interaction is

    sum over k >_c l of  rho(k, l) * p_k p_l / (p_k + p_l)^2 * (grad f(k) - grad f(l)),

p = exp(f); rho(k, l) = P(R*) / (P(R) + P(R*)), R the shown ranking and R* the one with k and l
exchanged, removes the bias of position and selection. It is a weighted sum of grad f(d), so a
document has one weight, and the loss -sum of weight * f (weights constant) has this gradient.
"""

from __future__ import annotations

import torch
from torch import Tensor

from seedwise.domains.federated.ranking.whole import whole

_TINY = torch.finfo(torch.float64).tiny


def sample_ranking(scores: Tensor, present: Tensor, gumbel: Tensor, shown: int) -> Tensor:
    """Draw the top of a Plackett-Luce ranking: places of documents, int64, (..., shown).

    Sorting score + Gumbel noise draws from P(R) = prod exp(f(R_i)) / sum_{j >= i} exp(f(R_j))
    (Yellott 1977). Where fewer documents are present than shown, padding follows them.

    Args:
        scores: f, (..., documents).
        present: Which documents there are, bool, (..., documents).
        gumbel: Standard Gumbel noise, (..., documents).
        shown: How many documents to show at most.
    """
    perturbed = (scores.double() + gumbel).masked_fill(~present, -torch.inf)
    order = torch.sort(perturbed, dim=-1, descending=True, stable=True).indices
    return order[..., : min(shown, scores.shape[-1])]


def document_weights(scores: Tensor, present: Tensor, ranking: Tensor, clicks: Tensor) -> Tensor:
    """Return the weight of each document in the gradient of an interaction, float64.

    Args:
        scores: f of all documents of the query, (..., documents); no gradient flows through.
        present: Which documents there are, bool, (..., documents).
        ranking: Places of the shown documents from the top down, (..., shown); see
            `sample_ranking`.
        clicks: Which of them were clicked, bool, (..., shown).

    Returns:
        (..., documents), summing to 0; all 0 where nothing was clicked, or everything seen was.
    """
    every = scores.detach().double().masked_fill(~present, -torch.inf)
    every = every - every.amax(-1, keepdim=True)  # P does not change, exp does not overflow
    there = torch.gather(present, -1, ranking)
    f = torch.gather(every, -1, ranking)
    preferred = clicks.unsqueeze(-1) & _passed_over(clicks, there).unsqueeze(-2)
    apart = _difference(f)
    pair = whole(torch.sigmoid, apart) * whole(torch.sigmoid, -apart)
    unshown = whole(torch.exp, every).scatter(-1, ranking, 0.0).sum(-1, keepdim=True)
    weight = torch.where(preferred, _reversal(f, unshown) * pair, 0.0)
    of_shown = weight.sum(-1) - weight.sum(-2)
    return torch.zeros_like(every).scatter_add(-1, ranking, of_shown)


def _passed_over(clicks: Tensor, there: Tensor) -> Tensor:
    """Return which documents count as seen and not clicked: above the last click, or next to it."""
    clicked = clicks.long()
    at_or_below = clicked.flip(-1).cumsum(-1).flip(-1)
    just_above = torch.cat([torch.zeros_like(clicked[..., :1]), clicked[..., :-1]], dim=-1)
    return (at_or_below + just_above > 0) & ~clicks & there


def _difference(f: Tensor) -> Tensor:
    """Return f_i - f_j, (..., i, j); 0 where both are padding."""
    return (f.unsqueeze(-1) - f.unsqueeze(-2)).nan_to_num(nan=0.0)


def _reversal(f: Tensor, unshown: Tensor) -> Tensor:
    """Return rho = P(R*) / (P(R) + P(R*)) for each pair of ranks, (..., i, j), symmetric.

    With i above j only the denominators of the ranks i < m <= j differ between R and R*: there
    document j has been placed instead of i, so that exp(f_j) gives way to exp(f_i).

    Args:
        f: Scores of the shown documents, (..., shown).
        unshown: Sum of exp(f) over the other documents, (..., 1).
    """
    p, rank = whole(torch.exp, f), torch.arange(f.shape[-1], device=f.device)
    left = _sums(p, rank[None, :] >= rank[:, None], unshown)
    without_below = (rank >= rank[:, None, None]) & (rank != rank[:, None])  # (m, j, n)
    others = _sums(p, without_below, unshown.unsqueeze(-1))
    exchanged = others.unsqueeze(-2) + p[..., None, :, None]  # (..., m, i, j)
    between = (rank[:, None] < rank[:, None, None]) & (rank[:, None, None] <= rank)
    placed = whole(torch.log, exchanged.clamp(min=_TINY))
    ratio = whole(torch.log, left)[..., None, None] - placed
    upper = whole(torch.sigmoid, torch.where(between, ratio, 0.0).sum(-3))
    return torch.where(rank[:, None] < rank, upper, upper.mT)


def _sums(p: Tensor, which: Tensor, unshown: Tensor) -> Tensor:
    """Return the sum of p over the shown documents of a mask, and of the unshown ones.

    Products and sums rather than a matrix product, whose bits may depend on the batch.
    """
    terms = p.reshape(*p.shape[:-1], *[1] * (which.ndim - 1), p.shape[-1]) * which
    return (terms.sum(-1) + unshown).clamp(min=_TINY)
