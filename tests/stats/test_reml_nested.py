from __future__ import annotations

import numpy as np
import pytest

from seedwise.stats import reml_nested


def design(seed: int = 0) -> reml_nested.Sample:
    rng = np.random.default_rng(seed)
    cells = np.repeat(np.arange(6), [1, 3, 2, 3, 1, 2])
    units = np.array([0, 0, 0, 1, 1, 2])
    rows = rng.integers(1, 5, size=12)
    return reml_nested.Sample(rows, rng.normal(size=12), (cells, units), 3.0)


@pytest.mark.parametrize("at", [(0.7, 1.9, 0.4), (0.0, 0.3, 5.0), (2.0, 0.0, 0.0)])
def test_the_gradient_is_that_of_the_criterion(at):
    sample, ratios = design(), np.array(at)
    slope = reml_nested.criterion(sample, ratios)[2]
    for k in range(3):
        step = np.eye(3)[k] * 1e-6
        up, down = (reml_nested.criterion(sample, ratios + sign * step)[0] for sign in (1, -1))
        assert slope[k] == pytest.approx((up - down) / 2e-6, rel=1e-5, abs=1e-6)


def test_no_point_of_a_grid_is_better():
    sample = design(3)
    noise, *variances = reml_nested.fit(sample)
    least = reml_nested.criterion(sample, np.array(variances) / noise)[0]
    grid = np.array(np.meshgrid(*[[0, 0.01, 0.1, 0.5, 1, 3, 10, 100]] * 3)).reshape(3, -1).T
    assert min(reml_nested.criterion(sample, point)[0] for point in grid) >= least - 1e-9
