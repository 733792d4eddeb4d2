"""What must hold for any design with several partitions or crossed factors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedwise.stats import compare_partitions, nested

DESIGNS = st.sampled_from(
    ["nested-fixed", "nested-random", "crossed-fixed", "crossed-random", "labels"]
)
SCALED = ("se", "alt_se")
SQUARED = ("var_partition_raw", "var_train_raw", "var_unlearn_raw", "var_train_high", "var_total")


def fitted(values, seeds, design: str) -> nested.NestedFit:
    p, t, u = seeds
    if design == "labels":
        return nested.fit(values, p * 4 + t, u, crossed=True)
    kind, partitions = design.split("-")
    how = {"crossed": kind == "crossed", "partitions": partitions}
    return nested.fit(values, t, u, partition=p, **how)


@st.composite
def tables(draw):
    """Values of 3 partitions, 3 training and 2 unlearning seeds each, some runs missing."""
    seeds = np.indices((3, 3, 2)).reshape(3, -1)
    values = np.array(draw(st.lists(st.integers(-5000, 5000), min_size=18, max_size=18))) / 1000
    lost = draw(st.sets(st.integers(0, 17), max_size=3))
    kept = ~np.isin(np.arange(18), list(lost))
    return values[kept], seeds[:, kept]


def close(a: float, b: float, size: float) -> bool:
    return (np.isnan(a) and np.isnan(b)) or abs(a - b) <= 1e-6 * max(size, abs(a), abs(b))


@settings(max_examples=40, deadline=None)
@given(tables(), DESIGNS, st.integers(-100, 100), st.sampled_from([1e-3, 7.0, 1e4]))
def test_shift_and_scale_equivariance(table, design, shift, scale):
    values, seeds = table
    before, after = (fitted(v, seeds, design) for v in (values, (values + shift) * scale))
    size = np.ptp(values) + abs(shift) * 1e-6
    assert close(after.mean / scale - shift, before.mean, size)
    assert close(after.df, before.df, 1)
    for name in SCALED:
        assert close(getattr(after, name) / scale, getattr(before, name), size), name
    for name in SQUARED:
        assert close(getattr(after, name) / scale**2, getattr(before, name), size**2), name


@settings(max_examples=40, deadline=None)
@given(tables(), DESIGNS, st.randoms(use_true_random=False), st.permutations(range(3)))
def test_order_and_names_do_not_matter(table, design, random, names):
    values, seeds = table
    order = list(range(values.size))
    random.shuffle(order)
    renamed = np.array(names)[seeds[:2]]
    before = fitted(values, seeds, design)
    after = fitted(values[order], [*renamed[:, order], seeds[2][order]], design)
    for name in ("mean", *SCALED, *SQUARED, "df", "var_partition", "var_train"):
        assert close(getattr(after, name), getattr(before, name), 1), name
    assert after.flags == before.flags


@settings(max_examples=40, deadline=None)
@given(tables(), DESIGNS)
def test_components_are_not_negative_and_add_up(table, design):
    fit = fitted(*table, design)
    names = ("partition", "train", "interaction", "unlearn", "eval")
    parts = np.array([getattr(fit, f"var_{name}") for name in names])
    assert (parts[~np.isnan(parts)] >= 0).all()
    if fit.var_train_kind[:4] != "none" and fit.var_unlearn_kind[:4] != "none":
        assert np.nansum(parts) == pytest.approx(fit.var_total)


@settings(max_examples=30, deadline=None)
@given(tables(), st.booleans(), st.sampled_from(["fixed", "random"]))
def test_a_constant_per_trained_model_changes_no_difference(table, crossed, partitions):
    values, (p, t, _) = table
    units, first = np.unique(p * 3 + t, return_index=True)
    a = compare_partitions.Sample(values[first], p[first], t[first], crossed)
    b = values[first][::-1].copy()
    moved = a._replace(value=a.value + units**2)
    before = compare_partitions.paired(a, b, partitions=partitions)
    after = compare_partitions.paired(moved, b + units**2, partitions=partitions)
    assert close(before.diff, after.diff, 100)
    assert close(before.se, after.se, 100)


@pytest.mark.parametrize("design", ["nested-fixed", "nested-random", "crossed-fixed", "labels"])
def test_digits_survive_a_large_shift(design):
    seeds = np.indices((3, 4, 2)).reshape(3, -1)
    values = np.random.default_rng(0).integers(0, 1000, size=24) / 2**10
    near, far = (fitted(values + shift, seeds, design) for shift in (0.0, 2.0**27))
    for name in ("se", *SQUARED):
        assert getattr(far, name) == pytest.approx(getattr(near, name), rel=1e-6, nan_ok=True), name
