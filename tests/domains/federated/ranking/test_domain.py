from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from seedwise.contracts import ForgetSet, Part, Task
from seedwise.domains.federated.ranking import federated_ranking
from seedwise.errors import DataError
from seedwise.registry import domains
from seedwise.seeds import SeedStreams


def test_it_is_known_by_its_name():
    assert domains["federated-ranking"] is federated_ranking


def test_naming_it_imports_no_torch():
    code = (
        "import sys; from seedwise.registry import domains; domains['federated-ranking'];"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_queries_are_shared_out_evenly_and_none_twice(make_ranking):
    problem = make_ranking(clients=10)
    held = [problem.index(problem.client_split(client)) for client in range(10)]
    assert sorted(len(rows) for rows in held) == [20] * 9 + [21]
    assert sorted(np.concatenate(held).tolist()) == list(range(201))


def test_the_partition_draws_who_holds_what(make_ranking):
    one, other = make_ranking(), make_ranking(partition=1)
    assert one.index("client-0").tolist() != other.index("client-0").tolist()
    assert one.fingerprints["test"] == other.fingerprints["test"]


def test_more_forgotten_clients_than_there_are(make_ranking):
    with pytest.raises(DataError, match="6 clients are to be forgotten but there are 5"):
        make_ranking(forget=(0, 1, 2, 3, 4, 5))


def test_more_clients_than_queries(make_ranking):
    with pytest.raises(DataError, match="has no training data"):
        make_ranking(clients=202)


def test_a_client_without_relevant_documents(make_ranking):
    with pytest.raises(DataError, match=r"client \d+.* of 201 holds no relevant document"):
        make_ranking(clients=201)


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ({"scenario": "data"}, r"poisoned: \[0, 1, 2\]"),
        ({"poisoned": (1,)}, "a clean scenario has no poisoned clients"),
        ({"scenario": "model", "poisoned": (1, 5)}, "no client 5 can be poisoned.*0 to 4"),
    ],
)
def test_poison_that_fits_no_client(make_ranking, train, message):
    with pytest.raises(DataError, match=message):
        make_ranking(**train)


def test_files_of_a_folder_and_none_of_the_example(tmp_path):
    task = Task("federated-ranking", Part("letor", {"path": tmp_path}), Part("linear-ranker"))
    files = federated_ranking.files(task, ForgetSet("clients", [0]))
    assert [file.name for file in files] == ["train.txt", "test.txt"]


def test_a_malformed_line_reaches_the_person_who_has_it(tmp_path):
    for name in ("train.txt", "test.txt"):
        (tmp_path / name).write_text("1 qid:1 1:1\n1 qid:2 1:x\n")
    task = Task("federated-ranking", Part("letor", {"path": tmp_path}), Part("linear-ranker"))
    with pytest.raises(DataError, match=r"train.txt', line 2: '1:x' is not"):
        federated_ranking.problem(task, ForgetSet("clients", [0]), SeedStreams("data"))
