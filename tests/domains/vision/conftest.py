from __future__ import annotations

import numpy as np
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


@pytest.fixture
def write_npz(tmp_path):
    """Write a small data set, with some arrays replaced or (None) left out."""

    def write(**changed):
        draw = np.random.default_rng(0)
        arrays = {
            "x_train": draw.integers(0, 256, size=(40, 6, 6), dtype=np.uint8),
            "y_train": np.arange(40, dtype=np.uint8) % 4,
            "x_test": draw.integers(0, 256, size=(12, 6, 6), dtype=np.uint8),
            "y_test": np.arange(12, dtype=np.uint8) % 4,
        }
        arrays.update(changed)
        path = tmp_path / "data.npz"
        np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
        return str(path)

    return write
