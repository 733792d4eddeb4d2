"""The language domain, its methods and metrics keep every promise of the contracts."""

from dataclasses import replace
from typing import ClassVar

import pytest

pytest.importorskip("transformers")

from seedwise import registry
from seedwise.contracts import ForgetSet, Part, Task
from seedwise.domains.language import language
from seedwise.seeds import SeedStreams
from seedwise.study.arguments import bind
from seedwise.testing import DomainConformance, MethodConformance, MetricConformance


def task(model, **arguments):
    authors = language.components("dataset")["fictional-authors"]
    net = language.components("model")[model]
    size = {"authors": 5, "holdout": 2, "attributes": 5, "facts": 4, "vocabulary": 300}
    shape = {"width": 16, "layers": 2, "heads": 2, "context": 128}
    return Task(
        "language",
        Part("fictional-authors", bind(authors, size)),
        Part(model, bind(net, shape | arguments)),
        {"epochs": 2, "batch_size": 10},
    )


LLAMA = task("llama", inner=16)


class TestLlama(DomainConformance):
    domain, task = language, LLAMA
    forget, other_forget = ForgetSet("authors", 1), ForgetSet("random", 0.2, seed=1)


class TestGpt2(TestLlama):
    task = task("gpt2")


class TestPretrained(DomainConformance):
    domain = language
    forget, other_forget = ForgetSet("authors", 1), ForgetSet("random", 0.2, seed=1)
    more: ClassVar = {}

    @pytest.fixture(autouse=True)
    def _from_a_directory(self, pretrained_llama):
        net = language.components("model")["pretrained"]
        arguments = bind(net, {"path": pretrained_llama} | self.more)
        self.task = replace(LLAMA, model=Part("pretrained", arguments))


class TestAdapters(TestPretrained):
    more: ClassVar = {"lora": 2}


class _OnAuthors:
    def problem(self):
        return language.problem(LLAMA, ForgetSet("authors", 2), SeedStreams("data"))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("finetune", {"epochs": 1}),
        ("gradient-ascent", {"epochs": 1}),
        ("gradient-ascent", {"epochs": 1, "batch_size": 3}),
        ("neg-grad-plus", {"epochs": 1}),
        ("lfssd", {"alpha": 1.2}),
        ("scrub", {"epochs": 1, "lr": 0.05, "batch_size": 5}),
        ("ssd", {"alpha": 1.5}),
        ("grad-diff", {"epochs": 1, "lr": 1e-3, "batch_size": 5}),
        ("grad-diff", {"epochs": 2, "lr": 1e-3, "batch_size": None, "retain": "kl"}),
        ("npo", {"epochs": 1, "lr": 1e-3, "batch_size": 5}),
        ("npo", {"epochs": 1, "lr": 1e-3, "batch_size": None, "retain": "kl"}),
        ("simnpo", {"epochs": 1, "lr": 1e-3, "batch_size": 5}),
        ("rmu", {"epochs": 1, "lr": 1e-3, "batch_size": 5}),
        ("idk-dpo", {"epochs": 1, "lr": 1e-3, "batch_size": 5}),
        ("undial", {"epochs": 1, "lr": 1e-3, "batch_size": 5}),
        ("ceu", {"epochs": 1, "lr": 1e-3, "batch_size": 5}),
        ("wga", {"epochs": 1, "lr": 1e-3, "batch_size": 5}),
        ("satimp", {"epochs": 1, "lr": 1e-3, "batch_size": 5}),
        ("task-vector", {"epochs": 1, "lr": 1e-3, "batch_size": 5}),
    ],
)
def test_methods_keep_every_promise(name, arguments):
    class Tried(_OnAuthors, MethodConformance):
        method = registry.methods[name]

    Tried.arguments = bind(Tried.method.function, arguments)
    Tried().test_every_promise_is_kept()


METRICS = [
    name
    for name in registry.metrics
    if set(registry.metrics[name].spec.needs) <= set(language.columns)
    and registry.metrics[name].function.__module__.startswith("seedwise.metrics.")
    and registry.metrics[name].spec.level in ("model", "pair")
]


@pytest.mark.parametrize("name", METRICS)
def test_metrics_keep_every_promise(name):
    class Tried(_OnAuthors, MetricConformance):
        metric = registry.metrics[name]

    tried = Tried()
    tried.test_values_are_named_finite_and_within_bounds()
    tried.test_equal_seeds_give_equal_values()
    tried.test_it_leaves_the_model_alone()
