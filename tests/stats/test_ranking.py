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


def test_p_best_is_what_resampling_by_hand_finds():
    rng = np.random.default_rng(8)
    means = rng.normal(size=(3, 6))
    found = ranking.p_best(means, np.random.default_rng(1), draws=500)
    drawn = np.random.default_rng(1).integers(6, size=(500, 6))
    winners = [int(np.argmax(means[:, row].mean(axis=1))) for row in drawn]
    assert found.tolist() == (np.bincount(winners, minlength=3) / 500).tolist()


def test_ties_share_the_first_place():
    found = ranking.p_best(np.ones((4, 5)), np.random.default_rng(0), reference=[1.0, 2.0])
    assert found.tolist() == [0.25] * 4


def test_paired_references_are_drawn_with_their_seeds():
    reference = np.array([0.0, 10.0, 20.0, 30.0, 40.0])
    means = np.array([reference + 1, np.full(5, 20.0)])
    rng = np.random.default_rng
    paired = ranking.p_best(means, rng(0), reference=reference, paired=True)
    apart = ranking.p_best(means, rng(0), reference=reference)
    assert paired[0] > 0.8 > apart[0]
