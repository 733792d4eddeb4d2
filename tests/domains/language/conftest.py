from __future__ import annotations

import json

import pytest
import torch

from seedwise.contracts import Context, ForgetSet, Part, Task
from seedwise.domains.language import language
from seedwise.seeds import SeedStreams

AUTHORS = {"authors": 6, "holdout": 2, "attributes": 5, "facts": 5, "vocabulary": 300}
SMALL = Task(
    "language",
    Part("fictional-authors", AUTHORS),
    Part("llama", {"width": 16, "layers": 2, "heads": 2, "inner": 16, "context": 128}),
    {"epochs": 2, "batch_size": 10},
)


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def make_problem():
    def make(task=SMALL, forget=None, **seeds):
        return language.problem(
            task, forget or ForgetSet("authors", 2), SeedStreams("any", **seeds)
        )

    return make


@pytest.fixture(scope="session")
def problem(make_problem):
    return make_problem()


@pytest.fixture(scope="session")
def model(problem):
    seeds = SeedStreams("train", training=0)
    return next(problem.train("train", [seeds], Context())).model


@pytest.fixture
def lines(tmp_path):
    """Write JSON lines."""

    def write(name, *rows):
        path = tmp_path / name
        path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
        return path

    return write
