from __future__ import annotations

import numpy as np
import pytest

from seedwise.contracts import Context, ForgetSet, Part, Task
from seedwise.domains.federated import federated
from seedwise.registry import metrics
from seedwise.seeds import SeedStreams
from seedwise.testing import MetricConformance


def outputs(correct, client):
    return {"correct": np.array(correct, float), "client": np.array(client, float)}


def test_clients_count_equally(subject, measure):
    one = subject(
        {
            "forget": outputs([1, 1, 1, 0], [2, 2, 2, 5]),
            "retain": outputs([1, 0, 1], [0, 0, 1]),
        }
    )
    assert measure("client-accuracy", one) == {
        "client-accuracy/forget": 0.5,
        "client-accuracy/forget-worst": 0.0,
        "client-accuracy/retain": 0.75,
        "client-accuracy/retain-worst": 0.5,
    }


class _OnClients(MetricConformance):
    def problem(self):
        task = Task(
            "federated",
            Part("digits"),
            Part("mlp", {"hidden": [8]}),
            {"rounds": 2, "clients": 4, "partitioner": "label-dirichlet", "alpha": 1.0},
        )
        return federated.problem(task, ForgetSet("clients", [1, 2]), SeedStreams("any"))


class TestClientAccuracy(_OnClients):
    metric = metrics["client-accuracy"]

    def test_it_is_the_accuracy_of_each_clients_split(self):
        one = self.models()[0]
        each = [
            one.problem.outputs(one.trained, f"client-{k}", ["correct"])["correct"].mean()
            for k in (1, 2)
        ]
        assert self.value()["client-accuracy/forget"] == pytest.approx(np.mean(each))
        assert self.value()["client-accuracy/forget-worst"] == pytest.approx(min(each))


class TestDistance(_OnClients):
    metric = metrics["distance-to-reference"]

    def test_it_is_the_length_of_the_difference(self):
        one, other = (
            [p.detach().numpy().ravel() for p in m.trained.parameters()] for m in self.models()
        )
        expected = np.linalg.norm(np.concatenate(one) - np.concatenate(other))
        assert self.value()["distance-to-reference"] == pytest.approx(expected, rel=1e-6)

    def test_a_model_is_at_itself(self):
        one = self.models()[:1]
        found = self.metric.function(one, one, SeedStreams("any"), Context())
        assert found == {"distance-to-reference": 0.0}


class TestLossAttack(_OnClients):
    metric = metrics["mia-loss"]


class TestJensenShannon(_OnClients):
    metric = metrics["js-to-reference"]
