from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from seedwise.contracts import Part
from seedwise.domains.federated.ranking.rankers import RANKERS, blank
from seedwise.domains.vision.models import initialise
from seedwise.study.arguments import bind


def made(name, **arguments):
    net = blank(Part(name, bind(RANKERS[name], arguments)), 4)
    initialise(net, np.random.default_rng(0))
    return net


def test_the_linear_one_is_a_weighted_sum():
    net, documents = made("linear-ranker"), torch.randn(5, 3, 4)
    (weight,) = net.parameters()
    assert weight.shape == (1, 4)
    wanted = (documents * weight).sum(-1, keepdim=True)
    assert torch.allclose(net(documents), wanted, atol=1e-6)


def test_the_neural_one_has_sigmoid_layers_and_no_last_bias():
    net = made("neural-ranker", hidden=[3, 2])
    shapes = [tuple(parameter.shape) for parameter in net.parameters()]
    assert shapes == [(3, 4), (3,), (2, 3), (2,), (1, 2)]
    assert [type(layer) for layer in net] == [
        nn.Linear,
        nn.Sigmoid,
        nn.Linear,
        nn.Sigmoid,
        nn.Linear,
    ]
    assert made("neural-ranker")[0].out_features == 64


@pytest.mark.parametrize("name", sorted(RANKERS))
def test_every_parameter_is_drawn_and_there_are_no_buffers(name):
    net = made(name)
    assert all((parameter != 0).all() for parameter in net.parameters())
    assert not list(net.buffers())
    other = blank(Part(name), 4)
    initialise(other, np.random.default_rng(1))
    assert not torch.equal(next(net.parameters()), next(other.parameters()))
