from __future__ import annotations

import numpy as np
import pytest

from seedwise.stats import means
from seedwise.stats.quantiles import t_quantile


def test_fixed_partitions_by_hand():
    values, where = np.array([1.0, 3.0, 2.0, 4.0, 9.0]), np.array([0, 0, 1, 1, 1])
    found = means.nested(values, where, partitions="fixed")
    a, b = 2 / 2 / 4, 13 / 3 / 4
    assert found.mean == 3.5
    assert found.se == pytest.approx(np.sqrt(a + b))
    assert found.df == pytest.approx((a + b) ** 2 / (a**2 + b**2 / 2))


def test_fixed_needs_two_models_in_every_partition():
    found = means.nested(np.array([1.0, 3.0, 2.0]), np.array([0, 0, 1]), partitions="fixed")
    assert found.kind == "none: a partition with one training seed"
    assert np.isnan(found.se)


def test_crossed_standard_error_is_never_below_that_of_the_greatest_mean_square():
    values = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.1], [0.0, 1.0, 0.2]])
    row, column = np.indices(values.shape).reshape(2, -1)
    found = means.crossed(values.ravel(), row, column, partitions="random")
    rest = values - values.mean(1, keepdims=True) - values.mean(0) + values.mean()
    assert found.se == pytest.approx(np.sqrt((rest**2).sum() / 4 / 9))
    assert found.df == 4


def coverage(kind: str, spread: tuple[float, float, float], shape: tuple[int, int]) -> float:
    """Share of intervals for random partitions that hold the mean, over 600 tables."""
    rng = np.random.default_rng(2)
    row, column = np.indices(shape).reshape(2, -1)
    hits = 0
    for _ in range(600):
        table = spread[2] * rng.normal(size=shape) + spread[1] * rng.normal(size=shape[1])
        table += spread[0] * rng.normal(size=(shape[0], 1)) if kind == "crossed" else 0
        values = table.ravel()
        if kind == "crossed":
            found = means.crossed(values, row, column, partitions="random")
        else:
            found = means.nested(values, column, partitions="random")
        hits += abs(found.mean) < t_quantile(0.95, found.df) * found.se
    return hits / 600


@pytest.mark.parametrize("spread", [(1, 1, 1), (1, 0.1, 0.5), (0.1, 1, 0.5)])
@pytest.mark.parametrize("kind", ["crossed", "nested"])
def test_random_partitions_are_covered(kind, spread):
    assert coverage(kind, spread, (6, 4)) > 0.92
