from __future__ import annotations

import pytest

from seedwise.contracts import Context, ForgetSet, Part, Task
from seedwise.contracts.rounds import LEVELS
from seedwise.domains.federated import federated
from seedwise.registry import methods
from seedwise.seeds import SeedStreams
from seedwise.study.arguments import bind


@pytest.fixture(scope="session")
def make():
    """Return a problem of five clients and an original with its whole history."""

    def made(forget=(1, 3), **train):
        task = Task(
            "federated",
            Part("digits"),
            Part("mlp", {"hidden": [8]}),
            {"rounds": 4, "clients": 5, **train},
        )
        problem = federated.problem(task, ForgetSet("clients", list(forget)), SeedStreams("any"))
        seeds = SeedStreams("train", 0, 0)
        return problem, next(problem.train("train", [seeds], Context(), LEVELS))

    return made


@pytest.fixture(scope="session")
def trained(make):
    return make()


@pytest.fixture
def unlearn():
    """Run a method as the engine does: on a view, with what it needs of the history."""

    def run(made, name, unlearning=0, ctx=None, **arguments):
        problem, original = made
        method = methods[name]
        before = problem.digest(original.model)
        extras = {level: original.extras[level] for level in method.needs}
        model = method.function(
            original.model,
            problem.view(method.splits),
            extras,
            SeedStreams(f"method/{name}", 0, 0, unlearning),
            ctx or Context(),
            **bind(method.function, arguments),
        )
        assert problem.digest(original.model) == before
        return model

    return run


@pytest.fixture(scope="session")
def numbers():
    """Return a model's parameters as arrays."""
    return lambda model: {
        name: value.detach().numpy().copy() for name, value in model.named_parameters()
    }
