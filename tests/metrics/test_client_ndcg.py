from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from seedwise.contracts import ForgetSet, Part, Task
from seedwise.domains.federated.ranking import federated_ranking
from seedwise.registry import metrics
from seedwise.seeds import SeedStreams
from seedwise.testing import MetricConformance

DRAW = np.random.default_rng(0)


@pytest.fixture
def lists():
    return {
        split: {
            "scores": DRAW.normal(size=(5, 12)).astype("float32"),
            "relevance": DRAW.integers(0, 5, (5, 12)).astype("float32"),
            "client": np.array([3, 3, 3, 1, 1], dtype="float32"),
        }
        for split in ("forget", "retain")
    }


def test_clients_count_equally(subject, measure, lists):
    found = measure("client-ndcg", subject(lists), k=5, gain="linear")
    for split, one in lists.items():
        each = [
            ndcg_score(one["relevance"][rows], one["scores"][rows], k=5)
            for rows in (slice(0, 3), slice(3, 5))
        ]
        assert found[f"client-ndcg/{split}"] == pytest.approx(np.mean(each))
        assert found[f"client-ndcg/{split}-worst"] == pytest.approx(min(each))
    assert len(found) == 4


def test_queries_without_relevant_documents_are_skipped_or_counted(subject, measure, lists):
    one = lists["forget"]
    one["relevance"][3] = 0
    gains = 2 ** one["relevance"] - 1
    three, last = (ndcg_score(gains[rows], one["scores"][rows]) for rows in ([0, 1, 2], [4]))
    for said, other in (("skip", last), (0, last / 2), (1, (1 + last) / 2)):
        found = measure("client-ndcg", subject(lists), k=None, no_relevant=said)
        assert found["client-ndcg/forget"] == pytest.approx((three + other) / 2)
        assert found["client-ndcg/forget-worst"] == pytest.approx(min(three, other))


class TestOnRankers(MetricConformance):
    metric = metrics["client-ndcg"]

    def problem(self):
        recipe = {"rounds": 2, "clients": 4, "interactions": 2}
        task = Task("federated-ranking", Part("lambdarank"), Part("linear-ranker"), recipe)
        return federated_ranking.problem(task, ForgetSet("clients", [1, 2]), SeedStreams("any"))

    def test_every_query_is_its_clients(self):
        one = self.models()[0]
        for client in (1, 2):
            mine = one.problem.index(f"client-{client}")
            index = one.problem.index("forget")
            assert (one.outputs("forget")["client"][np.isin(index, mine)] == client).all()
        assert (one.problem.outputs(one.trained, "test", ["client"])["client"] == -1).all()
