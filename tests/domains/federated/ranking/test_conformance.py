"""The domain of federated learning to rank keeps every promise of the contracts."""

from __future__ import annotations

from seedwise.contracts import ForgetSet, Part, Task
from seedwise.domains.federated.ranking import federated_ranking
from seedwise.study.arguments import bind
from seedwise.testing import DomainConformance


def task(model="linear-ranker", **train):
    net = bind(federated_ranking.components("model")[model], {})
    recipe = {"rounds": 2, "clients": 4, "interactions": 2, **train}
    return Task("federated-ranking", Part("lambdarank"), Part(model, net), recipe)


class TestLinear(DomainConformance):
    domain, task = federated_ranking, task()
    forget, other_forget = ForgetSet("clients", [1]), ForgetSet("random", 0.5, seed=1)


class TestNeural(TestLinear):
    task = task("neural-ranker")


class TestSampledPoisonedProximal(TestLinear):
    task = task(participation=0.5, scenario="data", poisoned=(1,), proximal=0.1)
