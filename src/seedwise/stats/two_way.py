"""Two-way tables: trained models by partitions, or by unlearning seeds that are the same for all.

Rows and columns are crossed, with one mean per cell. Expected mean squares, per cell: rows
s_rc^2 + C s_r^2, columns s_rc^2 + R s_c^2, interaction s_rc^2, each with what varies inside cells.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from seedwise.stats.layout import nothing


class TwoWay(NamedTuple):
    """A two-way table of cell means and its mean squares.

    Args:
        cells: (I, P) table, missing cells filled so that they add nothing to the interaction.
        ms: Mean squares of rows, columns and interaction, per cell.
        df: Their degrees of freedom.
        filled: Number of filled cells.
    """

    cells: np.ndarray
    ms: np.ndarray
    df: np.ndarray
    filled: int


def two_way(values: np.ndarray, row: np.ndarray, column: np.ndarray) -> TwoWay:
    """Return the analysis of variance of a two-way table with one value per cell.

    Missing cells take the value of the additive fit to the others, and each costs a degree of
    freedom of the interaction (Yates 1933).

    Args:
        values: (N,) values, one per cell that exists.
        row: (N,) labels of the rows.
        column: (N,) labels of the columns.

    Example:
        >>> table = two_way(np.array([1.0, 2.0, 3.0]), np.array([0, 0, 1]), np.array([0, 1, 0]))
        >>> table.cells.round(6).tolist(), table.filled, float(table.df[2])
        ([[1.0, 2.0], [3.0, 4.0]], 1, 0.0)
    """
    rows, at_row = np.unique(row, return_inverse=True)
    columns, at_column = np.unique(column, return_inverse=True)
    cells = np.full((rows.size, columns.size), np.nan)
    cells[at_row, at_column] = values
    absent = np.isnan(cells)
    if absent.any():
        cells = np.where(absent, _additive(cells), cells)
    centre = cells.mean()
    of_rows, of_columns = cells.mean(axis=1) - centre, cells.mean(axis=0) - centre
    rest = cells - centre - of_rows[:, None] - of_columns
    squares = [columns.size * of_rows**2, rows.size * of_columns**2, rest**2]
    df = np.array([rows.size - 1, columns.size - 1, (rows.size - 1) * (columns.size - 1)], float)
    df[2] -= absent.sum()
    largest = np.array(abs(cells).max())
    sums = np.array(
        [0.0 if nothing(s.sum(), np.array(cells.size), largest) else s.sum() for s in squares]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ms = np.where(df > 0, sums / df, np.nan)
    return TwoWay(cells, ms, np.maximum(df, 0), int(absent.sum()))


class LabelEffect(NamedTuple):
    """Whether the columns of a table have an effect of their own.

    Args:
        f, df1, df2, p: F = MS_columns / MS_interaction; NaN where it cannot be computed.
        share: Raw variance of the columns over that of columns and interaction, at least 0.
    """

    f: float
    df1: float
    df2: float
    p: float
    share: float


def label_effect(table: TwoWay) -> LabelEffect:
    """Test whether equal labels of columns mean equal things.

    Example:
        >>> row, column = np.indices((3, 2)).reshape(2, -1)
        >>> values = np.array([1.0, 5.0, 2.0, 6.5, 1.5, 5.0])
        >>> effect = label_effect(two_way(values, row, column))
        >>> round(effect.f, 1), effect.df2, round(effect.p, 4)
        (192.0, 2.0, 0.0052)
    """
    _, columns, rest = table.ms
    df1, df2 = float(table.df[1]), float(table.df[2])
    if not (df1 > 0 and df2 > 0 and rest > 0):
        return LabelEffect(np.nan, df1, df2, np.nan, np.nan)
    ratio = float(columns / rest)
    own = max(float(columns - rest) / table.cells.shape[0], 0.0)
    return LabelEffect(
        ratio, df1, df2, float(special.fdtrc(df1, df2, ratio)), own / (own + float(rest))
    )


def pooled(mean_squares: np.ndarray, df: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """Pool mean squares of a balanced design so that none falls below the one inside it.

    Thompson (1962): in balanced random models whose mean squares form a rooted tree the REML
    estimates follow from these. The smallest violator is pooled with its inner neighbour first.

    Args:
        mean_squares: (L,) all on one scale, the root first.
        df: (L,) degrees of freedom; mean squares without any are left to their neighbours.
        inner: (L,) place of the mean square inside each one, its own for the root.

    Example:
        >>> squares, df = np.array([2.0, 1.0, 5.0]), np.array([4.0, 2.0, 2.0])
        >>> [round(x, 4) for x in pooled(squares, df, np.array([0, 0, 0])).tolist()]
        [1.6667, 1.6667, 5.0]
    """
    block = np.arange(mean_squares.size)
    sums, mass = np.where(df > 0, np.nan_to_num(mean_squares) * df, 0.0), np.maximum(df, 0.0)

    def means() -> np.ndarray:
        total = np.array([sums[block == block[k]].sum() for k in range(block.size)])
        weight = np.array([mass[block == block[k]].sum() for k in range(block.size)])
        return np.where(weight > 0, total / np.where(weight > 0, weight, 1), -np.inf)

    while True:
        now = means()
        falls = np.flatnonzero((now < now[inner]) & (block != block[inner]))
        if not falls.size:
            return now
        worst = falls[np.argmin(now[falls])]
        block[block == block[worst]] = block[inner[worst]]


def _additive(cells: np.ndarray) -> np.ndarray:
    """Return the least-squares fit row + column to the cells that exist.

    By the normal equations, the longer side eliminated: what is left to solve has as many unknowns
    as the shorter side, however long the table is.
    """
    if cells.shape[1] > cells.shape[0]:
        return _additive(cells.T).T
    present = ~np.isnan(cells)
    centre = np.nanmean(cells)
    y = np.where(present, cells - centre, 0.0)
    share = present / present.sum(axis=1, keepdims=True)
    left = np.diag(present.sum(axis=0)) - present.T @ share
    right = y.sum(axis=0) - share.T @ y.sum(axis=1)
    # A constant may move between rows and columns: the least solution is one of many alike.
    columns = np.linalg.lstsq(left, right, rcond=None)[0]
    rows = (y.sum(axis=1) - present @ columns) / present.sum(axis=1)
    return centre + rows[:, None] + columns
