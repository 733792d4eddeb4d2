from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch.nn import functional

from seedwise.contracts import Context, ForgetSet, Part, Task
from seedwise.contracts.rounds import Work
from seedwise.domains.federated import federated
from seedwise.seeds import SeedStreams


def test_training_is_plain_federated_averaging(make_problem, train):
    """Written out with torch.optim, one client after the other."""
    problem = make_problem(momentum=0.5, weight_decay=0.01, batch_size=40, local_epochs=2, lr=0.05)
    done = train(problem)[0]
    seeds = SeedStreams("train", 0, 0)
    model = problem.fresh(seeds.generator("init"))
    for turn in range(3):
        locals_ = [_local(problem, model, client, turn, seeds) for client in problem.clients]
        sizes = [len(problem.index(f"client-{client}")) for client in problem.clients]
        shares = torch.tensor(np.array(sizes) / sum(sizes), dtype=torch.float32)
        with torch.no_grad():
            for n, parameter in enumerate(model.parameters()):
                moved = [list(one.parameters())[n] - parameter for one in locals_]
                total = sum(share * move for share, move in zip(shares, moved, strict=True))
                parameter += total
    assert problem.digest(model) == problem.digest(done.model)


def _local(problem, model, client, turn, seeds):
    (data,) = problem.batches(problem.client_split(client), None)
    net = copy.deepcopy(model).train()
    steps = torch.optim.SGD(net.parameters(), 0.05, momentum=0.5, weight_decay=0.01)
    for epoch in range(2):
        draw = seeds.generator("order", client, turn, epoch).permutation(len(data.targets))
        for rows in torch.from_numpy(draw).split(40):
            steps.zero_grad()
            functional.cross_entropy(net(data.inputs[rows]), data.targets[rows]).backward()
            steps.step()
    return net


@pytest.mark.parametrize(
    "train_arguments",
    [
        {"local_epochs": 2, "momentum": 0.9},
        {"partitioner": "label-dirichlet", "alpha": 1.0, "weight_decay": 0.1},
        {"batch_size": None, "proximal": 0.5},
        {"participation": 0.5, "clients": 7},
    ],
)
def test_all_at_once_is_one_after_the_other(make_problem, train, train_arguments):
    loop, together = (
        make_problem(backend=backend, **train_arguments) for backend in ("loop", "vmapped")
    )
    for one, other in zip(train(loop, 0, 1), train(together, 0, 1), strict=True):
        for a, b in zip(one.model.parameters(), other.model.parameters(), strict=True):
            torch.testing.assert_close(a, b, atol=2e-5, rtol=1e-3)


def test_neighbours_change_no_bit_all_at_once(make_problem, train):
    problem = make_problem(backend="vmapped")
    together = [problem.digest(done.model) for done in train(problem, *range(5))]
    alone = [problem.digest(train(problem, seed)[0].model) for seed in range(5)]
    assert together == alone


def _rows(problem, count=1):
    model = problem.fresh(SeedStreams("any").generator("init"))
    return {name: torch.stack([value.detach()] * count) for name, value in model.named_parameters()}


@pytest.mark.parametrize("backend", ["loop", "vmapped"])
def test_a_larger_client_beside_it_changes_no_bit_of_a_client(backend):
    recipe = {"clients": 6, "batch_size": None, "partitioner": "label-dirichlet", "alpha": 1.0}
    model = Part("mlp", {"hidden": [64]})
    task = Task("federated", Part("digits"), model, {**recipe, "backend": backend})
    problem = federated.problem(task, ForgetSet("clients", [0]), SeedStreams("data"))
    some = [1, 3]
    assert problem.weights[some].max() < problem.weights.max()
    every, found = (
        problem.local(_rows(problem, len(these)), these, 0, SeedStreams("any"), Context())
        for these in (problem.clients, some)
    )
    for name, value in found.items():
        assert torch.equal(value, every[name][some])


@pytest.mark.parametrize("backend", ["loop", "vmapped"])
def test_the_proximal_term_pulls_to_the_start(make_problem, backend):
    problem = make_problem(backend=backend, batch_size=None)
    start, seeds = _rows(problem), SeedStreams("any")
    free, held = (
        problem.local(start, [0], 0, seeds, Context(), Work(2, 0.1, proximal))
        for proximal in (0.0, 3.0)
    )
    first = problem.local(start, [0], 0, seeds, Context(), Work(1, 0.1))
    for name in start:
        expected = free[name] - 0.1 * 3.0 * (first[name] - start[name])
        torch.testing.assert_close(held[name], expected, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("backend", ["loop", "vmapped"])
def test_climbing_is_the_opposite_of_descending(make_problem, backend):
    problem = make_problem(backend=backend, batch_size=None)
    start, seeds = _rows(problem), SeedStreams("any")
    down, up = (
        problem.local(start, [0], 0, seeds, Context(), Work(1, 0.1, ascend=ascend))
        for ascend in (False, True)
    )
    for name in start:
        torch.testing.assert_close(up[name] - start[name], start[name] - down[name])


@pytest.mark.parametrize("backend", ["loop", "vmapped"])
def test_a_clients_gradient_is_clipped(make_problem, backend):
    problem = make_problem(backend=backend, batch_size=None)
    start, seeds = _rows(problem, 2), SeedStreams("any")
    plain, short, long = (
        problem.local(start, [0, 2], 0, seeds, Context(), Work(1, 0.1, clip=clip))
        for clip in (None, 0.01, 1e6)
    )
    for row in range(2):
        moved = [(short[name][row] - value[row]).flatten() for name, value in start.items()]
        assert float(torch.cat(moved).norm()) == pytest.approx(0.1 * 0.01, rel=1e-3)
    assert all(torch.equal(plain[name], value) for name, value in long.items())


@pytest.mark.parametrize("backend", ["loop", "vmapped"])
def test_a_projection_is_applied_after_every_step_row_by_row(make_problem, backend):
    problem = make_problem(backend=backend, momentum=0.9)
    start, taken = _rows(problem, 2), []

    def stay(parameters):
        taken.append(len(next(iter(parameters.values()))))
        return {name: start[name][: len(value)] for name, value in parameters.items()}

    found = problem.local(
        start, [0, 2], 0, SeedStreams("any"), Context(), Work(1, 0.1, after_step=stay)
    )
    assert all(torch.equal(found[name], start[name]) for name in start)
    assert sum(taken) == 2 * 9  # 288 or 287 examples, 32 a step


def test_the_start_is_left_alone(problem):
    start = _rows(problem, 5)
    before = {name: value.clone() for name, value in start.items()}
    problem.local(start, problem.clients, 0, SeedStreams("any"), Context())
    assert all(torch.equal(start[name], before[name]) for name in start)
