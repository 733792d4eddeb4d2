from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedwise.domains.federated.partitioners import by_query, iid, label_dirichlet
from seedwise.errors import DataError
from seedwise.seeds import SeedStreams

STREAMS = SeedStreams("data")
LABELS = np.repeat(np.arange(4), 50)


@given(st.integers(2, 60), st.integers(1, 12))
def test_iid_gives_every_example_to_one_client_and_parts_of_equal_size(size, clients):
    if size < clients:
        return
    parts = iid(STREAMS, size, clients)
    assert sorted(np.concatenate(parts).tolist()) == list(range(size))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_dirichlet_gives_every_example_to_one_client():
    parts = label_dirichlet(STREAMS, LABELS, 6, 1.0)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(LABELS)))
    assert all((np.diff(part) > 0).all() for part in parts)


def test_a_small_alpha_gives_clients_few_classes_and_a_large_one_the_population():
    def purity(alpha):
        parts = label_dirichlet(SeedStreams("data", 3), LABELS, 4, alpha)
        shares = [np.bincount(LABELS[part], minlength=4) / len(part) for part in parts]
        return np.mean([share.max() for share in shares])

    assert purity(0.3) > 0.6
    assert purity(1000.0) < 0.3


def test_dirichlet_shares_are_those_drawn():
    streams = SeedStreams("data", 1)
    parts = label_dirichlet(streams, LABELS, 3, 2.0)
    for label in range(4):
        draw = streams.generator("clients", label)
        draw.permutation(50)
        share = draw.dirichlet(np.full(3, 2.0))
        found = [(LABELS[part] == label).mean() * len(part) / 50 for part in parts]
        np.testing.assert_allclose(found, share, atol=1 / 50)


def test_the_partition_seed_decides():
    one, again, other = (iid(SeedStreams("data", p), 40, 4) for p in (0, 0, 1))
    assert all((a == b).all() for a, b in zip(one, again, strict=True))
    assert any((a != b).any() for a, b in zip(one, other, strict=True))


def test_queries_are_split_like_examples():
    parts = by_query(STREAMS, 11, 3)
    assert [len(part) for part in parts] == [4, 4, 3]


def test_clients_without_data_are_named():
    with pytest.raises(DataError, match=r"client 3, 4 of 5 has no training data.*seed 0.*fewer"):
        iid(STREAMS, 3, 5)
    with pytest.raises(DataError, match="larger alpha"):
        label_dirichlet(STREAMS, LABELS[:60], 10, 0.01)


def test_a_message_lists_a_few_of_many_clients_without_data():
    with pytest.raises(DataError, match="client 3, 4, 5, 6, 7 and 92 more of 100 has no"):
        iid(SeedStreams("data"), 3, 100)
