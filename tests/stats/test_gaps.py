from __future__ import annotations

import numpy as np
import pytest

from seedwise.stats import gaps


def test_seed_means_would_look_closer_than_the_floor():
    """Runs drawn like references lie a floor apart, their means do not."""
    rng = np.random.default_rng(0)
    runs, reference = rng.normal(size=(200, 10)), rng.normal(size=200)
    floor = gaps.floor(reference)
    assert floor.estimate == pytest.approx(2 / np.sqrt(np.pi), rel=0.08)
    assert gaps.typical_gap(runs, reference).estimate == pytest.approx(floor.estimate, rel=0.08)
    assert gaps.typical_gap(runs.mean(1)[:, None], reference).estimate < 0.8 * floor.estimate


def test_paired_runs_meet_their_own_reference():
    found = gaps.typical_gap([[1.0, 2.0], [5.0], [3.0]], [1.0, 4.0, 0.0], paired=True)
    assert found.estimate == pytest.approx((0.5 + 1 + 3) / 3)
    assert found.se == pytest.approx(np.std([0.5, 1, 3], ddof=1) / np.sqrt(3))


def test_paired_needs_as_many_references():
    with pytest.raises(ValueError, match="shorter"):
        gaps.typical_gap([[1.0], [2.0]], [1.0], paired=True)


def test_one_reference_is_conditional_on_it():
    found = gaps.typical_gap([[1.0], [2.0], [4.0]], [0.0])
    assert found.se == pytest.approx(np.std([1, 2, 4], ddof=1) / np.sqrt(3))


def test_floor_by_hand_and_without_enough_references():
    found = gaps.floor([0.0, 1.0, 3.0])
    assert found.estimate == pytest.approx(2)
    left_out = np.array([2.0, 3.0, 1.0])
    assert found.se == pytest.approx(np.sqrt(2 / 3 * ((left_out - 2) ** 2).sum()))
    assert np.isnan(gaps.floor([1.0]).estimate)
    assert np.isnan(gaps.floor([1.0, 2.0]).low)


def test_coverage_of_the_typical_gap():
    rng = np.random.default_rng(1)
    truth = 2 * np.exp(-1 / 4) / np.sqrt(np.pi) + (1 - 2 * 0.23975)
    hits = 0
    for _ in range(300):
        found = gaps.typical_gap(1 + rng.normal(size=(10, 3)), rng.normal(size=10))
        hits += found.low < truth < found.high
    assert hits / 300 > 0.9
