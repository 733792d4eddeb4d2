"""The methods that need no gradients of clients do the same on rankers that learn from clicks."""

from __future__ import annotations

import numpy as np
import pytest

from seedwise.contracts import Clock, Context, ForgetSet, Part, Task
from seedwise.contracts.rounds import FULL, LEVELS, part
from seedwise.domains.federated.ranking import federated_ranking
from seedwise.engine.trial import trial
from seedwise.registry import methods
from seedwise.seeds import SeedStreams
from seedwise.study.arguments import bind

USES = [
    ("fed-finetune", {"rounds": 2}),
    ("fed-remove", {}),
    ("fed-accum", {}),
    ("fed-eraser", {}),
    ("not", {"rounds": 1}),
    ("pga", {"epochs": 2, "rounds": 1}),
]


@pytest.fixture(scope="module")
def rankers():
    task = Task(
        "federated-ranking",
        Part("lambdarank"),
        Part("linear-ranker"),
        {"rounds": 6, "clients": 5, "participation": 0.6},
    )
    return federated_ranking.problem(task, ForgetSet("clients", [1, 3]), SeedStreams("any"))


@pytest.mark.parametrize(("name", "arguments"), USES)
def test_it_draws_as_declared_and_owns_its_copy(rankers, name, arguments):
    method = methods[name]
    made = trial(method, rankers, arguments=bind(method.function, arguments))
    broken = [f"{f.check}: {f.message}" for f in made.findings() if not f.passed]
    assert not broken


def test_fed_accum_adds_the_updates_of_the_retained(rankers):
    seeds = SeedStreams("train", 0, 0)
    original = next(rankers.train("train", [seeds], Context(), LEVELS))
    full = original.extras[FULL]
    expected = {name: value[0].copy() for name, value in part(full, "start/").items()}
    for turn, clients in enumerate(full["clients"]):
        kept = np.isin(clients, rankers.retained)
        for name, value in expected.items():
            moved = full[f"local/{name}"][turn][kept] - full[f"start/{name}"][turn]
            if kept.any():
                value += moved.mean(0)
    method = methods["fed-accum"]
    model = method.function(
        original.model, rankers, {FULL: full}, SeedStreams("any", 0, 0, 0), Context()
    )
    for name, value in model.named_parameters():
        np.testing.assert_allclose(value.detach().numpy(), expected[name], atol=1e-5)


def test_what_users_saw_during_repair_is_counted(rankers):
    ctx = Context(clock=Clock())
    original = next(rankers.train("train", [SeedStreams("train", 0, 0)], Context()))
    method = methods["fed-finetune"]
    method.function(
        original.model, rankers, {}, SeedStreams("any", 0, 0, 0), ctx, rounds=2, lr=None
    )
    assert 0 < ctx.clock.counts["online-ndcg"] < 2
    assert ctx.clock.counts["rounds"] == 2
