"""A problem of torch modules that is trained in a moment."""

from __future__ import annotations

import pytest
import torch

from seedwise.contracts import ForgetSet, Part, Task
from seedwise.domains.vision import vision
from seedwise.seeds import SeedStreams

DIGITS = Task("vision", Part("digits"), Part("mlp", {"hidden": [8]}), {"epochs": 2})


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def make_problem():
    def make(task=DIGITS, forget=None, **seeds):
        return vision.problem(task, forget or ForgetSet("class", 3), SeedStreams("any", **seeds))

    return make


@pytest.fixture(scope="session")
def problem(make_problem):
    return make_problem()
