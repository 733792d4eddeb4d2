"""From long rows to the sufficient statistics of many groups at once.

A group is one design: one method and metric of one task. Its values are averaged from the inside
out, unweighted at every level: values of a cell (evaluation seeds), cells of a training seed
(unlearning seeds), training seeds. All groups share arrays of shape (B, I), where I is the
greatest number of training seeds; what a group does not have is padded with count 0, and every
kernel gives such places no weight. So one call serves groups with any pattern of missing cells.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

ROUNDING = 8 * np.finfo(float).eps
"""Times the greatest value: what differences of values may be without meaning anything."""

BLOCK = 30_000
"""Numbers worked on at a time: few enough to stay in a core's cache."""

Partitions = Literal["fixed", "random"]
"""Whether a result is to hold for the partitions seen, or for others like them."""


class Nested(NamedTuple):
    """Sufficient statistics of B nested designs, values relative to `centre`.

    Args:
        centre: (B,) subtracted from all values of a group, so that 1e8 + 1e-3 keeps its digits.
        largest: (B,) greatest absolute value.
        grain: (B,) smallest step between two different values, NaN if all are equal.
        training: (B, I) code of the training seed, meaningless where `cells` is 0.
        cells: (B, I) number of cells J_i of a training seed, 0 where there is none.
        mean: (B, I) unweighted mean of the cell means.
        spread: (B, I) sum of squares of the cell means about it.
        rows: (B, I) number of values.
        noise: (B, I) sum of squares of the values about their cell mean.
        rows_min: (B,) least number of values in a cell.
        rows_max: (B,) greatest number of values in a cell.
        cell_group: (C,) group of each cell, ascending.
        cell_unit: (C,) place of its training seed in the group.
        cell_rows: (C,) number of its values.
        cell_mean: (C,) its mean.
        cell_label: (C,) code of its unlearning seed.
    """

    centre: np.ndarray
    largest: np.ndarray
    grain: np.ndarray
    training: np.ndarray
    cells: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    rows: np.ndarray
    noise: np.ndarray
    rows_min: np.ndarray
    rows_max: np.ndarray
    cell_group: np.ndarray
    cell_unit: np.ndarray
    cell_rows: np.ndarray
    cell_mean: np.ndarray
    cell_label: np.ndarray

    def take(self, groups: np.ndarray) -> Nested:
        """Return some groups, renumbered from 0, without padding that all of them share.

        Args:
            groups: Ascending group numbers.
        """
        if groups.size == self.centre.size:
            return self
        place = np.full(self.centre.size, -1)
        place[groups] = np.arange(groups.size)
        kept = place[self.cell_group] >= 0
        width = int((self.cells[groups] > 0).sum(axis=1).max(initial=0))
        columns = {
            name: column[kept] if name.startswith("cell_") else column[groups]
            for name, column in self._asdict().items()
        }
        for name in ("training", "cells", "mean", "spread", "rows", "noise"):
            columns[name] = columns[name][:, :width]
        columns["cell_group"] = place[columns["cell_group"]]
        return Nested(**columns)


class Units(NamedTuple):
    """What the places of training seeds in B groups stand for.

    Args:
        partition: (B, I) code of the partition.
        training: (B, I) code of the training seed; the same code under two partitions is the
            same trained model only where `crossing` is `partitions`.
        crossing: (B,) `none`; `nested`: several partitions, with trained models of their own;
            `partitions`: the same trained models under several partitions (forget sets);
            `labels`: the same unlearning seeds under all trained models; `neighbours`: the value of
            a training seed is a distance between its model and the next one of its partition.
        partitions: Whether the result is to hold for the partitions seen (`fixed`) or for others
            like them (`random`).
    """

    partition: np.ndarray
    training: np.ndarray
    crossing: np.ndarray
    partitions: Partitions


def plain(data: Nested) -> Units:
    """Return units of designs with one partition and unlearning seeds of their own."""
    nowhere = np.zeros_like(data.cells)
    kinds = np.full(data.centre.shape, "none", dtype=object)
    return Units(nowhere, data.training, kinds, "fixed")


class Rows(NamedTuple):
    """Long rows: a value and the integer codes of its group and of its seeds, each of shape (n,).

    The meaning of a code is local to its outer level: unlearning 0 under training 0 and 1 are two
    runs. Codes need not be consecutive, except that groups run from 0.
    """

    value: np.ndarray
    group: np.ndarray
    training: np.ndarray
    unlearning: np.ndarray
    evaluation: np.ndarray


