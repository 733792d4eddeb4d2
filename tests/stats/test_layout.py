from __future__ import annotations

import numpy as np
import pytest

from seedwise.stats.layout import Rows, arrange, nothing


def rows(*table) -> Rows:
    columns = np.array(table, dtype=float).T
    return Rows(columns[0], *(column.astype(int) for column in columns[1:]))


def test_levels_are_reduced_from_the_inside_out():
    data = arrange(
        # value, group, training, unlearning, evaluation
        rows((1, 0, 5, 0, 0), (3, 0, 5, 0, 1), (8, 0, 5, 1, 0), (4, 0, 9, 0, 0), (7, 2, 1, 0, 0)),
        groups=3,
    )
    assert data.cells.tolist() == [[2, 1], [0, 0], [1, 0]]
    assert data.rows.tolist() == [[3, 1], [0, 0], [1, 0]]
    assert data.training[0].tolist() == [5, 9]
    assert (data.mean + data.centre[:, None])[0] == pytest.approx([5, 4])
    assert data.spread[0] == pytest.approx([18, 0])
    assert data.noise[0] == pytest.approx([2, 0])
    assert (data.rows_min.tolist(), data.rows_max.tolist()) == ([1, 0, 1], [2, 0, 1])
    assert data.grain[0] == pytest.approx(1)
    assert np.isnan(data.grain[1:]).all()


def test_take_renumbers_and_unpads():
    data = arrange(
        rows((1, 0, 0, 0, 0), (2, 0, 1, 0, 0), (3, 0, 2, 0, 0), (5, 1, 0, 0, 0), (6, 1, 0, 1, 0)),
        groups=2,
    )
    taken = data.take(np.array([1]))
    assert taken.cells.tolist() == [[2]]
    assert taken.cell_group.tolist() == [0, 0]
    assert taken.cell_mean == pytest.approx([-0.5, 0.5])


def test_repeated_seeds_are_refused():
    with pytest.raises(ValueError, match="training 3, unlearning 0, evaluation 0"):
        arrange(rows((1, 0, 3, 0, 0), (2, 0, 3, 0, 0)), groups=1)


def test_no_rows_at_all():
    empty = np.zeros(0, dtype=int)
    data = arrange(Rows(np.zeros(0), empty, empty, empty, empty), groups=2)
    assert data.cells.shape == (2, 0)


def test_rounding_scales_with_the_values():
    assert nothing(np.array(1e-12), np.array(4), np.array(1e9))
    assert not nothing(np.array(1e-12), np.array(4), np.array(1.0))
