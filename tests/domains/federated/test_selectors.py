from __future__ import annotations

import pytest

from seedwise.contracts import ForgetSet
from seedwise.domains.federated.selectors import forgotten_clients
from seedwise.errors import DataError
from seedwise.seeds import SeedStreams

STREAMS = SeedStreams("forget")


def chosen(selector, value, seed=0, partition=0):
    forget = ForgetSet(selector, value, seed)
    return forgotten_clients(forget, 10, SeedStreams("forget", partition))


def test_clients_are_taken_by_number():
    assert chosen("clients", [7, 2]) == [2, 7]
    assert chosen("clients", 4) == [4]


def test_a_share_or_a_number_of_clients_is_drawn_by_its_own_seed():
    assert len(chosen("random", 0.3)) == 3 == len(chosen("random", 3))
    assert chosen("random", 3) == chosen("random", 3)
    assert len({tuple(chosen("random", 3, seed)) for seed in range(5)}) > 1
    assert len({tuple(chosen("random", 3, 0, partition)) for partition in range(5)}) > 1


@pytest.mark.parametrize(
    ("selector", "value", "message"),
    [
        ("clients", list(range(11)), "11 clients are to be forgotten but there are 10"),
        ("clients", list(range(10)), "asks 10 of 10 clients to be forgotten; 1 to 9 are possible"),
        ("clients", [10], "no client 10; they are numbered 0 to 9"),
        ("clients", [1, 1], "names a client twice"),
        ("clients", "3", "no client '3'"),
        ("clients", [], "asks 0 of 10"),
        ("random", 12, "random: 12 asks 12 of 10 clients"),
        ("random", 1.5, "neither a share strictly between 0 and 1 nor a whole number"),
        ("random", True, "neither a share"),
        ("client", 1, "did you mean 'clients'"),
    ],
)
def test_what_cannot_be_forgotten_is_said(selector, value, message):
    with pytest.raises(DataError, match=message):
        chosen(selector, value)
