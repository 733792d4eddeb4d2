from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from seedwise.stats import practice


def test_coverage_is_what_a_simulation_finds():
    rng = np.random.default_rng(0)
    rho, runs = 0.5, 10
    model = np.sqrt(rho) * rng.normal(size=(20_000, 1))
    values = model + np.sqrt(1 - rho) * rng.normal(size=(20_000, runs))
    half = 2.262157 * values.std(axis=1, ddof=1) / np.sqrt(runs)
    found = np.mean(abs(values.mean(axis=1)) <= half)
    assert practice.single_seed_coverage(rho, runs) == pytest.approx(found, abs=0.012)


def test_coverage_as_documented():
    found = practice.single_seed_coverage([0.0, 0.1, 0.5, 0.9, 1.0], 10)
    assert found == pytest.approx([0.95, 0.846, 0.488, 0.182, 0.0], abs=5e-4)
    assert practice.single_seed_coverage(0.5, 100) == pytest.approx(0.156, abs=5e-4)


def test_coverage_needs_two_runs_and_a_share():
    assert np.isnan(practice.single_seed_coverage([0.5, np.nan], [1, 10])).all()


def test_tipping_point_is_where_the_claim_breaks():
    t, runs = 4.0, 10
    rho = float(practice.tipping_icc(t, runs))
    inflated = t / np.sqrt(1 + runs * rho / (1 - rho))
    assert inflated == pytest.approx(2.262157, rel=1e-6)
    assert practice.tipping_icc(2.0, 10) == 0
    assert np.isnan(practice.tipping_icc(9.0, 1))


def test_misses_are_judged_against_the_others():
    units = practice.Units(np.array([5, 5, 5, 1]), np.array([0.0, 0.0, 0.0, 3.0]), np.ones(4) * 20)
    # Half-width 2.776 sqrt(5 / 5) = 2.78; the others' mean is 1, 1, 1 for the first three.
    assert practice.single_seed_misses(units)[:3].tolist() == [0, 0, 0]
    narrow = units._replace(squares=np.full(4, 0.02))
    assert practice.single_seed_misses(narrow)[:3].tolist() == [1, 1, 1]
    assert np.isnan(practice.single_seed_misses(narrow)[3])


def test_misses_need_other_training_seeds():
    units = practice.Units(np.array([5]), np.array([1.0]), np.array([1.0]))
    assert np.isnan(practice.single_seed_misses(units)).all()


def test_sign_reversals_need_runs_to_test_with():
    single = practice.Units(np.ones(3, dtype=int), np.array([1.0, -1.0, 2.0]), np.zeros(3))
    assert practice.sign_reversals(single, single._replace(mean=np.zeros(3))) == (0, 0)


def test_failures_that_cannot_be_excluded():
    assert practice.failure_bound(3).round(2) == 0.63
    # Clopper & Pearson: P(at most 2 of 10 fail) = .05 at the limit.
    limit = practice.failure_bound(10, 2)
    assert stats.binom.cdf(2, 10, limit) == pytest.approx(0.05)
    assert practice.failure_bound(4, 4) == 1
