from __future__ import annotations

import numpy as np

from seedwise.domains.federated.cohorts import cohort, cohort_size, shares
from seedwise.seeds import SeedStreams

STREAMS = SeedStreams("train", training=0)


def test_the_size_is_a_share_of_all_and_at_least_one():
    assert [cohort_size(share, 10) for share in (0.01, 0.3, 1.0)] == [1, 3, 10]


def test_rounds_draw_different_cohorts_of_the_same_size_in_order():
    drawn = [cohort(STREAMS, turn, range(10), 4, 10) for turn in range(20)]
    assert all(one == sorted(set(one)) and len(one) == 4 for one in drawn)
    assert set().union(*drawn) == set(range(10))


def test_who_is_available_counts_and_not_in_which_order():
    assert cohort(STREAMS, 3, [5, 1, 8, 2], 2, 10) == cohort(STREAMS, 3, [8, 5, 2, 1], 2, 10)
    assert cohort(STREAMS, 0, [9, 4], 5, 10) == [4, 9]


def test_leaving_out_a_client_changes_nothing_where_it_had_no_part():
    for turn in range(30):
        full = cohort(STREAMS, turn, range(10), 4, 10)
        rest = cohort(STREAMS, turn, [k for k in range(10) if k != 7], 4, 10)
        assert 7 in full or rest == full


def test_shares_are_normalised():
    np.testing.assert_allclose(shares(np.array([1.0, 2.0, 5.0]), [0, 2]), [1 / 6, 5 / 6])
