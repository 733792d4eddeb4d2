from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

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


def test_many_points_at_once_give_the_criterion_of_each():
    sample = design(5)
    points = np.random.default_rng(0).exponential(size=(20, 3)) * (np.arange(20)[:, None] % 3)
    alone = [reml_nested.criterion(sample, point)[0] for point in points]
    assert reml_nested.criteria(sample, points) == pytest.approx(alone, rel=1e-12)


def brute(sample: reml_nested.Sample) -> float:
    """The least criterion over many starts and all patterns of zeros, by a method of its own."""
    least = np.inf
    for zeros in np.indices((2, 2, 2)).reshape(3, -1).T:
        for start in ((0.1, 0.1, 0.1), (2.0, 0.1, 5.0), (0.1, 30.0, 1.0)):
            found = optimize.minimize(
                lambda logs, zeros=zeros: reml_nested.criterion(
                    sample, zeros * np.exp(np.clip(logs, -40, 40))
                )[0],
                np.log(start),
                method="Nelder-Mead",
                options={"xatol": 1e-6, "fatol": 1e-10, "maxiter": 2000},
            )
            least = min(least, found.fun)
    return least


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("sds", [(1, 1, 1), (0, 1, 0), (3, 0, 0.1), (0, 0, 0), (0.05, 20, 300)])
def test_nothing_better_is_found_from_many_starts(seed, sds):
    rng = np.random.default_rng(seed)
    cells, units = np.repeat(np.arange(8), 2), np.repeat(np.arange(4), 2)
    rows = rng.integers(1, 4, size=16)
    mean = sds[2] * rng.normal(size=4)[units[cells]] + sds[1] * rng.normal(size=8)[cells]
    mean = mean + sds[0] * rng.normal(size=16) + rng.normal(size=16) / np.sqrt(rows)
    noise = float(rng.chisquare(max(rows.sum() - 16, 1)))
    sample = reml_nested.Sample(rows, mean, (cells, units), noise)
    inner, *variances = reml_nested.fit(sample)
    mine = reml_nested.criterion(sample, np.array(variances) / inner)[0]
    assert mine <= brute(sample) + 1e-7
