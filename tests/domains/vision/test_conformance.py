"""The vision domain and its methods keep every promise of the contracts."""

import pytest

pytest.importorskip("torch")

from seedwise import registry
from seedwise.contracts import ForgetSet, Part, Task
from seedwise.domains.vision import vision
from seedwise.seeds import SeedStreams
from seedwise.study.arguments import bind
from seedwise.testing import DomainConformance, MethodConformance, MetricConformance


def task(model, **arguments):
    digits, net = vision.components("dataset")["digits"], vision.components("model")[model]
    recipe = {"epochs": 1, "lr": 0.05}
    return Task(
        "vision", Part("digits", bind(digits, {})), Part(model, bind(net, arguments)), recipe
    )


MLP = task("mlp", hidden=[16])


class TestMlp(DomainConformance):
    domain, task = vision, MLP
    forget, other_forget = ForgetSet("class", 3), ForgetSet("random", 0.1, seed=1)


class TestCnn(TestMlp):
    task = task("cnn", channels=[4, 4])


class _OnDigits:
    def problem(self):
        return vision.problem(MLP, ForgetSet("class", 3), SeedStreams("data"))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("finetune", {"epochs": 1}),
        ("gradient-ascent", {"epochs": 1}),
        ("gradient-ascent", {"epochs": 1, "batch_size": 32}),
        ("neg-grad-plus", {"epochs": 1}),
        ("random-labels", {"epochs": 1}),
        ("ssd", {"alpha": 1.5}),
        ("ssd", {"alpha": 1.5, "importance": "batch"}),
    ],
)
def test_methods_keep_every_promise(name, arguments):
    class Tried(_OnDigits, MethodConformance):
        method = registry.methods[name]

    Tried.arguments = bind(Tried.method.function, arguments)
    Tried().test_every_promise_is_kept()


class TestAccuracy(_OnDigits, MetricConformance):
    metric = registry.metrics["accuracy"]


class TestLoss(_OnDigits, MetricConformance):
    metric = registry.metrics["loss"]


class TestMiaLoss(_OnDigits, MetricConformance):
    metric = registry.metrics["mia-loss"]


class TestJensenShannon(_OnDigits, MetricConformance):
    metric = registry.metrics["js-to-reference"]