def arrange(rows: Rows, groups: int) -> Nested:
    """Sort rows and reduce them level by level; the order of the rows changes no bit.

    Args:
        rows: Finite values with codes.
        groups: B; a group without rows gets zero counts.

    Raises:
        ValueError: If two rows have the same group and seeds.
    """
    sorted_rows = _sorted(rows)
    group_start, unit_start, cell_start = _boundaries(sorted_rows)
    group_of_group = sorted_rows.group[group_start]

    centre = np.zeros(groups)
    centre[group_of_group] = _means(sorted_rows.value, group_start)
    largest = np.zeros(groups)
    if rows.value.size:
        largest[group_of_group] = np.maximum.reduceat(np.abs(sorted_rows.value), group_start)
    y = sorted_rows.value - centre[sorted_rows.group]

    cell_rows, cell_mean, cell_noise = _reduce(y, cell_start)
    first_cell = np.searchsorted(cell_start, unit_start)
    cells, unit_mean, unit_spread = _reduce(cell_mean, first_cell)
    group = sorted_rows.group[unit_start]
    place = np.arange(unit_start.size) - np.searchsorted(group, group)

    def padded(of_units: np.ndarray) -> np.ndarray:
        table = np.zeros((groups, int(place.max(initial=-1)) + 1), dtype=of_units.dtype)
        table[group, place] = of_units
        return table

    cell_group = sorted_rows.group[cell_start]
    rows_min, rows_max = _extremes(cell_rows, cell_group, groups)
    return Nested(
        centre,
        largest,
        _grain(y, group_start, group_of_group, ROUNDING * largest),
        padded(sorted_rows.training[unit_start]),
        padded(cells),
        padded(unit_mean),
        padded(unit_spread),
        padded(_sums(cell_rows, first_cell)),
        padded(_sums(cell_noise, first_cell)),
        rows_min,
        rows_max,
        cell_group,
        np.repeat(place, cells),
        cell_rows,
        cell_mean,
        sorted_rows.unlearning[cell_start],
    )


def nothing(squares: np.ndarray, count: np.ndarray, largest: np.ndarray) -> np.ndarray:
    """Return whether sums of squares are rounding noise: SS <= N (8 eps max abs y)^2.

    Args:
        squares: (B,) or (B, I) sums of squares.
        count: Number of terms N, same shape or broadcast.
        largest: Greatest absolute value, same shape or broadcast.
    """
    return squares <= count * (ROUNDING * largest) ** 2


def _sorted(rows: Rows) -> Rows:
    """Return rows by group and seeds, outermost first."""
    keys = (rows.group, rows.training, rows.unlearning, rows.evaluation)
    joint, span = np.zeros(rows.value.size, dtype=np.int64), 1
    for key in keys if rows.value.size else ():
        least = int(key.min())
        width = int(key.max()) - least + 1
        joint, span = joint * width + (key - least), span * width
    if span >= 2**63:  # too far apart for one number
        order = np.lexsort(keys[::-1])
    elif (joint[1:] > joint[:-1]).all():
        return rows
    else:
        order = np.argsort(joint)
    return Rows(*(column[order] for column in rows))


def _boundaries(rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first rows of groups, training seeds and cells of sorted rows."""
    new_group = _changes(rows.group)
    new_unit = new_group | _changes(rows.training)
    new_cell = new_unit | _changes(rows.unlearning)
    repeated = np.flatnonzero(~(new_cell | _changes(rows.evaluation)))
    if repeated.size:
        raise ValueError(
            f"{repeated.size} values repeat the seeds of another one (the first: training "
            f"{rows.training[repeated[0]]}, unlearning {rows.unlearning[repeated[0]]}, evaluation "
            f"{rows.evaluation[repeated[0]]}); give every run its own seed"
        )
    return np.flatnonzero(new_group), np.flatnonzero(new_unit), np.flatnonzero(new_cell)


def _changes(codes: np.ndarray) -> np.ndarray:
    """Return where a sorted column differs from the row before; the first row does."""
    changed = np.ones(codes.size, dtype=bool)
    changed[1:] = codes[1:] != codes[:-1]
    return changed


def _sums(values: np.ndarray, start: np.ndarray) -> np.ndarray:
    return np.add.reduceat(values, start) if start.size else values[:0]


def _means(values: np.ndarray, start: np.ndarray) -> np.ndarray:
    return _sums(values, start) / np.diff(start, append=values.size)


def _reduce(values: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return count, mean and sum of squares about the mean of each run of values."""
    count = np.diff(start, append=values.size)
    mean = _means(values, start)
    return count, mean, _sums((values - np.repeat(mean, count)) ** 2, start)


def _extremes(count: np.ndarray, group: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    least, most = np.full(groups, np.iinfo(np.int64).max), np.zeros(groups, dtype=np.int64)
    np.minimum.at(least, group, count)
    np.maximum.at(most, group, count)
    return np.minimum(least, most), most


def _grain(y: np.ndarray, start: np.ndarray, group: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the smallest step between two values of a group that exceeds rounding.

    Groups of one size are sorted together.
    """
    grain = np.full(noise.size, np.nan)
    count = np.diff(start, append=y.size)
    for size in np.unique(count):
        alike = count == size
        values = y[start[alike][:, None] + np.arange(size)]
        grain[group[alike]] = least_steps(values, noise[group[alike]])
    return grain


def least_steps(values: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the smallest step between two values of a row that exceeds rounding, NaN if none.

    Args:
        values: (B, n), NaN where there is none.
        noise: (B,) what counts as rounding.

    Example:
        >>> least_steps(np.array([[3.0, 1.0, 1.0, 1.5]]), np.array([1e-9])).tolist()
        [0.5]
    """
    least = np.full(len(values), np.inf)
    size = max(1, BLOCK // max(values.shape[1], 1))
    for block in (slice(start, start + size) for start in range(0, len(values), size)):
        steps = np.diff(np.sort(values[block], axis=1), axis=1)
        steps[~(steps > noise[block, None])] = np.inf
        least[block] = steps.min(axis=1, initial=np.inf)
    return np.where(np.isfinite(least), least, np.nan)
