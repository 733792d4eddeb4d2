from __future__ import annotations

import pytest
import torch

from seedwise.domains.federated.clipping import clipped


@pytest.mark.parametrize("most", [0.5, 5.0])
def test_it_clips_each_row_as_torch_clips_a_net(most):
    draw = torch.Generator().manual_seed(0)
    shapes = [(4, 3), (3,)]
    rows = [torch.randn(6, *shape, generator=draw) for shape in shapes]
    found = clipped(rows, most)
    for row in range(6):
        net = [torch.nn.Parameter(torch.zeros(shape)) for shape in shapes]
        for parameter, gradient in zip(net, rows, strict=True):
            parameter.grad = gradient[row].clone()
        torch.nn.utils.clip_grad_norm_(net, most)
        for parameter, one in zip(net, found, strict=True):
            torch.testing.assert_close(one[row], parameter.grad, rtol=1e-5, atol=0)


def test_short_gradients_keep_their_bits():
    rows = [torch.tensor([[0.1, 0.2], [30.0, 40.0], [0.0, 0.0]])]
    (found,) = clipped(rows, 5.0)
    assert torch.equal(found[[0, 2]], rows[0][[0, 2]])
    assert torch.equal(found[1], torch.tensor([3.0, 4.0]))


@pytest.mark.parametrize("width", [1, 46, 301])
def test_a_row_does_not_depend_on_its_neighbours(width):
    draw = torch.Generator().manual_seed(1)
    rows = [torch.randn(40, width, generator=draw), torch.randn(40, 7, 3, generator=draw)]
    together = clipped(rows, 0.4)
    for some in ([0], [5, 39, 3]):
        few = clipped([one[some] for one in rows], 0.4)
        assert all(torch.equal(a[some], b) for a, b in zip(together, few, strict=True))
