from __future__ import annotations

import numpy as np
import pytest

from seedwise.stats import bootstrap
from seedwise.stats.quantiles import t_quantile


def test_equal_generators_give_equal_bits_whatever_numpy_holds():
    values = np.random.default_rng(0).exponential(size=(12, 2))
    found = []
    for state in (1, 2):
        np.random.seed(state)  # noqa: NPY002 - the global state must not matter
        rng = np.random.default_rng(7)
        ends = bootstrap.bootstrap_t(values[:, 0], rng)
        bound = bootstrap.gaffke(values[:, 0], (0.0, 50.0), rng)
        found.append((*ends, *bound, *bootstrap.max_t(values, rng)))
    assert found[0] == found[1]


def test_equivariance_and_order():
    values = np.random.default_rng(0).exponential(size=10)
    there = bootstrap.bootstrap_t(values, np.random.default_rng(1))
    moved = bootstrap.bootstrap_t(3 * values + 5, np.random.default_rng(1))
    assert moved.low == pytest.approx(3 * there.low + 5)
    assert moved.high == pytest.approx(3 * there.high + 5)


def test_near_normal_values_give_nearly_the_t_interval():
    values = np.random.default_rng(3).normal(size=40)
    ends = bootstrap.bootstrap_t(values, np.random.default_rng(1))
    half = t_quantile(0.95, 39) * values.std(ddof=1) / np.sqrt(40)
    assert ends.high - ends.low == pytest.approx(2 * half, rel=0.1)


def test_few_units_have_no_bootstrap():
    rng = np.random.default_rng(0)
    assert np.isnan(bootstrap.bootstrap_t(np.arange(7.0), rng).low)
    assert np.isnan(bootstrap.bootstrap_t(np.ones(9), rng).low)
    assert np.isnan(bootstrap.max_t(np.arange(18.0).reshape(9, 2), rng)).all()


def test_gaffke_of_one_value_is_uniform():
    """One value x: the upper limit is a quantile of x D + b (1 - D), D uniform."""
    ends = bootstrap.gaffke([0.2], (0.0, 1.0), np.random.default_rng(0), draws=99999)
    assert float(ends.high) == pytest.approx(0.2 + 0.8 * 0.975, abs=0.005)
    assert float(ends.low) == pytest.approx(0.2 * 0.025, abs=0.005)


def test_gaffke_needs_a_bound_on_each_side():
    ends = bootstrap.gaffke([1.0, 2.0], (0.0, np.inf), np.random.default_rng(0))
    assert np.isfinite(ends.low)
    assert np.isnan(ends.high)
    with pytest.raises(ValueError, match="outside the bounds"):
        bootstrap.gaffke([2.0], (0.0, 1.0), np.random.default_rng(0))


def test_gaffke_covers_at_the_ceiling():
    """Values that are 1 in nine cases of ten and .5 otherwise: t covers about .65 at I = 10."""
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        values = np.where(rng.random(10) < 0.1, 0.5, 1.0)
        ends = bootstrap.gaffke(values, (0.0, 1.0), rng, draws=999)
        hits += ends.low <= 0.95 <= ends.high
    assert hits / 200 > 0.95


def test_max_t_keeps_the_family_and_finds_the_effect():
    rng = np.random.default_rng(2)
    alarms = 0
    for _ in range(150):
        shared = rng.normal(size=(12, 1))
        alarms += bootstrap.max_t(shared + rng.normal(size=(12, 6)), rng, draws=499).min() < 0.05
    assert alarms / 150 < 0.1


def test_a_comparison_without_spread_has_no_p():
    d = np.column_stack([np.ones(12), np.random.default_rng(0).normal(size=12)])
    found = bootstrap.max_t(d, np.random.default_rng(0))
    assert np.isnan(found[0])
    assert 0 < found[1] <= 1
