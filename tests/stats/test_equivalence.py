"""Equivalence with a fixed margin, and which of two methods is closer to the reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedwise.stats import compare
from seedwise.stats.quantiles import t_quantile

VALUES = st.lists(st.integers(-50, 50), min_size=3, max_size=8, unique=True)


def test_tost_by_hand():
    d = np.array([0.1, 0.3, -0.1, 0.1])
    se = d.std(ddof=1) / 2
    result = compare.tost(d, margin=0.4)
    half = float(t_quantile(0.9, 3)) * se
    assert (result.low, result.high) == pytest.approx((0.1 - half, 0.1 + half))
    assert result.smallest_margin == pytest.approx(0.1 + half)
    assert result.equivalent == (result.smallest_margin < 0.4)


@settings(max_examples=60, deadline=None)
@given(VALUES, st.integers(1, 200))
def test_p_and_interval_agree(d, margin):
    result = compare.tost(d, margin=float(margin))
    inside = -margin < result.low and result.high < margin
    assert result.equivalent == inside == (result.smallest_margin < margin)


@pytest.mark.parametrize("margin", [0.0, -1.0, np.nan, np.inf])
def test_bad_margins_are_refused(margin):
    with pytest.raises(ValueError, match="margin must be a number above 0"):
        compare.tost([0.1, 0.2], margin=margin)


def test_without_margin_or_spread_nothing_is_decided():
    assert compare.tost([0.1, 0.2, 0.4]).equivalent is None
    flat = compare.tost([0.1, 0.1, 0.1], margin=1)
    assert flat.equivalent is None
    assert np.isnan(flat.smallest_margin)


@settings(max_examples=60, deadline=None)
@given(VALUES, st.integers(-20, 20))
def test_closer_is_antisymmetric_and_agrees_with_the_means(a, shift):
    first, second = np.array(a, float), np.array(a[::-1], float) * 0.5 + shift + 0.25
    reference = np.linspace(-3, 3, len(a))
    there, back = (compare.closer(*pair, reference) for pair in ((first, second), (second, first)))
    assert there.p == back.p or (np.isnan(there.p) and np.isnan(back.p))
    swapped = {"a": "b", "b": "a", "neither": "neither"}
    assert swapped[there.closer] == back.closer
    if there.closer != "neither":
        gaps = [abs(side.mean() - reference.mean()) for side in (first, second)]
        assert there.closer == ("a" if gaps[0] < gaps[1] else "b")


def test_methods_on_either_side_at_one_distance_are_not_told_apart():
    reference = np.array([-0.1, 0.0, 0.1, 0.05, -0.05])
    a = 1 + np.array([0.01, -0.02, 0.0, 0.02, -0.01])
    b = -1 + np.array([0.0, 0.01, -0.01, 0.03, -0.03])
    result = compare.closer(a, b, reference)
    assert result.p_difference < 1e-6
    assert result.closer == "neither"


def test_size_of_the_closer_test():
    """Two methods at equal distance on one side (A = B) or on both: at most .05 together."""
    rng = np.random.default_rng(0)
    for gap_b in (1.0, -1.0):
        found = []
        for _ in range(500):
            train = 0.5 * rng.normal(size=8)
            a, b = (gap + train + 0.5 * rng.normal(size=8) for gap in (1.0, gap_b))
            found.append(compare.closer(a, b, 0.5 * rng.normal(size=8)).closer)
        assert np.mean(np.array(found) != "neither") < 0.08
