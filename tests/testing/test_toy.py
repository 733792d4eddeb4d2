"""The toy domain, its methods and metrics keep every promise."""

import pytest

from seedwise import registry
from seedwise.contracts import ForgetSet, Part, Task
from seedwise.methods.generic.finetune import finetune
from seedwise.methods.generic.gradient_ascent import gradient_ascent
from seedwise.methods.generic.neg_grad_plus import neg_grad_plus
from seedwise.methods.generic.random_labels import random_labels
from seedwise.metrics.accuracy import accuracy
from seedwise.metrics.js_to_reference import js_to_reference
from seedwise.seeds import SeedStreams
from seedwise.study.arguments import bind, schema_of
from seedwise.testing import DomainConformance, MethodConformance, MetricConformance, toy

TASK = Task(
    "toy",
    Part("gaussian", bind(toy.gaussian, {})),
    Part("linear", bind(toy.linear, {})),
    {"epochs": 3, "lr": 0.1, "batch_size": 10},
)
ADAPTER = Task("toy", TASK.dataset, Part("adapter", bind(toy.adapter, {})), TASK.train)


class TestLinear(DomainConformance):
    domain, task = toy.toy, TASK
    forget, other_forget = ForgetSet("random", 0.2), ForgetSet("random", 0.2, seed=1)


class TestAdapter(TestLinear):
    task = ADAPTER

    def test_the_artifact_names_its_base(self, tmp_path):
        problem = self.problem()
        artifact = problem.save(self.train(problem, 0)[0].model, tmp_path / "m")
        assert artifact.base is not None


class _OnToy:
    def problem(self):
        return toy.toy.problem(TASK, ForgetSet("random", 0.2), SeedStreams("data"))


def _defaults(method, **changes):
    return bind(method.function, changes) if schema_of(method.function) else {}


class TestNoise(_OnToy, MethodConformance):
    method, arguments = toy.toy_noise, _defaults(toy.toy_noise)


class TestShrink(_OnToy, MethodConformance):
    method, arguments = toy.toy_shrink, _defaults(toy.toy_shrink)


class TestRewind(_OnToy, MethodConformance):
    method = toy.toy_rewind


class TestFinetune(_OnToy, MethodConformance):
    method, arguments = finetune, _defaults(finetune, batch_size=8)


class TestGradientAscent(_OnToy, MethodConformance):
    method, arguments = gradient_ascent, _defaults(gradient_ascent)


class TestNegGradPlus(_OnToy, MethodConformance):
    method, arguments = neg_grad_plus, _defaults(neg_grad_plus, batch_size=8)


class TestRandomLabels(_OnToy, MethodConformance):
    method, arguments = random_labels, _defaults(random_labels, batch_size=8)


class TestProbe(_OnToy, MetricConformance):
    metric = toy.toy_probe


class TestDistance(_OnToy, MetricConformance):
    metric = toy.toy_weight_distance


class TestMarginGap(_OnToy, MetricConformance):
    metric = toy.toy_margin_gap


class TestAccuracy(_OnToy, MetricConformance):
    metric = accuracy


class TestJensenShannon(_OnToy, MetricConformance):
    metric = js_to_reference


def test_a_plug_in_by_module_name_registers_everything():
    assert {"toy-noise", "toy-shrink", "toy-rewind"} <= set(registry.methods)
    assert "toy" in registry.domains


def test_a_broken_method_is_found_out():
    @registry.method("toy-in-place", deterministic=True)
    def in_place(original, problem, extras, seeds, ctx):
        original.delta *= 0.5
        return original

    class Broken(_OnToy, MethodConformance):
        method = in_place

    with pytest.raises(AssertionError, match="leaves the original alone"):
        Broken().test_every_promise_is_kept()
