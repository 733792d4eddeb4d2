"""Per-example numbers of an answer, from the logits at its tokens.

Every number is defined per answer, its end included. Lengths are in tokens, logarithms natural.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional

from seedwise.contracts.tokens import IGNORED

LOWEST = 0.4
"""Share of an answer's least likely tokens that the min-k attacks read (OpenUnlearning's)."""


class Scored:
    """A batch of answers with the logits that predict their tokens.

    Args:
        logits: One row a token of an answer, (tokens, vocabulary).
        targets: (n, length), `IGNORED` where there is no token of an answer.
    """

    def __init__(self, logits: Tensor, targets: Tensor) -> None:
        self.logits = logits
        self.mask = targets != IGNORED
        self.tokens = targets[self.mask]

    @cached_property
    def lengths(self) -> Tensor:
        """Tokens of each answer, (n,)."""
        return self.mask.sum(dim=1)

    @cached_property
    def logs(self) -> Tensor:
        """Log-probabilities of the whole vocabulary, (tokens, vocabulary)."""
        return functional.log_softmax(self.logits, dim=1)

    @cached_property
    def own(self) -> Tensor:
        """Log-probability of every true token, (tokens,)."""
        return self.logs.gather(1, self.tokens.unsqueeze(1)).squeeze(1)

    @cached_property
    def right(self) -> Tensor:
        """Whether the largest logit is the true token's, (tokens,)."""
        return self.logits.argmax(dim=1) == self.tokens

    def spread(self, values: Tensor, fill: float = 0.0) -> Tensor:
        """Return one value a token as (n, length), `fill` elsewhere."""
        empty = torch.full(self.mask.shape, fill, dtype=values.dtype, device=values.device)
        return empty.masked_scatter(self.mask, values)

    def mean(self, values: Tensor) -> Tensor:
        """Return the mean over the tokens of each answer, (n,)."""
        return self.spread(values).sum(dim=1) / self.lengths

    def lowest(self, values: Tensor) -> Tensor:
        """Return the mean over the lowest share `LOWEST` of each answer's values, (n,)."""
        ordered = self.spread(values, fill=torch.inf).sort(dim=1).values
        count = (self.lengths * LOWEST).long().clamp(min=1)
        kept = torch.arange(ordered.shape[1], device=ordered.device) < count.unsqueeze(1)
        return ordered.where(kept, 0.0).sum(dim=1) / count


def loss(scored: Scored) -> Tensor:
    """Return the mean negative log-probability of the answer's tokens."""
    return -scored.mean(scored.own)


def margin(scored: Scored) -> Tensor:
    """Return the mean over tokens of z_y - log sum over the others of exp(z)."""
    own = scored.tokens.unsqueeze(1)
    others = scored.logits.scatter(1, own, -torch.inf).logsumexp(dim=1)
    return scored.mean(scored.logits.gather(1, own).squeeze(1) - others)


def entropy(scored: Scored) -> Tensor:
    """Return the mean over tokens of the entropy of the predicted distribution."""
    return scored.mean(-(scored.logs.exp() * scored.logs).sum(dim=1))


def correct(scored: Scored) -> Tensor:
    """Return 1 where every token's largest logit is the true one (greedy decoding finds it)."""
    return (exact(scored) == 1.0).float()


def exact(scored: Scored) -> Tensor:
    """Return the share of tokens whose largest logit is the true one (exact memorisation)."""
    return scored.mean(scored.right.float())


def extraction(scored: Scored) -> Tensor:
    """Return 1 - k / length for the smallest k from which on all tokens are right.

    Carlini et al., "Extracting Training Data from Large Language Models" (2021), as
    OpenUnlearning has it, but reaching 0 when the last token is wrong.
    """
    place = scored.mask.cumsum(dim=1)
    wrong = scored.mask & ~scored.spread(scored.right.float()).bool()
    return 1.0 - (place * wrong).amax(dim=1) / scored.lengths


def min_k(scored: Scored) -> Tensor:
    """Return the mean log-probability of the least likely 40 % of the tokens.

    Shi et al., "Detecting Pretraining Data from Large Language Models" (ICLR 2024).
    """
    return scored.lowest(scored.own)


def min_k_plus(scored: Scored) -> Tensor:
    """Return the same of log-probabilities standardised over the vocabulary.

    Zhang et al., "Min-K%++" (ICLR 2025): (log p_y - mu) / sigma with mu and sigma the mean and
    standard deviation of log p under p itself.
    """
    probabilities = scored.logs.exp()
    centre = (probabilities * scored.logs).sum(dim=1)
    spread = (probabilities * (scored.logs - centre.unsqueeze(1)).square()).sum(dim=1).sqrt()
    return scored.lowest((scored.own - centre) / spread.clamp(min=1e-6))


FORWARD: Mapping[str, Callable[[Scored], Tensor]] = {
    "loss": loss,
    "margin": margin,
    "entropy": entropy,
    "correct": correct,
    "exact": exact,
    "extraction": extraction,
    "min-k": min_k,
    "min-k-plus": min_k_plus,
}
"""The columns of the pass `forward`."""
