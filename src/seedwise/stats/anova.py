"""Mean squares of nested designs and the raw (ANOVA) variance components they imply.

Raw components are unbiased and may be negative. Sources: Searle, Casella & McCulloch (1992),
Variance Components, chapters 3 and 5 (Henderson's method I for unequal numbers).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seedwise.stats.layout import Nested, nothing


class TwoLevel(NamedTuple):
    """The analysis of variance of runs inside units, for B groups; every entry has shape (B,).

    Args:
        units: Number of units I.
        runs: Number of runs N.
        harmonic: Harmonic mean of the numbers of runs per unit.
        mean: Unweighted mean of the unit means (relative to the centre).
        var_means: Variance S^2 of the unit means.
        df_between, ss_between, ms_between: I - 1, SSA, MSA.
        df_within, ss_within, ms_within: N - I, SSE, MSE (NaN without df).
        raw_between: (MSA - MSE) / n0, which may be negative.
        balanced: Whether all units have equally many runs.
    """

    units: np.ndarray
    runs: np.ndarray
    harmonic: np.ndarray
    mean: np.ndarray
    var_means: np.ndarray
    df_between: np.ndarray
    ss_between: np.ndarray
    ms_between: np.ndarray
    df_within: np.ndarray
    ss_within: np.ndarray
    ms_within: np.ndarray
    raw_between: np.ndarray
    balanced: np.ndarray


def two_level(
    runs: np.ndarray, mean: np.ndarray, squares: np.ndarray, largest: np.ndarray
) -> TwoLevel:
    """Analyse runs inside units.

    Args:
        runs: (B, I) numbers of runs n_i; 0 pads.
        mean: (B, I) unit means.
        squares: (B, I) sums of squares inside units.
        largest: (B,) greatest absolute value, against which rounding is judged.

    Example:
        >>> n, m, ss = np.array([[2, 2]]), np.array([[1.0, 3.0]]), np.array([[2.0, 2.0]])
        >>> table = two_level(n, m, ss, np.array([4.0]))
        >>> float(table.ms_between[0]), float(table.ms_within[0]), float(table.raw_between[0])
        (4.0, 2.0, 1.0)
    """
    present = runs > 0
    units, total = present.sum(axis=1), runs.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        harmonic = units / np.where(present, 1 / runs, 0).sum(axis=1)
        centre = np.where(present, mean, 0).sum(axis=1) / units
        deviation = np.where(present, mean - centre[:, None], 0)
        about_centre = np.einsum("bi,bi->b", deviation, deviation)
        about_centre = _without_noise(about_centre, units, largest)
        weighted = np.einsum("bi,bi->b", runs, deviation) / total
        about_mean = deviation - weighted[:, None]
        ss_between = np.einsum("bi,bi,bi->b", runs, about_mean, about_mean)
        ss_between = np.where(about_centre == 0, 0, _without_noise(ss_between, total, largest))
        ss_within = _without_noise(squares.sum(axis=1), total, largest)
        ms_between, ms_within = ss_between / (units - 1), ss_within / (total - units)
        n0 = (total - (runs**2).sum(axis=1) / total) / (units - 1)
        raw = (ms_between - ms_within) / n0
        var_means = about_centre / (units - 1)
    nan_if = {0: units < 2, 1: total <= units}
    fewest = np.where(present, runs, np.inf).min(axis=1, initial=np.inf)
    return TwoLevel(
        units,
        total,
        harmonic,
        centre,
        np.where(nan_if[0], np.nan, var_means),
        units - 1,
        ss_between,
        np.where(nan_if[0], np.nan, ms_between),
        total - units,
        ss_within,
        np.where(nan_if[1], np.nan, ms_within),
        np.where(nan_if[0] | nan_if[1], np.nan, raw),
        fewest == runs.max(axis=1, initial=0),
    )


class ThreeLevel(NamedTuple):
    """The analysis of variance of values in cells in units, for B groups.

    Levels run from the inside out: values in cells, cells in units, units.

    Args:
        df, ss, ms: (3, B).
        raw: (3, B) raw components, innermost first; may be negative.
        balanced: (B,) whether all units have equally many cells, and these equally many values.
    """

    df: np.ndarray
    ss: np.ndarray
    ms: np.ndarray
    raw: np.ndarray
    balanced: np.ndarray


def three_level(data: Nested) -> ThreeLevel:
    """Analyse values (evaluation seeds) in cells (unlearning seeds) in units (training seeds).

    The expected mean squares of unequal numbers are those of Henderson's method I (Searle et al.
    1992, section 5.3): with n values in a cell, E MSB = s_e^2 + k1 s_u^2 and
    E MSA = s_e^2 + k2 s_u^2 + k3 s_t^2.
    """
    groups, places = data.cells.shape
    unit = data.cell_group * places + data.cell_unit

    def of_units(cell_values: np.ndarray) -> np.ndarray:
        sums = np.bincount(unit, weights=cell_values, minlength=groups * places)
        return sums.reshape(groups, places)

    units, cells, total = (data.cells > 0).sum(1), data.cells.sum(1), data.rows.sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit_mean = of_units(data.cell_rows * data.cell_mean) / data.rows
        grand = np.nansum(data.rows * unit_mean, axis=1) / total
        about_unit = data.cell_mean - unit_mean.ravel()[unit]
        ss_cells = of_units(data.cell_rows * about_unit**2).sum(axis=1)
        ss_units = np.nansum(data.rows * (unit_mean - grand[:, None]) ** 2, axis=1)
        ss = np.array([data.noise.sum(axis=1), ss_cells, ss_units])
        ss = _without_noise(ss, total, data.largest)
        df = np.array([total - cells, cells - units, units - 1])
        ms = np.where(df > 0, ss / df, np.nan)
        in_cells = of_units(data.cell_rows.astype(float) ** 2)
        shared = np.where(data.rows > 0, in_cells / data.rows, 0).sum(axis=1)
        k1 = (total - shared) / df[1]
        k2 = (shared - in_cells.sum(axis=1) / total) / df[2]
        k3 = (total - (data.rows**2).sum(axis=1) / total) / df[2]
        middle = (ms[1] - ms[0]) / k1
        raw = np.array([ms[0], middle, (ms[2] - ms[0] - k2 * middle) / k3])
    fewest = np.where(data.cells > 0, data.cells, np.inf).min(axis=1, initial=np.inf)
    balanced = (data.rows_min == data.rows_max) & (fewest == data.cells.max(axis=1, initial=0))
    return ThreeLevel(df, ss, ms, raw, balanced)


def _without_noise(squares: np.ndarray, count: np.ndarray, largest: np.ndarray) -> np.ndarray:
    return np.where(nothing(squares, count, largest), 0.0, squares)
