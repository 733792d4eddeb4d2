"""The federated domain keeps every promise of the contracts."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from seedwise.contracts import ForgetSet, Part, Task
from seedwise.domains.federated import federated
from seedwise.study.arguments import bind
from seedwise.testing import DomainConformance


def task(model="mlp", arguments=None, **train):
    digits, net = federated.components("dataset")["digits"], federated.components("model")[model]
    recipe = {"rounds": 2, "clients": 4, **train}
    net_arguments = bind(net, arguments or {"hidden": [8]})
    return Task("federated", Part("digits", bind(digits, {})), Part(model, net_arguments), recipe)


class TestLoop(DomainConformance):
    domain, task = federated, task()
    forget, other_forget = ForgetSet("clients", [1]), ForgetSet("random", 0.5, seed=1)


class TestVmapped(TestLoop):
    task = task(backend="vmapped")


class TestSampledDirichletProximal(TestLoop):
    task = task(partitioner="label-dirichlet", alpha=1.0, participation=0.5, proximal=0.1)


class TestCnn(TestLoop):
    task = task("cnn", {"channels": [2]}, rounds=1)


class TestCnnVmapped(TestLoop):
    task = task("cnn", {"channels": [2]}, rounds=1, backend="vmapped")
