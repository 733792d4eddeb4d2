"""Many designs that stand in one array, as simulations and resampling make them.

Nothing needs sorting then, and the sums of thousands of designs take milliseconds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from seedwise.stats import anova, reml
from seedwise.stats.layout import BLOCK, ROUNDING, Nested, least_steps


class Variances(NamedTuple):
    """Variance components of B designs, each (B,); NaN where the runs do not allow them.

    Args:
        train, unlearn: REML, never negative.
        train_raw, unlearn_raw: ANOVA; the first may be negative.
    """

    train: np.ndarray
    unlearn: np.ndarray
    train_raw: np.ndarray
    unlearn_raw: np.ndarray


def variances(values: ArrayLike) -> Variances:
    """Return the variances between and within training seeds, without intervals.

    They are those of `nested.columns`, for whoever needs nothing else of many designs.

    Args:
        values: (B, I, J) training and unlearning seeds; NaN is a run that is not there.

    Raises:
        ValueError: If the array has another number of axes or holds an infinite value.

    Example:
        >>> found = variances([[[1.0, 3.0], [4.0, 6.0], [6.0, 10.0]]])
        >>> found.train.round(4).tolist(), found.unlearn.round(4).tolist()
        ([7.0], [4.0])
    """
    sums = _sums(_checked(values))
    with np.errstate(divide="ignore", invalid="ignore"):
        two = anova.two_level(sums.cells, sums.mean, sums.spread, sums.largest)
        found = reml.fit_two(two, sums.cells, sums.mean)
    return Variances(found.between, found.within, two.raw_between, two.ms_within)


def from_array(values: ArrayLike) -> Nested:
    """Return B designs with one value per run, as `nested.columns` takes them.

    Args:
        values: (B, I, J) training and unlearning seeds; NaN is a run that is not there.

    Raises:
        ValueError: If the array has another number of axes or holds an infinite value.

    Example:
        >>> data = from_array([[[1.0, 3.0], [5.0, np.nan]]])
        >>> data.cells.tolist(), (data.mean[0] + data.centre).tolist(), data.spread.tolist()
        ([[2, 1]], [2.0, 5.0], [[2.0, 0.0]])
    """
    table = _checked(values)
    sums = _sums(table)
    training = np.broadcast_to(np.arange(table.shape[1]), table.shape[:2])
    if (sums.cells == 0).any():  # units without a run go behind the others
        order = np.argsort(sums.cells == 0, axis=1, kind="stable")
        table = np.take_along_axis(table, order[:, :, None], axis=1)
        training = np.take_along_axis(training, order, axis=1)
        sums = _sums(table)
    group, unit, label = _places(table, sums.cells)
    y = (table - sums.centre[:, None, None]).reshape(len(table), table.shape[1] * table.shape[2])
    has_runs = (sums.cells > 0).any(axis=1).astype(int)
    return Nested(
        sums.centre,
        sums.largest,
        least_steps(y, ROUNDING * sums.largest),
        training,
        sums.cells,
        sums.mean,
        sums.spread,
        sums.cells,
        np.zeros_like(sums.mean),
        has_runs,
        has_runs,
        group,
        unit,
        np.ones_like(group),
        y.ravel() if group.size == y.size else y[~np.isnan(y)],
        label,
    )


class _Sums(NamedTuple):
    """Centre and greatest absolute value (B,); runs, means and sums of squares of units (B, I)."""

    centre: np.ndarray
    largest: np.ndarray
    cells: np.ndarray
    mean: np.ndarray
    spread: np.ndarray


def _checked(values: ArrayLike) -> np.ndarray:
    table = np.asarray(values, dtype=float)
    if table.ndim != 3:
        raise ValueError(f"the array needs 3 axes (B, I, J), not {table.ndim}")
    return table


def _sums(table: np.ndarray) -> _Sums:
    size = max(1, BLOCK // max(1, table.shape[1] * table.shape[2]))
    blocks = [table[start : start + size] for start in range(0, max(len(table), 1), size)]
    return _Sums(*(np.concatenate(x) for x in zip(*map(_sums_of, blocks), strict=True)))


def _sums_of(table: np.ndarray) -> _Sums:
    largest = np.abs(table).max(axis=(1, 2), initial=0)
    if np.isinf(largest).any():
        raise ValueError("infinite values have no mean; give NaN for a failed run")
    if np.isnan(largest).any():
        return _sums_with_gaps(table)
    groups, units, runs = table.shape
    centre = table.mean(axis=(1, 2)) if table.size else np.zeros(groups)
    y = table - centre[:, None, None]
    mean = np.einsum("bij->bi", y) / max(runs, 1)
    y -= mean[:, :, None]
    spread = np.einsum("bij,bij->bi", y, y)
    return _Sums(centre, largest, np.full((groups, units), runs), mean, spread)


def _sums_with_gaps(table: np.ndarray) -> _Sums:
    present = ~np.isnan(table)
    kept = np.where(present, table, 0.0)
    cells = present.sum(axis=2)
    centre = kept.sum(axis=(1, 2)) / np.maximum(cells.sum(axis=1), 1)
    y = np.where(present, table - centre[:, None, None], 0.0)
    mean = y.sum(axis=2) / np.maximum(cells, 1)
    y = np.where(present, y - mean[:, :, None], 0.0)
    spread = np.einsum("bij,bij->bi", y, y)
    return _Sums(centre, np.abs(kept).max(axis=(1, 2), initial=0), cells, mean, spread)


def _places(table: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return group, unit and label of each run that is there."""
    if (cells == table.shape[2]).all():
        axes = np.indices(table.shape, dtype=np.int32).reshape(3, -1)
    else:
        axes = np.nonzero(~np.isnan(table))
    return axes[0], axes[1], axes[2]
