from __future__ import annotations

import numpy as np
import pytest

from seedwise.stats import intervals, pivots


def test_without_inner_noise_it_is_the_exact_interval():
    squares = np.array([[0.0, 0.0], [40.0, 40.0], [100.0, 15.0]])
    df = np.array([[30, 30], [20, 20], [9, 9]])
    cells, values = np.array([3, 3]), np.array([2, 2])
    ends = pivots.share_of_units(squares, df, cells, values, 0.95)
    ratio = (squares[2] / 9) / (squares[1] / 20)
    exact = intervals.exact_f(ratio, df[2], df[1], cells, 0.95)
    assert ends.low == pytest.approx(exact.low, abs=0.01)
    assert ends.high == pytest.approx(exact.high, abs=0.01)


@pytest.mark.parametrize("variances", [(1, 1, 1), (0.5, 0.9, 0.1), (0.5, 0.1, 0.9)])
def test_coverage(variances):
    noise, runs, units = variances
    units_count, cells, values = 8, 3, 2
    df = np.array([units_count * cells * (values - 1), units_count * (cells - 1), units_count - 1])
    expected = np.array([noise, noise + values * runs, noise + values * (runs + cells * units)])
    rng = np.random.default_rng(0)
    squares = expected[:, None] * rng.chisquare(df[:, None], size=(3, 2000))
    ends = pivots.share_of_units(
        squares, np.repeat(df[:, None], 2000, axis=1), np.full(2000, 3), np.full(2000, 2), 0.95
    )
    truth = units / (units + runs)
    # The standard error of a share of .95 over 2,000 is .005.
    assert 0.925 < np.mean((ends.low <= truth) & (truth <= ends.high)) < 0.985


def test_no_df_no_limits():
    df = np.array([[3], [2], [0]])
    ends = pivots.share_of_units(np.ones((3, 1)), df, np.ones(1), np.ones(1), 0.95)
    assert np.isnan([ends.low[0], ends.high[0]]).all()
