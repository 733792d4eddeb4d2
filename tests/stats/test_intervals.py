"""Interval formulas against other routes to the same limits, and their coverage by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from seedwise.stats import intervals, nested


def simulated(groups: int, units: int, runs: int, rho: float, seed: int = 0) -> dict:
    rng = np.random.default_rng(seed)
    values = np.sqrt(rho) * rng.normal(size=(groups, units, 1))
    values = values + np.sqrt(1 - rho) * rng.normal(size=(groups, units, runs))
    codes = np.indices(values.shape).reshape(3, -1)
    rows = nested.Rows(values.ravel(), *codes, np.zeros_like(codes[0]))
    return nested.columns(nested.arrange(rows, groups), ["unlearning"] * groups)


def covered(table: dict, name: str, truth: float) -> float:
    """Return the share of limits that hold, those `at most 0` counting as misses."""
    low, high = table[f"{name}_low"], table[f"{name}_high"]
    return float(np.mean((low <= truth) & (truth <= high)))


# 4,000 replications: the standard error of a coverage of .95 is .0034.
@pytest.mark.parametrize(("units", "runs", "rho"), [(3, 3, 0.5), (10, 3, 0.1), (10, 10, 0.9)])
def test_coverage_under_normality(units, runs, rho):
    table = simulated(4000, units, runs, rho)
    assert covered(table, "ci", 0.0) == pytest.approx(0.95, abs=0.012)
    assert covered(table, "icc", rho) == pytest.approx(0.95, abs=0.012)
    assert 0.935 < covered(table, "var_train", rho) < 0.985
    assert 0.93 < covered(table, "var_unlearn", 1 - rho) < 0.965
    assert 0.935 < covered(table, "var_total", 1.0) < 0.985


def test_wald_equals_exact_f_where_balanced():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(50, 6, 1)) + rng.normal(size=(50, 6, 4))
    mean = values.mean(axis=2)
    ms_within = values.var(axis=2, ddof=1).mean(axis=1)
    wald = intervals.wald(np.full((50, 6), 4), mean, ms_within, 0.95)
    ratio = 4 * mean.var(axis=1, ddof=1) / ms_within
    exact = intervals.exact_f(ratio, np.array(5), np.array(18), np.array(4), 0.95)
    assert wald.low == pytest.approx(exact.low, abs=1e-9)
    assert wald.high == pytest.approx(exact.high, abs=1e-9)
    assert (wald.low > 0).any()


def test_wald_covers_where_unbalanced():
    rng = np.random.default_rng(2)
    runs = np.tile([1, 2, 3, 6, 8, 2, 5], (3000, 1))
    mean = rng.normal(size=runs.shape) + rng.normal(size=runs.shape) / np.sqrt(runs)
    ms_within = rng.chisquare(runs[0].sum() - 7, size=3000) / (runs[0].sum() - 7)
    ends = intervals.wald(runs, mean, ms_within, 0.95)
    assert np.mean((ends.low <= 0.5) & (ends.high >= 0.5)) == pytest.approx(0.95, abs=0.012)


def test_exact_f_by_hand():
    ends = intervals.exact_f(*(np.array([x]) for x in (10.0, 4, 20, 5)), 0.9)
    low = 10 / stats.f.ppf(0.95, 4, 20) - 1
    high = 10 / stats.f.ppf(0.05, 4, 20) - 1
    assert ends.low[0] == pytest.approx(low / (low + 5))
    assert ends.high[0] == pytest.approx(high / (high + 5))


def test_mls_is_zero_exactly_where_the_f_test_is():
    df1, df2, runs = np.array([5.0]), np.array([24.0]), np.array([5.0])
    critical = stats.f.ppf([0.025, 0.975], 5, 24)
    for edge, end in zip(critical[::-1], ("low", "high"), strict=True):
        around = [
            getattr(
                intervals.mls_between(np.array([f]), np.array([1.0]), df1, df2, runs, 0.95), end
            )[0]
            for f in (edge * 0.999, edge, edge * 1.001)
        ]
        assert around[1] == pytest.approx(0, abs=1e-8)
        assert around[2] > 0
        assert around[0] == 0 if end == "low" else around[0] < 0


def test_mls_without_inner_variance_is_chi_square():
    one = np.array([1.0])
    ends = intervals.mls_between(12 * one, 0 * one, 5 * one, 24 * one, 4 * one, 0.95)
    plain = intervals.chi_square(3 * one, 5 * one, 0.95)
    assert ends.low == pytest.approx(plain.low)
    assert ends.high == pytest.approx(plain.high)


def test_total_with_one_run_is_chi_square():
    squares, df = np.array([[0.0], [3.0]]), np.array([[0], [5]])
    ends = intervals.sum_of_mean_squares(squares, df, np.ones((2, 1)), 0.95)
    plain = intervals.chi_square(np.array([3.0]), np.array([5]), 0.95)
    assert (ends.low[0], ends.high[0]) == pytest.approx((plain.low[0], plain.high[0]))


def test_jackknife_of_a_mean_is_the_t_interval():
    values = np.array([[1.0, 4.0, 2.0, 7.0]])
    without = (values.sum() - values) / 3
    ends = intervals.jackknife(values.mean(axis=1), without, values > 0, 0.95)
    expected = stats.t.interval(0.95, 3, values.mean(), stats.sem(values[0]))
    assert (ends.low[0], ends.high[0]) == pytest.approx(expected)


def test_log_jackknife_by_hand():
    squares, df = np.array([[2.0, 3.0, 1.0, 9.0]]), np.array([[2, 1, 1, 0]])
    ends = intervals.log_jackknife(squares, df, 0.95)
    # The fourth unit has no df, so it says nothing about the variance.
    whole = np.log(6 / 4)
    pseudo = [3 * whole - 2 * np.log(x) for x in (4 / 2, 3 / 3, 5 / 3)]
    expected = stats.t.interval(0.95, 2, np.mean(pseudo), stats.sem(pseudo))
    assert np.log([ends.low[0], ends.high[0]]) == pytest.approx(expected)
