from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedwise.stats import ranking


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_rank_sets_hold_the_point_rank(score, seed):
    points = np.array(score, float)
    chosen = np.random.default_rng(seed).random((points.size, points.size)) < 0.5
    wins = chosen & (points[:, None] > points)
    sets = ranking.rank_sets(points, wins)
    assert (sets.low <= sets.rank).all()
    assert (sets.rank <= sets.high).all()
    assert sets.best.any()


def test_nothing_significant_allows_every_rank():
    sets = ranking.rank_sets([3.0, 1.0, 2.0], np.zeros((3, 3)))
    assert (sets.low.tolist(), sets.high.tolist()) == ([1, 1, 1], [3, 3, 3])
    assert sets.rank.tolist() == [1, 3, 2]
    assert sets.best.all()


def test_everything_significant_leaves_one_order():
    points = np.array([3.0, 1.0, 2.0])
    sets = ranking.rank_sets(points, points[:, None] > points)
    assert sets.low.tolist() == sets.high.tolist() == [1, 3, 2]
    assert sets.n_better.tolist() == [0, 2, 1]


def test_ties_share_a_rank():
    assert ranking.rank_sets([1.0, 1.0], np.zeros((2, 2))).rank.tolist() == [1.5, 1.5]


def test_shapes_must_fit():
    with pytest.raises(ValueError, match="square table"):
        ranking.rank_sets([1.0, 2.0], np.zeros((3, 3)))
