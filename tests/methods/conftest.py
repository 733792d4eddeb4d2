from __future__ import annotations

import pytest
import torch

from seedwise.contracts import Context, ForgetSet, Part, Task
from seedwise.domains.vision import vision
from seedwise.registry import methods
from seedwise.seeds import SeedStreams

TASK = Task("vision", Part("digits"), Part("mlp", {"hidden": [8]}), {"epochs": 3})


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def problem():
    return vision.problem(TASK, ForgetSet("class", 3), SeedStreams("any"))


@pytest.fixture(scope="session")
def original(problem):
    seeds = SeedStreams("train", training=0)
    return next(problem.train("train", [seeds], Context())).model


@pytest.fixture
def unlearn(problem, original):
    """Run a method as the engine does: on a view without test data, original untouched."""

    def run(name, unlearning=0, ctx=None, seeds=None, **arguments):
        seeds = seeds or SeedStreams(f"method/{name}", training=0, unlearning=unlearning)
        before = problem.digest(original)
        method = methods[name]
        model = method.function(
            original, problem.view(method.splits), {}, seeds, ctx or Context(), **arguments
        )
        assert problem.digest(original) == before
        assert model is not original
        return model

    return run
