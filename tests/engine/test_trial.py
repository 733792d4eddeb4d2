"""Each promise of a method, kept and broken."""

import pytest

from seedwise import registry
from seedwise.contracts import ForgetSet, Method, Part, Task
from seedwise.engine.trial import trial
from seedwise.seeds import SeedStreams
from seedwise.study.arguments import bind
from seedwise.testing import toy

TASK = Task(
    "toy",
    Part("gaussian", bind(toy.gaussian, {})),
    Part("linear", bind(toy.linear, {})),
    {"epochs": 1, "lr": 0.1, "batch_size": 10},
)


def findings(function, *, deterministic=False):
    problem = toy.toy.problem(TASK, ForgetSet("random", 0.2), SeedStreams("data"))
    method = Method("tried", function, deterministic=deterministic)
    found = list(trial(method, problem).findings())
    return {finding.check: finding.passed for finding in found}, found[-1].message


def noise(original, problem, extras, seeds, ctx):
    model = problem.copy(original)
    model.delta += seeds.generator("noise").normal(size=model.delta.shape)
    return model


def shrink(original, problem, extras, seeds, ctx):
    model = problem.copy(original)
    model.delta *= 0.5
    return model


def in_place(original, problem, extras, seeds, ctx):
    original.delta *= 0.5
    return original


def lazy(original, problem, extras, seeds, ctx):
    return problem.copy(original)


def diverging(original, problem, extras, seeds, ctx):
    model = problem.copy(original)
    model.delta *= float("inf")
    return model


class Restless:
    """Draws from a source of its own."""

    count = 0

    def __call__(self, original, problem, extras, seeds, ctx):
        Restless.count += 1
        model = problem.copy(original)
        model.delta *= 1 + 1 / Restless.count
        return model


@pytest.mark.parametrize(("method", "deterministic"), [(noise, False), (shrink, True)])
def test_good_methods_pass_every_check(method, deterministic):
    kept, _ = findings(method, deterministic=deterministic)
    assert len(kept) == 6
    assert all(kept.values())


@pytest.mark.parametrize(
    ("method", "deterministic", "check", "message"),
    [
        (lambda *a: 1 / 0, False, "runs", "raised ZeroDivisionError"),
        (lambda *a: None, False, "runs", "return the unlearned model"),
        (diverging, False, "finite weights", "lower its step size"),
        (noise, True, "determinism as declared", "another unlearning seed gave other parameters"),
        (shrink, False, "determinism as declared", "declare deterministic=True"),
        (Restless(), False, "reproducible", "draw random numbers from `seeds` alone"),
    ],
)
def test_a_broken_promise_is_found_and_explained(method, deterministic, check, message):
    kept, last = findings(method, deterministic=deterministic)
    assert not kept[check]
    assert message in last


def test_touching_the_original_and_doing_nothing_are_found():
    assert not findings(in_place)[0]["leaves the original alone"]
    assert not findings(lazy, deterministic=True)[0]["does something"]


def test_methods_see_their_splits_alone():
    def peek(original, problem, extras, seeds, ctx):
        problem.targets("test")

    kept, message = findings(peek)
    assert kept == {"runs": False}
    assert "not visible here" in message


def test_captures_reach_the_method_that_needs_them():
    problem = toy.toy.problem(TASK, ForgetSet("random", 0.2), SeedStreams("data"))
    assert set(trial(toy.toy_rewind, problem).extras) == {"history:norms"}
    assert registry.methods["toy-rewind"].needs == ("history:norms",)
