"""Distances between the outputs of two torch models, of classes and of sequences alike.

Imported inside methods: this module needs torch.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from seedwise.contracts.tokens import IGNORED


def mean_of_tokens(values: Tensor, targets: Tensor) -> Tensor:
    """Return one value an example, (n,): as it is, or the mean over a sequence's answer.

    Args:
        values: (n,), or (n, length) of sequences.
        targets: (n,), or (n, length) with `IGNORED` where there is no token of an answer.
    """
    if values.ndim == 1:
        return values
    mask = targets != IGNORED
    return values.where(mask, 0.0).sum(dim=1) / mask.sum(dim=1).clamp(min=1)


def divergence(teacher: Tensor, student: Tensor, targets: Tensor, temperature: float) -> Tensor:
    """Return T^2 KL(softmax(teacher / T) || softmax(student / T)) of each example, (n,).

    Hinton et al., "Distilling the Knowledge in a Neural Network" (2015).

    Args:
        teacher: Logits, (n, classes) or (n, length, vocabulary).
        student: Logits, likewise.
        targets: Where a sequence's answer is; see `mean_of_tokens`.
        temperature: T.
    """
    before = functional.log_softmax(teacher / temperature, dim=-1)
    now = functional.log_softmax(student / temperature, dim=-1)
    each = (before.exp() * (before - now)).sum(dim=-1)
    return mean_of_tokens(each, targets) * temperature**2
