from __future__ import annotations

import pytest

from seedwise.contracts import Context, ForgetSet, Part, Task
from seedwise.domains.federated import federated
from seedwise.seeds import SeedStreams


def task(**train):
    recipe = {"rounds": 3, "clients": 5, **train}
    return Task("federated", Part("digits"), Part("mlp", {"hidden": [8]}), recipe)


@pytest.fixture(scope="session")
def make_problem():
    def make(forget=(1, 3), partition=0, **train):
        chosen = forget if isinstance(forget, ForgetSet) else ForgetSet("clients", list(forget))
        return federated.problem(task(**train), chosen, SeedStreams("any", partition))

    return make


@pytest.fixture(scope="session")
def problem(make_problem):
    return make_problem()


@pytest.fixture(scope="session")
def train():
    def run(problem, *seeds, on="train", capture=()):
        streams = [SeedStreams("train", 0, seed) for seed in seeds or (0,)]
        return list(problem.train(on, streams, Context(), capture))

    return run
