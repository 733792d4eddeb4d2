from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seedwise.stats import compare

# Student (1908), The probable error of a mean: additional hours of sleep, R's `sleep`.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_sleep_paired_as_printed_by_r():
    result = compare.paired(SLEEP_1, SLEEP_2)
    assert (result.diff, result.df) == (pytest.approx(-1.58), 9)
    assert result.p == pytest.approx(0.002833, abs=5e-7)
    assert (result.ci_low, result.ci_high) == pytest.approx((-2.4598858, -0.7001142), abs=5e-8)
    assert result.flags == ()


def test_sleep_welch_as_printed_by_r():
    result = compare.independent(SLEEP_1, SLEEP_2)
    assert result.df == pytest.approx(17.776, abs=5e-4)
    assert result.p == pytest.approx(0.07939, abs=5e-6)
    assert (result.ci_low, result.ci_high) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


def test_constant_per_training_seed_cancels():
    shift = np.linspace(-50, 50, 10)
    before = compare.paired(SLEEP_1, SLEEP_2)
    after = compare.paired(SLEEP_1 + shift, SLEEP_2 + shift)
    assert (after.diff, after.se, after.p) == pytest.approx((before.diff, before.se, before.p))


def test_single_reference_is_conditional_on_it():
    result = compare.independent(SLEEP_1, [1.0])
    expected = stats.ttest_1samp(SLEEP_1, 1.0)
    assert result.p == pytest.approx(expected.pvalue)
    assert result.df == 9
    assert result.flags == ("single_reference",)


def test_one_training_seed_has_a_difference_without_interval():
    for result in (compare.paired([2.0], [1.0]), compare.independent([2.0], [1.0, 1.5])):
        assert np.isfinite(result.diff)
        assert np.isnan([result.se, result.ci_low, result.p, result.df]).all()
        assert result.flags == ("single_training_seed",)


def test_no_common_training_seed():
    result = compare.paired([], [])
    assert np.isnan([result.diff, result.mean_a, result.ci_low]).all()
    assert result.flags == ("missing_cells",)


def test_equal_differences_have_no_interval_of_width_zero():
    result = compare.paired(np.array([0.1, 0.2, 0.3, 0.7, 0.9]) + 0.1, [0.1, 0.2, 0.3, 0.7, 0.9])
    assert result.diff == pytest.approx(0.1)
    assert result.se == 0
    assert np.isnan([result.ci_low, result.ci_high, result.p]).all()
    assert result.flags == ("degenerate",)


@pytest.mark.parametrize("count", [2, 3, 10, 30])
def test_seeds_to_halve(count):
    result = compare.paired(np.arange(count) ** 2.0, np.zeros(count))
    width = [stats.t.ppf(0.975, n - 1) / np.sqrt(n) for n in range(2, 200)]
    expected = next(n for n, w in enumerate(width, start=2) if w <= width[count - 2] / 2)
    assert result.n_training_seeds_to_halve == expected


def test_seeds_to_halve_of_independent_groups():
    result = compare.independent(SLEEP_1, SLEEP_2)
    n = int(result.n_training_seeds_to_halve)
    repeated = np.array(SLEEP_1).var(ddof=1), np.array(SLEEP_2).var(ddof=1)

    def half_width(size: int) -> float:
        a, b = repeated[0] / size, repeated[1] / size
        df = (a + b) ** 2 / (a**2 / (size - 1) + b**2 / (size - 1))
        return stats.t.ppf(0.975, df) * np.sqrt(a + b)

    assert half_width(n) <= half_width(10) / 2 < half_width(n - 1)


def test_holm_by_hand():
    assert compare.holm([0.03, 0.01, 0.02, 0.9]).tolist() == pytest.approx([0.06, 0.04, 0.06, 0.9])


def test_a_test_that_could_not_be_made_stays_in_the_family():
    adjusted = compare.holm([0.01, np.nan, 0.02])
    assert adjusted[[0, 2]].tolist() == pytest.approx([0.03, 0.04])
    assert np.isnan(adjusted[1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_never_helps_and_keeps_the_order(p):
    adjusted = compare.holm(p)
    assert (adjusted >= np.array(p)).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(([1.0], [1.0, 2.0]), "there are 1 and 2"), (([np.nan], [1.0]), "must be finite")],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        compare.paired(*arguments)
