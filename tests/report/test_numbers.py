from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedwise.report.numbers import (
    LATEX,
    SCREEN,
    duration,
    estimate,
    number,
    p_value,
    percent,
    places,
    signed,
)

halves = st.floats(1e-5, 1e4)
values = st.floats(-1e4, 1e4)


def read(text: str) -> float:
    return float(text.replace(SCREEN.minus, "-"))


@given(values, halves)
def test_every_end_is_rounded_by_less_than_a_tenth_of_the_half_width(value, half):
    written = estimate(value, value - half, value + half, SCREEN)
    low, high = (read(end) for end in written.interval.strip("[]").split(", "))
    room = max(0.05 * half, 0.5 * 10 ** -places(half)) * (1 + 1e-6) + 1e-9
    for shown, true in ((low, value - half), (read(written.value), value), (high, value + half)):
        assert abs(shown - true) <= room


@given(values, st.floats(1e-4, 1e4))
def test_value_and_ends_have_the_same_number_of_decimals(value, half):
    written = estimate(value, value - half, value + half)
    numbers = [written.value, *written.interval.strip("[]").split(", ")]
    assert len({len(text.partition(".")[2]) for text in numbers}) == 1


@given(values)
def test_no_zero_before_the_point_and_no_negative_zero(value):
    text = number(value, 3)
    assert not text.startswith(("0.", "-0."))
    assert text != "-.000"
    assert abs(float(text) - value) <= 0.0005 * (1 + 1e-9)


@pytest.mark.parametrize(
    ("value", "half", "expected"),
    [
        (0.93124, 0.0123, ".931 [.919, .944]"),
        (-0.012, 0.0009, "-.01200 [-.01290, -.01110]"),
        (12.3, 4.56, "12.3 [7.7, 16.9]"),
        (123456.0, 2300.0, "123456 [121156, 125756]"),
        (3.2e-8, 4e-9, "3.20e-8 [2.80e-8, 3.60e-8]"),
    ],
)
def test_estimates_in_words(value, half, expected):
    assert estimate(value, value - half, value + half).text == expected


def test_without_an_interval_the_value_has_three_digits():
    assert estimate(0.123456, math.nan, math.nan).text == ".123"
    assert estimate(0.123456, 0.123456, 0.123456).interval == ""


def test_missing_is_a_dash_in_every_style():
    assert estimate(math.nan, math.nan, math.nan, SCREEN).text == "\N{EN DASH}"
    assert estimate(math.nan, math.nan, math.nan, LATEX).text == "--"
    assert p_value(math.nan) == percent(math.nan) == duration(math.nan) == "-"


def test_latex_minus_and_exponent():
    assert number(-0.25, 2, LATEX) == "$-$.25"
    assert number(3.2e-9, 10, LATEX) == r"3.2$\cdot 10^{-9}$"


def test_signs_of_differences():
    assert signed(0.04, 0.03, 0.05).value == "+.040"
    assert signed(-0.04, -0.05, -0.03).value == "-.040"
    assert signed(0.0001, -0.5, 0.5).value == ".00"


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_a_share_inside_never_reads_0_or_100_per_cent(share):
    assert percent(share) not in ("0 %", "100 %")


@pytest.mark.parametrize(
    ("p", "words"), [(0.0004, "p < .001"), (0.0312, "p = .031"), (0.9999, "p = 1.00")]
)
def test_p_values(p, words):
    assert p_value(p) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0.00 s"), (59.99, "59.9 s"), (60, "1 min 0 s"), (3600, "1 h 0 min")],
)
def test_durations(seconds, words):
    assert duration(seconds) == words
