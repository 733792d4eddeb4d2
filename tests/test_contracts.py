"""The small frozen types of the contracts."""

import time
from dataclasses import FrozenInstanceError

import pytest

from seedwise.contracts import Clock, Context, Method, Recipe


def test_a_clock_adds_up_each_phase_by_itself():
    clock = Clock()
    with clock("unlearn"):
        time.sleep(0.01)
    first = clock.wall["unlearn"]
    with clock("unlearn"), clock("evaluate"):
        pass
    assert clock.wall["unlearn"] > first >= 0.01
    assert set(clock.wall) == set(clock.cpu) == {"unlearn", "evaluate"}


def test_a_clock_counts_what_was_spent_before_an_error():
    clock = Clock()
    with pytest.raises(ValueError, match="no luck"), clock("train"):
        raise ValueError("no luck")
    assert "train" in clock.wall


def test_every_context_has_a_clock_of_its_own():
    assert Context().clock is not Context().clock


def test_determinism_is_declared_as_such_or_by_the_arguments():
    always = Method("a", print, deterministic=True)
    depends = Method("b", print, deterministic=lambda given: given["batch_size"] is None)
    assert always.is_deterministic({})
    assert depends.is_deterministic({"batch_size": None})
    assert not depends.is_deterministic({"batch_size": 8})
    assert not Method("c", print).is_deterministic({})


def test_a_method_never_sees_test_data_unasked():
    assert "test" not in Method("a", print).splits


def test_a_recipe_does_not_change():
    with pytest.raises(FrozenInstanceError):
        Recipe(epochs=1, lr=0.1).lr = 1.0
