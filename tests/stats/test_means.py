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


def test_neighbours_leave_a_model_out_with_both_of_its_distances():
    values = np.array([1.0, 4.0, 2.0, 7.0])
    found = means.neighbours(values, np.zeros(4), partitions="fixed")
    left_out = np.array([(4 + 2) / 2, (2 + 7) / 2, (1 + 7) / 2, (1 + 4) / 2])
    assert found.mean == 3.5
    assert found.se == pytest.approx(np.sqrt(3 / 4 * ((left_out - left_out.mean()) ** 2).sum()))
    assert (found.df, found.unit) == (3.0, "training")


def test_two_models_have_one_distance_and_no_interval():
    found = means.neighbours(np.array([2.0, 2.0]), np.zeros(2), partitions="fixed")
    assert found.mean == 2.0
    assert np.isnan(found.se)
    assert found.kind == "none: fewer than three retrained models"


def test_neighbours_in_fixed_partitions_add_their_errors():
    values, where = np.array([1.0, 4.0, 2.0, 5.0, 9.0, 1.0]), np.array([0, 0, 0, 1, 1, 1])
    one, two = (
        means.neighbours(values[where == p], np.zeros(3), partitions="fixed") for p in (0, 1)
    )
    found = means.neighbours(values, where, partitions="fixed")
    assert found.mean == pytest.approx((one.mean + two.mean) / 2)
    assert found.se == pytest.approx(np.hypot(one.se, two.se) / 2)
    over = means.neighbours(values, where, partitions="random")
    assert (over.df, over.unit) == (1.0, "partition")


def test_neighbours_cover_where_t_does_not():
    rng = np.random.default_rng(5)
    centre = abs(rng.normal(size=(2, 400_000))[0] - rng.normal(size=400_000)).mean()
    hits = {"neighbours": 0, "t": 0}
    for _ in range(800):
        models = rng.normal(size=10)
        distance = abs(models - np.roll(models, -1))
        for name, found in (
            ("neighbours", means.neighbours(distance, np.zeros(10), partitions="fixed")),
            ("t", means.over_units(distance)),
        ):
            half = float(t_quantile(0.95, found.df)) * found.se
            hits[name] += abs(found.mean - centre) <= half
    assert hits["neighbours"] / 800 > 0.93
    assert hits["t"] / 800 < 0.91
