"""The suites for methods and metrics pass what is good and find what is not."""

import pytest

from seedwise.contracts import ForgetSet, Method, Metric, MetricSpec, Part, Task
from seedwise.seeds import SeedStreams
from seedwise.study.arguments import bind
from seedwise.testing import MethodConformance, MetricConformance, toy

TASK = Task(
    "toy",
    Part("gaussian", bind(toy.gaussian, {})),
    Part("linear", bind(toy.linear, {})),
    {"epochs": 1, "lr": 0.1, "batch_size": 10},
)


def toy_problem(self):
    return toy.toy.problem(TASK, ForgetSet("random", 0.2), SeedStreams("data"))


def method_suite(function, *, deterministic):
    suite = type("Suite", (MethodConformance,), {"problem": toy_problem})()
    suite.method = Method("mine", function, deterministic=deterministic)
    return suite


def noise(original, problem, extras, seeds, ctx):
    model = problem.copy(original)
    model.delta += seeds.generator("noise").normal(size=model.delta.shape)
    return model


def test_a_method_that_keeps_its_promises_passes():
    method_suite(noise, deterministic=False).test_every_promise_is_kept()


def test_a_method_that_breaks_one_is_told_which():
    with pytest.raises(AssertionError, match="determinism as declared"):
        method_suite(noise, deterministic=True).test_every_promise_is_kept()


def metric_suite(function, **spec):
    suite = type("Suite", (MetricConformance,), {"problem": toy_problem})()
    suite.metric = Metric(MetricSpec("mine", **spec), function)
    return suite


TESTS = [name for name in vars(MetricConformance) if name.startswith("test_")]


@pytest.mark.parametrize("name", TESTS)
def test_a_metric_that_keeps_its_promises_passes(name):
    def drawn(subjects, against, seeds, ctx):
        return {"mine": seeds.generator("x").uniform()}

    getattr(metric_suite(drawn, stochastic=True, bounds=(0, 1)), name)()


def too_large(subjects, against, seeds, ctx):
    return {"mine": 2.0}


def elsewhere(subjects, against, seeds, ctx):
    return {"other": 0.5}


def not_a_number(subjects, against, seeds, ctx):
    return {"mine": float("nan")}


COUNT = [0]


def restless(subjects, against, seeds, ctx):
    COUNT[0] += 1
    return {"mine": 1 / COUNT[0]}


def meddling(subjects, against, seeds, ctx):
    subjects[0].model().delta[0] += 1
    return {"mine": 0.5}


def constant(subjects, against, seeds, ctx):
    return {"mine": 0.5}


@pytest.mark.parametrize(
    ("function", "stochastic", "test"),
    [
        (too_large, False, "test_values_are_named_finite_and_within_bounds"),
        (elsewhere, False, "test_values_are_named_finite_and_within_bounds"),
        (not_a_number, False, "test_values_are_named_finite_and_within_bounds"),
        (restless, False, "test_equal_seeds_give_equal_values"),
        (constant, True, "test_it_draws_as_declared"),
        (meddling, False, "test_it_leaves_the_model_alone"),
    ],
)
def test_a_metric_that_breaks_one_is_found(function, stochastic, test):
    suite = metric_suite(function, stochastic=stochastic, bounds=(0, 1))
    with pytest.raises(AssertionError):
        getattr(suite, test)()
