"""What must hold for any data: equivariance, invariance, and no gain from copies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seedwise.stats import nested

SCALED = ("se", "mean")
SQUARED = ("var_train", "var_unlearn", "var_train_raw", "var_train_high", "var_unlearn_low")
FREE = ("icc", "icc_low", "icc_high", "df")


@st.composite
def designs(draw, most: int = 7):
    """Values in thousandths with training and unlearning labels, any numbers of runs."""
    runs = draw(st.lists(st.integers(1, 4), min_size=2, max_size=most))
    training = np.repeat(np.arange(len(runs)), runs)
    unlearning = np.concatenate([np.arange(n) for n in runs])
    numbers = st.integers(-5000, 5000)
    values = draw(st.lists(numbers, min_size=training.size, max_size=training.size))
    return np.array(values) / 1000, training, unlearning


def close(a: float, b: float, size: float) -> bool:
    return (np.isnan(a) and np.isnan(b)) or abs(a - b) <= 1e-7 * max(size, abs(a), abs(b))


@settings(max_examples=60, deadline=None)
@given(designs(), st.integers(-1000, 1000), st.sampled_from([1e-3, 0.5, 7.0, 1e4]))
def test_shift_and_scale_equivariance(design, shift, scale):
    values, *seeds = design
    before, after = nested.fit(values, *seeds), nested.fit(values * scale + shift * scale, *seeds)
    size = np.ptp(values) + abs(shift) * 1e-6
    assert close(after.mean / scale - shift, before.mean, size)
    assert close(after.se / scale, before.se, size)
    for name in SQUARED:
        assert close(getattr(after, name) / scale**2, getattr(before, name), size**2), name
    for name in FREE:
        assert close(getattr(after, name), getattr(before, name), 1), name


@settings(max_examples=60, deadline=None)
@given(designs(), st.randoms(use_true_random=False))
def test_order_of_rows_changes_no_bit(design, random):
    values, training, unlearning = design
    order = list(range(values.size))
    random.shuffle(order)
    before = nested.fit(values, training, unlearning)
    after = nested.fit(values[order], training[order], unlearning[order])
    for name, value in vars(before).items():
        other = getattr(after, name)
        assert value == other or (value != value and other != other), name


@settings(max_examples=60, deadline=None)
@given(designs(), st.permutations(range(7)), st.permutations(range(4)))
def test_seed_labels_are_only_names(design, training_names, unlearning_names):
    values, training, unlearning = design
    named = (
        np.array([f"t{training_names[i]}" for i in training]),
        np.array(unlearning_names)[unlearning],
    )
    before, after = nested.fit(values, training, unlearning), nested.fit(values, *named)
    for name in ("mean", "se", *SQUARED, *FREE):
        assert close(getattr(after, name), getattr(before, name), 1), name
    assert after.flags == before.flags


@settings(max_examples=60, deadline=None)
@given(designs(), st.integers(2, 4))
def test_copies_of_runs_never_narrow_the_interval(design, copies):
    values, training, unlearning = design
    repeated = [np.tile(column, copies) for column in (values, training)]
    labels = np.arange(values.size * copies)
    before, after = nested.fit(values, training, unlearning), nested.fit(*repeated, labels)
    assert close(after.se, before.se, 1)
    assert close(after.ci_high, before.ci_high, 1)


@settings(max_examples=60, deadline=None)
@given(designs())
def test_components_add_up_and_are_never_negative(design):
    fit = nested.fit(*design)
    assume(np.isfinite(fit.var_train) and np.isfinite(fit.var_unlearn))
    assert fit.var_train >= 0
    assert fit.var_unlearn >= 0
    assert fit.var_total == pytest.approx(fit.var_train + fit.var_unlearn)
    assert not fit.var_train_low > fit.var_train_high
    assert not fit.ci_low >= fit.ci_high


@settings(max_examples=40, deadline=None)
@given(designs())
def test_higher_levels_give_wider_intervals(design):
    narrow, wide = nested.fit(*design, level=0.8), nested.fit(*design, level=0.99)
    for name in ("ci", "var_train", "var_unlearn", "icc", "var_total"):
        ends = [getattr(fit, f"{name}_{end}") for fit in (wide, narrow) for end in ("low", "high")]
        if np.isfinite(ends).all():
            assert ends[0] <= ends[2] + 1e-9
            assert ends[1] >= ends[3] - 1e-9
