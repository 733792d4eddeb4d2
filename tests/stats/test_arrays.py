"""One array of many designs gives what the same designs give as rows."""

from __future__ import annotations

import numpy as np
import pytest

from seedwise.stats import nested
from seedwise.stats.arrays import from_array, variances
from seedwise.stats.layout import Rows, arrange


def designs(gaps: float, shift: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(11)
    values = shift + rng.normal(size=(40, 9, 1)) + rng.normal(size=(40, 9, 4))
    values[rng.random(values.shape) < gaps] = np.nan
    if gaps:
        values[3, 2] = values[5, :] = np.nan  # a unit, and a whole design, without a run
    return values


def as_rows(values: np.ndarray):
    group, training, unlearning = np.nonzero(~np.isnan(values))
    codes = (group, training, unlearning, np.zeros_like(group))
    return arrange(Rows(values[~np.isnan(values)], *codes), len(values))


@pytest.mark.parametrize("gaps", [0.0, 0.3])
@pytest.mark.parametrize("shift", [0.0, 1e8])
def test_the_two_ways_in_agree(gaps, shift):
    values = designs(gaps, shift)
    data, rows = from_array(values), as_rows(values)
    noise = 1e-14 * (1 + shift)
    for name, column in data._asdict().items():
        other = getattr(rows, name)
        if name in ("training", "mean"):
            column, other = (np.where(data.cells > 0, x, 0) for x in (column, other))
        if name in ("mean", "cell_mean"):  # relative to centres that differ by rounding
            groups = data.cell_group if name == "cell_mean" else np.arange(40)[:, None]
            column = column + (data.centre - rows.centre)[groups]
        np.testing.assert_allclose(column, other, rtol=1e-9, atol=50 * noise, err_msg=name)


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_the_variances_are_those_of_the_fit(gaps):
    values = designs(gaps)
    with np.errstate(all="ignore"):
        table = nested.columns(from_array(values), ["unlearning"] * len(values))
    found = variances(values)
    for name in ("train", "unlearn"):
        np.testing.assert_allclose(getattr(found, name), table[f"var_{name}"], rtol=1e-12)
        raw = getattr(found, f"{name}_raw")
        np.testing.assert_allclose(raw, table[f"var_{name}_raw"], rtol=1e-12)


def test_one_run_and_one_unit_have_no_parts():
    assert np.isnan(variances(np.ones((2, 3, 1))).unlearn_raw).all()
    assert np.isnan(variances(np.arange(3.0)[None, None]).train_raw).all()
    assert variances(np.zeros((0, 3, 2))).train.shape == (0,)


@pytest.mark.parametrize(
    ("values", "message"),
    [(np.zeros((2, 2)), "3 axes"), ([[[1.0, np.inf]]], "infinite"), ([[[-np.inf]]], "infinite")],
)
def test_bad_arrays_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        variances(values)
