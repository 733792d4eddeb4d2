from __future__ import annotations

import pytest
import torch

from seedwise.domains.language.generation import greedy

PROMPTS = [[5, 6], [7], [8, 9], [5], [9, 9, 4]]


def by_hand(model, prompt, most, end):
    """The oracle: no batch, no cache, one token after the other."""
    said = []
    for _ in range(most):
        said.append(int(model(torch.tensor([prompt + said])).logits[0, -1].argmax()))
        if said[-1] == end:
            break
    return said


def cut(tokens, end):
    return tokens[: tokens.index(end) + 1] if end in tokens else tokens


@pytest.mark.parametrize("chunk", [1, 2, 64])
def test_batches_with_a_cache_say_the_same_as_one_by_one(model, chunk):
    first = greedy(model, PROMPTS, 6, end=-1, chunk=64)
    end = first[0][2]
    found = [cut(one, end) for one in greedy(model, PROMPTS, 6, end=end, chunk=chunk)]
    assert found == [by_hand(model, prompt, 6, end) for prompt in PROMPTS]


def test_the_context_is_not_exceeded(model):
    context = model.config.max_position_embeddings
    prompt = [3] * (context - 2)
    assert len(greedy(model, [prompt], 10, end=-1, chunk=4)[0]) == 3
