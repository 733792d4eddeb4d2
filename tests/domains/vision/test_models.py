from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from seedwise.contracts import Part
from seedwise.domains.vision.models import blank, initialise
from seedwise.domains.weights import digest
from seedwise.errors import DataError


def made(name, shape, seed=0, **arguments):
    model = blank(Part(name, arguments), shape, 10)
    initialise(model, np.random.default_rng(seed))
    return model


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (3, 32, 32), (4, 5, 9)])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("mlp", {}),
        ("mlp", {"hidden": []}),
        ("mlp", {"hidden": [7, 5]}),
        ("cnn", {}),
        ("cnn", {"channels": [4], "pooling": "average", "hidden": [6]}),
        ("cnn", {"channels": []}),
    ],
)
def test_every_shape_gives_ten_logits(name, arguments, shape):
    with torch.no_grad():
        logits = made(name, shape, **arguments)(torch.zeros(3, *shape))
    assert logits.shape == (3, 10)
    assert torch.isfinite(logits).all()


def test_layers_are_those_asked_for():
    widths = [
        layer.out_features
        for layer in made("mlp", (12,), hidden=[7, 5])
        if hasattr(layer, "out_features")
    ]
    assert widths == [7, 5, 10]
    net = made("cnn", (3, 8, 8), channels=[4, 6], pooling="average")
    assert [m.out_channels for m in net.modules() if isinstance(m, nn.Conv2d)] == [4, 6]
    assert sum(isinstance(m, nn.AvgPool2d) for m in net.modules()) == 2


@pytest.mark.parametrize("shape", [(64,), (1, 3, 8), (1, 8, 3)])
def test_inputs_that_are_too_small_for_the_poolings_are_refused(shape):
    with pytest.raises(DataError, match="at least 4 pixels a side"):
        blank(Part("cnn"), shape, 10)


@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_the_start_is_uniform_within_one_over_the_root_of_the_fan_in(name):
    model = made(name, (1, 16, 16))
    for layer in model.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            bound = 1 / math.sqrt(layer.weight[0].numel())
            values = layer.weight.detach().flatten()
            assert values.abs().max() <= bound
            assert layer.bias.detach().abs().max() <= bound
            error = 4 * bound / math.sqrt(len(values))
            assert abs(values.square().mean().sqrt() - bound / math.sqrt(3)) < error


def test_the_generator_decides_the_start():
    assert digest(made("mlp", (64,))) == digest(made("mlp", (64,)))
    assert digest(made("mlp", (64,))) != digest(made("mlp", (64,), seed=1))


def test_making_a_net_touches_no_global_generator():
    ours, numpys = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    made("cnn", (1, 8, 8))
    assert torch.equal(torch.get_rng_state(), ours)
    assert np.array_equal(np.random.get_state()[1], numpys)  # noqa: NPY002


def test_a_layer_without_a_written_start_is_refused():
    with pytest.raises(TypeError, match="BatchNorm1d"):
        initialise(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), np.random.default_rng(0))
