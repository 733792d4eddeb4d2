from __future__ import annotations

import pytest
import torch
from torch.func import functional_call, vmap

from seedwise.contracts import Part
from seedwise.domains.federated.ranking.rankers import blank
from seedwise.domains.federated.ranking.side_by_side import scores
from seedwise.domains.federated.ranking.whole import whole

RANKERS = {
    "linear": Part("linear-ranker"),
    "narrow": Part("neural-ranker", {"hidden": (7,)}),
    "deep": Part("neural-ranker", {"hidden": (33, 10)}),
}
ROWS = 11


def made(ranker, features, documents):
    """Return the ranker, parameters and documents for `ROWS` rows."""
    net, draw = blank(RANKERS[ranker], features), torch.Generator().manual_seed(0)
    named = {
        name: torch.randn(ROWS, *value.shape, generator=draw)
        for name, value in net.named_parameters()
    }
    return net, named, torch.randn(ROWS, documents, features, generator=draw)


def learnt(net, parameters, features, places):
    """Return scores and gradients of some rows."""
    own = {name: value[places].requires_grad_() for name, value in parameters.items()}
    found = scores(net, own, features[places])
    return [found.detach(), *torch.autograd.grad(found.square().sum(), list(own.values()))]


@pytest.mark.parametrize("ranker", sorted(RANKERS))
def test_scores_and_gradients_are_those_of_the_module(ranker):
    net, parameters, features = made(ranker, 5, 4)
    own = {name: value.requires_grad_() for name, value in parameters.items()}
    wanted = vmap(lambda p, x: functional_call(net, p, (x,)))(own, features).squeeze(-1)
    expected = [wanted, *torch.autograd.grad(wanted.square().sum(), list(own.values()))]
    for one, other in zip(learnt(net, parameters, features, range(ROWS)), expected, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("ranker", sorted(RANKERS))
@pytest.mark.parametrize(("features", "documents"), [(3, 5), (13, 121), (46, 9), (136, 40)])
def test_neither_number_nor_order_of_rows_changes_a_bit(ranker, features, documents):
    """At sizes at which `torch.bmm` and `torch.sigmoid` do change some."""
    net, parameters, inputs = made(ranker, features, documents)
    every = learnt(net, parameters, inputs, list(range(ROWS)))
    for places in (list(range(ROWS))[::-1], [3, 7], [5, 5], [10, 0, 1, 2, 4]):
        some = learnt(net, parameters, inputs, places)
        assert all(torch.equal(a[places], b) for a, b in zip(every, some, strict=True))


@pytest.mark.parametrize("function", [torch.exp, torch.log, torch.sigmoid])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_function_of_a_value_does_not_depend_on_its_place(function, dtype):
    values = torch.rand(301, dtype=dtype, generator=torch.Generator().manual_seed(0))
    every = whole(function, values)
    assert torch.equal(whole(function, values[150:]), every[150:])
    assert torch.equal(whole(function, values.reshape(7, 43)), every.reshape(7, 43))
    torch.testing.assert_close(every, function(values))
