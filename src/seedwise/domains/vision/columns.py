"""Per-example numbers of a classifier, from its logits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from seedwise.errors import SeedwiseError, did_you_mean


def loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the cross-entropy, (n,), in nats."""
    return functional.cross_entropy(logits, targets, reduction="none")


def margin(logits: Tensor, targets: Tensor) -> Tensor:
    """Return z_y - log sum over the others of exp(z), (n,): the logit of the true class's p."""
    own = targets.unsqueeze(1)
    others = logits.scatter(1, own, -torch.inf).logsumexp(dim=1)
    return logits.gather(1, own).squeeze(1) - others


def entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the entropy of the predicted distribution, (n,), in nats."""
    del targets
    logs = functional.log_softmax(logits, dim=1)
    return -(logs.exp() * logs).sum(dim=1)


def correct(logits: Tensor, targets: Tensor) -> Tensor:
    """Return 1 where the largest logit is the true class's, else 0, (n,)."""
    return (logits.argmax(dim=1) == targets).float()


def _logits(logits: Tensor, targets: Tensor) -> Tensor:
    del targets
    return logits


_COLUMNS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "loss": loss,
    "margin": margin,
    "entropy": entropy,
    "correct": correct,
    "logits": _logits,
}


def columns_of(logits: Tensor, targets: Tensor, columns: Sequence[str]) -> dict[str, Tensor]:
    """Return the columns asked for.

    Args:
        logits: One row an example, (n, classes).
        targets: True classes, (n,).
        columns: Among `loss`, `margin`, `entropy`, `correct`, `logits`.

    Raises:
        SeedwiseError: If there is no such column.
    """
    for column in columns:
        if column not in _COLUMNS:
            raise SeedwiseError(f"no column '{column}'; {did_you_mean(column, _COLUMNS)}")
    return {column: _COLUMNS[column](logits, targets) for column in columns}
