from __future__ import annotations

import numpy as np
import pytest

from seedwise.contracts import Part
from seedwise.domains.federated.ranking.datasets import (
    RANKING_DATASETS,
    Queries,
    check_clients,
    lambdarank,
    letor,
    ranking_files,
)
from seedwise.errors import DataError
from seedwise.seeds import SeedStreams

STREAMS = SeedStreams("data")


def write(folder, train, test="0 qid:9 1:5\n"):
    (folder / "train.txt").write_text(train)
    (folder / "test.txt").write_text(test)
    return folder


@pytest.fixture
def queries():
    """Three queries of 2, 1 and 3 documents."""
    return Queries(
        np.arange(12, dtype="float32").reshape(6, 2),
        np.array([0, 2, 0, 1, 0, 0]),
        np.array([0, 2, 3, 6]),
    )


def test_the_example_that_comes_with_the_package_is_complete():
    data = lambdarank(STREAMS)
    assert (len(data.train), len(data.test)) == (201, 50)
    assert data.train.features.shape == (3005, 300)
    assert data.test.features.shape == (768, 300)
    assert np.bincount(data.train.labels).tolist() == [645, 1211, 858, 222, 69]
    assert np.diff(data.train.offsets)[:3].tolist() == [1, 13, 5]
    first = np.flatnonzero(data.train.features[0])
    assert (first[0], data.train.features[0, first[0]]) == (9, np.float32(0.89))  # "10:0.89"
    assert (data.train.most_relevant() == 0).sum() == 3


def test_a_folder_of_letor_files_is_read(tmp_path):
    folder = write(tmp_path, "2 qid:1 1:4 2:1\n0 qid:1 1:2 3:5\n1 qid:2 1:9\n")
    data = letor(STREAMS, path=folder, scale="none")
    assert data.train.features.tolist() == [[4, 1, 0], [2, 0, 5], [9, 0, 0]]
    assert data.test.features.tolist() == [[5, 0, 0]]
    assert (len(data.train), len(data.test)) == (2, 1)
    assert data.notes == ()


def test_feature_zero_shifts_both_files_alike(tmp_path):
    folder = write(tmp_path, "1 qid:1 1:4\n", test="0 qid:9 0:3 1:5\n")
    data = letor(STREAMS, path=folder, scale="none")
    assert (data.train.features.tolist(), data.test.features.tolist()) == ([[0, 4]], [[3, 5]])


def test_scaling_knows_nothing_but_its_query(tmp_path):
    one = "0 qid:1 1:4 2:7\n1 qid:1 1:2 2:7\n1 qid:1 1:3 2:7\n"
    alone = letor(STREAMS, path=write(tmp_path, one)).train
    assert alone.features.tolist() == [[1, 0], [0, 0], [0.5, 0]]
    with_others = letor(STREAMS, path=write(tmp_path, one + "1 qid:2 1:900 2:-3\n")).train
    assert np.array_equal(with_others.take(np.array([0])).features, alone.features)


def test_the_logarithm_keeps_the_sign(tmp_path):
    folder = write(tmp_path, "0 qid:1 1:-9 2:9\n")
    found = letor(STREAMS, path=folder, scale="log").train.features
    assert found == pytest.approx(np.array([[-np.log(10), np.log(10)]]), rel=1e-6)


def test_limits_draw_queries_by_the_partition(tmp_path):
    rows = "".join(f"1 qid:{query} 1:{query} 2:1\n0 qid:{query} 1:0 2:1\n" for query in range(40))
    folder = write(tmp_path, rows, rows)
    one, again, other = (
        letor(SeedStreams("data", seed), path=folder, scale="none", train_limit=9, test_limit=5)
        for seed in (0, 0, 1)
    )
    assert (len(one.train), len(one.test)) == (9, 5)
    assert np.array_equal(one.train.features, again.train.features)
    assert not np.array_equal(one.train.features, other.train.features)
    with pytest.raises(DataError, match="train_limit is 41 but there are only 40 queries"):
        letor(STREAMS, path=folder, train_limit=41)


def test_absent_values_are_noted(tmp_path):
    folder = write(tmp_path, "1 qid:1 1:1.7976931348623157e308 2:4\n")
    notes = letor(STREAMS, path=folder).notes
    assert notes == ("1 feature values of train are absent and count as 0",)


def test_taking_queries_takes_their_documents(queries):
    some = queries.take(np.array([2, 0]))
    assert some.labels.tolist() == [1, 0, 0, 0, 2]
    assert some.features[:, 0].tolist() == [6, 8, 10, 0, 2]
    assert some.offsets.tolist() == [0, 3, 5]
    assert queries.most_relevant().tolist() == [2, 0, 1]


def test_a_client_without_relevant_documents_is_named(queries):
    check_clients(queries, [np.array([0, 1]), np.array([2])])
    with pytest.raises(DataError, match=r"client 1 of 3 holds no relevant document.*fewer clients"):
        check_clients(queries, [np.array([0]), np.array([1]), np.array([2])])


def test_the_files_of_a_data_set_are_known(tmp_path):
    write(tmp_path, "")
    (tmp_path / "train.txt.query").write_text("")
    part = Part("letor", {"path": tmp_path})
    names = [file.name for file in ranking_files(part)]
    assert names == ["train.txt", "test.txt", "train.txt.query"]
    assert ranking_files(Part("lambdarank")) == []
    assert set(RANKING_DATASETS) == {"lambdarank", "letor"}
