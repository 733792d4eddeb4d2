from __future__ import annotations

import numpy as np
import pytest

from seedwise.stats.alike import alike


def test_classes_give_the_sums_over_their_units():
    rng = np.random.default_rng(3)
    runs = rng.choice([0, 2, 3, 5], size=(8, 30))
    mean = 1e3 + rng.normal(size=runs.shape)
    ratio = rng.exponential(size=8)
    found = alike(runs, mean).weigh(ratio)
    assert found.weight.shape == (8, 3)
    weight = runs / (1 + ratio[:, None] * runs)
    centre = (weight * mean).sum(axis=1) / weight.sum(axis=1)
    assert found.total == pytest.approx(weight.sum(axis=1), rel=1e-13)
    assert found.residual == pytest.approx(
        (weight * (mean - centre[:, None]) ** 2).sum(axis=1), rel=1e-9
    )


def test_units_of_many_sizes_stay_alone():
    runs = np.array([[1, 2, 3, 4, 0]])
    found = alike(runs, np.array([[1.0, 2.0, 3.0, 4.0, np.nan]]))
    assert found.runs.tolist() == runs.tolist()
    assert found.units.tolist() == [[1, 1, 1, 1, 0]]
    assert found.mean.tolist() == [[1.0, 2.0, 3.0, 4.0, 0.0]]


def test_no_units_at_all():
    found = alike(np.zeros((2, 0), dtype=int), np.zeros((2, 0)))
    assert found.units.shape == (2, 0)
