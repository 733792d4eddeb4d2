"""Greedy answers to many prompts at once, with the model's cache of keys and values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor


def greedy(
    model: Any, prompts: Sequence[Sequence[int]], most: int, end: int, chunk: int
) -> list[list[int]]:
    """Return the greedy continuation of every prompt, up to its end or `most` tokens.

    Prompts of the same length share a batch, so that nothing is padded and an answer is the one
    the model gives to its prompt alone.

    Args:
        model: A causal model of `transformers`.
        prompts: Token numbers.
        most: Tokens to generate at most; fewer where the model's context ends.
        end: The token that ends an answer.
        chunk: Prompts of a batch at most.
    """
    answers: list[list[int]] = [[] for _ in prompts]
    context = model.config.max_position_embeddings
    for places in _alike(prompts, chunk):
        ask = torch.tensor([prompts[place] for place in places], device=model.device)
        room = min(most, context - ask.shape[1] + 1)
        for place, row in zip(places, _continued(model, ask, room, end).tolist(), strict=True):
            answers[place] = row
    return answers


def _alike(prompts: Sequence[Sequence[int]], chunk: int) -> Iterator[list[int]]:
    by_length: dict[int, list[int]] = {}
    for place, prompt in enumerate(prompts):
        by_length.setdefault(len(prompt), []).append(place)
    for places in by_length.values():
        for begin in range(0, len(places), chunk):
            yield places[begin : begin + chunk]


@torch.inference_mode()
def _continued(model: Any, ask: Tensor, most: int, end: int) -> Tensor:
    ended = torch.zeros(len(ask), dtype=torch.bool, device=ask.device)
    cache, last, found = None, ask, []
    for _ in range(most):
        made = model(last, past_key_values=cache, use_cache=True)
        cache, last = made.past_key_values, made.logits[:, -1:].argmax(dim=2)
        found.append(last)
        ended |= last.squeeze(1) == end
        if ended.all():
            break
    return torch.cat(found, dim=1)
