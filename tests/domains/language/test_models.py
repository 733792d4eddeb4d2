from __future__ import annotations

import pytest
import torch

from seedwise.contracts import Part
from seedwise.domains.language.models import SPREAD, blank, initialise
from seedwise.errors import DataError
from seedwise.seeds import SeedStreams


def started(name, seed=0, **arguments):
    model = blank(Part(name, arguments), 300)
    initialise(model, SeedStreams("train", training=seed).generator("init"))
    return model


def test_the_default_llama_has_148_thousand_parameters():
    model = blank(Part("llama"), 1024)
    assert sum(parameter.numel() for parameter in model.parameters()) == 147_776


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_the_start_comes_from_its_stream_alone(name):
    before = torch.random.get_rng_state()
    one, again, other = started(name), started(name), started(name, seed=1)
    assert torch.equal(torch.random.get_rng_state(), before)
    for mine, same, theirs in zip(
        one.parameters(), again.parameters(), other.parameters(), strict=True
    ):
        assert torch.equal(mine, same)
        assert mine.ndim == 1 or not torch.equal(mine, theirs)


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_matrices_are_drawn_gains_are_one_and_biases_nought(name):
    for label, parameter in started(name).named_parameters():
        if parameter.ndim > 1:
            assert abs(parameter.std().item() / SPREAD - 1) < 0.1, label
        else:
            assert set(parameter.tolist()) == ({0.0} if label.endswith("bias") else {1.0}), label


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_nothing_is_drawn_in_training_mode(name):
    model = started(name).train()
    tokens = torch.arange(12).reshape(2, 6)
    assert torch.equal(model(tokens).logits, model(tokens).logits)


@pytest.mark.parametrize(("name", "width"), [("llama", 20), ("gpt2", 18)])
def test_heads_must_divide_the_width(name, width):
    with pytest.raises(DataError, match=f"width {width} must be a multiple"):
        blank(Part(name, {"width": width, "heads": 4}), 300)
