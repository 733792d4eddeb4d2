from __future__ import annotations

import numpy as np
import pytest

from seedwise.contracts import ForgetSet, Part, Task
from seedwise.domains.federated.ranking import federated_ranking
from seedwise.domains.federated.ranking.datasets import Queries
from seedwise.seeds import SeedStreams


@pytest.fixture(scope="session")
def small():
    """Nine queries of 2 to 6 documents with 4 features and labels 0 to 2."""
    draw = np.random.default_rng(0)
    sizes = np.array([4, 2, 6, 3, 5, 4, 6, 2, 3])
    labels = draw.integers(0, 3, sizes.sum())
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    labels[offsets[:-1]] = 2
    features = draw.normal(size=(sizes.sum(), 4)).astype("float32")
    return Queries(features, labels, offsets)


@pytest.fixture(scope="session")
def make_ranking():
    """A problem on the example that comes with the package."""

    def make(forget=(0, 2), partition=0, model="linear-ranker", **train):
        recipe = {"rounds": 4, "clients": 5, "interactions": 2, **train}
        task = Task("federated-ranking", Part("lambdarank"), Part(model), recipe)
        chosen = ForgetSet("clients", list(forget))
        return federated_ranking.problem(task, chosen, SeedStreams("any", partition))

    return make
