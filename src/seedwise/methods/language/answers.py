"""Losses on the tokens of answers, averaged per answer and never over prompt or padding.

Imported inside methods: this module needs torch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional

from seedwise.contracts import Batch
from seedwise.contracts.tokens import IGNORED, TokenProblem

Retain = Literal["nll", "kl"]
"""Loss on the retain set: of the answers, or KL from the original's predictions to the model's."""

_CHUNK = 64
_BYTES = 2**28
"""What the frozen logits of a split may take."""


def is_answer(targets: Tensor) -> Tensor:
    """Return which positions predict a token of the answer, (n, length)."""
    return targets != IGNORED


def mean_over(values: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of each row's values where the mask is set (0 where it is not), (n,)."""
    return values.where(mask, 0.0).sum(dim=1) / mask.sum(dim=1).clamp(min=1)


def token_losses(scores: Tensor, targets: Tensor) -> Tensor:
    """Return the negative log-probability of every target, 0 where there is none, (n, length)."""
    return functional.cross_entropy(
        scores.transpose(1, 2), targets, ignore_index=IGNORED, reduction="none"
    )


def summed(problem: TokenProblem[Any], model: Any, batch: Batch) -> Tensor:
    """Return the negative log-probability of each whole answer, (n,)."""
    return problem.losses(model, batch) * is_answer(batch.targets).sum(dim=1)


def frozen(
    problem: TokenProblem[Any],
    original: Any,
    split: str,
    make: Callable[[Batch], Batch] = lambda batch: batch,
) -> Callable[[Batch], Tensor]:
    """Compute the original's summed losses once; returns a function that looks them up.

    Args:
        problem: Gives batches.
        original: The frozen model.
        split: The examples.
        make: Turns a batch into the one to score, e.g. with other answers.
    """
    with torch.no_grad():
        parts = [
            summed(problem, original, to_device(make(batch), original)).cpu()
            for batch in problem.batches(split, _CHUNK)
        ]
    places = torch.as_tensor(problem.index(split))
    known = torch.zeros(int(places.max()) + 1, dtype=parts[0].dtype)
    known[places] = torch.cat(parts)
    return lambda batch: known[batch.index].to(batch.inputs.device)


def frozen_scores(
    problem: TokenProblem[Any], original: Any, split: str, budget: int = _BYTES
) -> Callable[[Batch], Tensor]:
    """Return a function that gives the original's logits at the answers' tokens of a batch.

    They are computed once and looked up, (n, length, vocabulary) with 0 elsewhere, where they fit
    into a budget; else the original is run on every batch.

    Args:
        problem: Gives batches.
        original: The frozen model.
        split: The examples.
        budget: Bytes that the logits may take.
    """

    @torch.no_grad()
    def compute(batch: Batch) -> Tensor:
        return problem.scores(original, to_device(batch, original))

    tokens = sum(int(is_answer(batch.targets).sum()) for batch in problem.batches(split, _CHUNK))
    probe = compute(next(problem.batches(split, 1)))
    if tokens * probe.shape[2] * probe.element_size() > budget:
        return compute
    known = {
        int(place): row[mask.to(row.device)].cpu()
        for batch in problem.batches(split, _CHUNK)
        for place, row, mask in zip(
            batch.index, compute(batch), is_answer(batch.targets), strict=True
        )
    }

    def look_up(batch: Batch) -> Tensor:
        shape = (*batch.targets.shape, probe.shape[2])
        found = torch.zeros(shape, dtype=probe.dtype, device=batch.inputs.device)
        rows = torch.cat([known[int(place)] for place in batch.index])
        found[is_answer(batch.targets)] = rows.to(found.device)
        return found

    return look_up


def to_device(batch: Batch, model: Any) -> Batch:
    """Return a batch on the device of a model; its index stays on the host."""
    device = next(model.parameters()).device
    return Batch(batch.index, batch.inputs.to(device), batch.targets.to(device))


def kl_to_original(problem: TokenProblem[Any], model: Any, original: Any, batch: Batch) -> Tensor:
    """Return each answer's mean over tokens of KL(original || model), (n,)."""
    with torch.no_grad():
        before = functional.log_softmax(problem.scores(original, batch), dim=2)
    now = functional.log_softmax(problem.scores(model, batch), dim=2)
    divergence = (before.exp() * (before - now)).sum(dim=2)
    return mean_over(divergence, is_answer(batch.targets))


def with_retain(
    problem: TokenProblem[Any],
    original: Any,
    forget_loss: Callable[[Any, Batch], Tensor],
    gamma: float,
    alpha: float,
    retain: Retain,
) -> Callable[[Any, Batch, Batch], Tensor]:
    """Return the objective gamma mean(forget loss) + alpha mean(retain loss).

    Args:
        problem: Gives losses.
        original: The frozen model.
        forget_loss: Loss of each forget example, (n,).
        gamma: Weight of the forget set.
        alpha: Weight of the retain set; with 0 its batches are not computed on.
        retain: Loss on the retain set.
    """

    def objective(model: Any, forget: Batch, kept: Batch) -> Tensor:
        loss = gamma * forget_loss(model, forget).mean()
        if alpha == 0:
            return loss
        if retain == "kl":
            return loss + alpha * kl_to_original(problem, model, original, kept).mean()
        return loss + alpha * problem.losses(model, kept).mean()

    return objective
