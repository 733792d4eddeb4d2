from __future__ import annotations

import numpy as np
import pytest

from seedwise.contracts import ForgetSet
from seedwise.errors import DataError


def test_splits_are_the_clients(problem):
    held = [problem.index(f"client-{client}") for client in range(5)]
    assert problem.index("forget").tolist() == sorted([*held[1], *held[3]])
    assert problem.index("retain").tolist() == sorted([*held[0], *held[2], *held[4]])
    assert set(problem.fingerprints) == {"train", "retain", "forget", "test"}


def test_who_holds_what_is_part_of_the_fingerprint(make_problem):
    five, four = make_problem(), make_problem(clients=4)
    assert five.fingerprints["train"] != four.fingerprints["train"]
    assert five.fingerprints["test"] == four.fingerprints["test"]


def test_another_partition_seed_draws_other_clients(make_problem):
    one, other = make_problem(), make_problem(partition=1)
    assert not np.array_equal(one.index("client-0"), other.index("client-0"))


def test_too_many_clients_to_forget_and_clients_without_data_are_refused(make_problem):
    with pytest.raises(DataError, match="6 clients are to be forgotten but there are 5"):
        make_problem(forget=range(6))
    with pytest.raises(DataError, match="has no training data under partition seed 0"):
        make_problem(partitioner="label-dirichlet", alpha=1e-3)
    with pytest.raises(DataError, match="has no training data"):
        make_problem(clients=2000, forget=ForgetSet("random", 3))
