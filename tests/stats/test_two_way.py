from __future__ import annotations

import numpy as np
import pytest

from seedwise.stats import two_way


def test_mean_squares_by_hand():
    row, column = np.indices((2, 3)).reshape(2, -1)
    table = two_way.two_way(np.array([1.0, 2.0, 6.0, 3.0, 6.0, 6.0]), row, column)
    # Row means 3 and 5, column means 2, 4, 6, grand mean 4; residuals +-(0, -1, 1).
    assert table.ms.tolist() == pytest.approx([6, 8, 2])
    assert table.df.tolist() == [1, 2, 2]


def test_a_missing_cell_of_an_additive_table_is_restored():
    rng = np.random.default_rng(0)
    full = rng.normal(size=(4, 1)) + rng.normal(size=3)
    row, column = np.indices((4, 3)).reshape(2, -1)
    kept = np.arange(12) != 7
    table = two_way.two_way(full.ravel()[kept], row[kept], column[kept])
    assert table.cells == pytest.approx(full)
    assert (table.filled, table.df[2]) == (1, 5)


def test_pooling_of_a_chain_and_of_two_leaves():
    inner = np.array([0, 0, 1, 1])
    found = two_way.pooled(np.array([1.0, 3.0, 2.0, 1.0]), np.array([6.0, 2.0, 1.0, 1.0]), inner)
    # The smallest leaf joins first: (6 + 1) / 3, still above the other leaf: 9 / 4.
    assert found.tolist() == pytest.approx([1, 9 / 4, 9 / 4, 9 / 4])


def test_a_mean_square_without_df_is_left_out():
    found = two_way.pooled(np.array([np.nan, 3.0, 2.0]), np.array([0.0, 2.0, 2.0]), np.arange(3))
    assert found[1:].tolist() == [3, 2]


def test_labels_without_an_effect_are_rarely_significant():
    rng = np.random.default_rng(1)
    row, column = np.indices((6, 4)).reshape(2, -1)
    p = [
        two_way.label_effect(two_way.two_way(rng.normal(size=24), row, column)).p
        for _ in range(400)
    ]
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.09


def test_one_row_has_no_label_effect():
    table = two_way.two_way(np.array([1.0, 2.0]), np.zeros(2), np.arange(2))
    assert np.isnan(two_way.label_effect(table).p)


@pytest.mark.parametrize("shape", [(7, 4), (4, 7), (5, 5), (300, 9)])
def test_missing_cells_take_the_least_squares_fit(shape):
    """Against the same fit from a design matrix with a column per row and per column."""
    rng = np.random.default_rng(sum(shape))
    values = 1e4 + rng.normal(size=shape)
    present = rng.random(shape) < 0.75
    present[0], present[:, 0] = True, True
    row, column = np.nonzero(present)
    table = two_way.two_way(values[present], row, column)
    design = np.zeros((row.size, sum(shape)))
    design[np.arange(row.size), row] = design[np.arange(row.size), shape[0] + column] = 1
    effects = np.linalg.lstsq(design, values[present], rcond=None)[0]
    fitted = effects[: shape[0], None] + effects[shape[0] :]
    assert table.cells[~present] == pytest.approx(fitted[~present], rel=1e-11)
    assert table.cells[present].tolist() == values[present].tolist()
