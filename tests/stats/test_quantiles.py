from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from seedwise.stats import quantiles


@pytest.mark.parametrize("df", [1, 2, 9, 74.3, 1e4])
def test_against_scipy_distributions(df):
    assert quantiles.t_quantile(0.9, df) == pytest.approx(stats.t.ppf(0.95, df))
    assert quantiles.t_pvalue(-2.3, df) == pytest.approx(2 * stats.t.sf(2.3, df))
    assert quantiles.f_quantile(0.025, df, 7) == pytest.approx(stats.f.ppf(0.025, df, 7))
    assert quantiles.chi2_ratio(0.025, df) == pytest.approx(stats.chi2.ppf(0.025, df) / df)


def test_no_df_is_nan():
    found = [
        quantiles.t_quantile(0.95, [0, -1]),
        quantiles.t_pvalue(1.0, [0, -1]),
        quantiles.f_quantile(0.5, [0, 3], [3, 0]),
        quantiles.chi2_ratio(0.5, [0, -1]),
    ]
    assert np.isnan(found).all()


def test_many_arguments_give_what_each_gives_alone():
    rng = np.random.default_rng(0)
    df1, df2 = rng.choice([0, 1, 4.5, 9, np.nan], size=(2, 60))
    level = rng.choice([0.9, 0.95], size=60)
    together = [
        quantiles.t_quantile(level, df1),
        quantiles.f_quantile(0.975, df1, df2),
        quantiles.chi2_ratio(level, df2),
    ]
    alone = [
        [quantiles.t_quantile(p, a) for p, a in zip(level, df1, strict=True)],
        [quantiles.f_quantile(0.975, a, b) for a, b in zip(df1, df2, strict=True)],
        [quantiles.chi2_ratio(p, b) for p, b in zip(level, df2, strict=True)],
    ]
    np.testing.assert_array_equal(together, np.array(alone))
    assert quantiles.f_quantile(0.5, df1.reshape(4, 15), 3).shape == (4, 15)
