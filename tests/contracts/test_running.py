"""Clocks and contexts."""

import time

import pytest

from seedwise.contracts import Clock, Context


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
