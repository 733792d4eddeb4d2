from __future__ import annotations

import torch
from torch.nn import functional

from seedwise.methods.federated.directions import gradients, orthogonal, without_component


def test_orthogonal_has_no_part_along_any_row_and_keeps_its_length():
    draw = torch.Generator().manual_seed(0)
    vector = torch.randn(8, generator=draw)
    others = torch.randn(3, 8, generator=draw)
    others = torch.cat([others, others[:1] * 2])  # a dependent row
    found = orthogonal(vector, others)
    torch.testing.assert_close(others @ found, torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(found.norm(), vector.norm())
    assert found @ vector > 0


def test_nothing_is_left_of_a_vector_in_the_span():
    others = torch.eye(3)[:2]
    assert orthogonal(torch.tensor([1.0, 2.0, 0.0]), others).norm() < 1e-5


def test_without_component_is_orthogonal_and_keeps_lengths():
    rows = torch.tensor([[1.0, 1.0], [3.0, -4.0]])
    found = without_component(rows, torch.tensor([0.0, 2.0]))
    torch.testing.assert_close(found, torch.tensor([[2**0.5, 0.0], [5.0, 0.0]]))
    assert torch.equal(without_component(rows, torch.zeros(2)), rows)


def test_gradients_are_those_of_each_client(trained):
    problem, original = trained
    found = gradients(
        original.model, problem, [0, 2], lambda m, batch: problem.losses(m, batch).mean()
    )
    (data,) = problem.batches("client-2", None)
    loss = functional.cross_entropy(original.model(data.inputs), data.targets)
    own = torch.cat(
        [g.flatten() for g in torch.autograd.grad(loss, list(original.model.parameters()))]
    )
    torch.testing.assert_close(found[1], own)


def test_fed_osd_forgets_without_moving_along_the_gradients_of_the_others(trained, unlearn):
    problem, original = trained
    before = {name: value.detach() for name, value in original.model.named_parameters()}
    learning = gradients(
        original.model, problem, problem.retained, lambda m, b: problem.losses(m, b).mean()
    )
    model = unlearn(trained, "fed-osd", rounds=1, recovery=0, lr=0.01)
    step = torch.cat([(value - before[name]).flatten() for name, value in model.named_parameters()])
    cosines = functional.cosine_similarity(learning, step.detach()[None])
    assert cosines.abs().max() < 1e-3


def test_fed_osd_unlearns_and_recovery_brings_the_retained_back(trained, unlearn):
    problem, original = trained

    def loss(model, split):
        return problem.outputs(model, split, ["loss"])["loss"].mean()

    gone = unlearn(trained, "fed-osd", rounds=30, recovery=0)
    back = unlearn(trained, "fed-osd", rounds=30, recovery=30)
    assert loss(gone, "forget") > loss(original.model, "forget")
    assert loss(back, "retain") < loss(gone, "retain")
