from __future__ import annotations

import numpy as np

from seedwise.stats import intervals, parts


def test_limits_without_width_become_nan_with_a_reason():
    value = np.array([1.0, 0.0, 0.0, 1.0, np.nan])
    raw = np.array([1.0, 0.0, -1.0, 1.0, np.nan])
    ends = intervals.Ends(
        np.array([0.5, 0.0, 0.0, np.nan, 0.1]), np.array([2.0, 0.0, -3.0, np.nan, 0.2])
    )
    part = parts.limited(value, raw, ends, np.full(5, parts.MLS))
    assert part.kind.tolist() == [
        parts.MLS,
        parts.NO_SPREAD,
        parts.AT_MOST_ZERO,
        parts.TOO_FEW,
        parts.TOO_FEW,
    ]
    assert np.isfinite(part.low).tolist() == [True, False, False, False, False]


def test_a_given_reason_is_kept():
    ends = intervals.Ends(np.array([0.5]), np.array([2.0]))
    part = parts.limited(np.ones(1), np.ones(1), ends, np.array([parts.LOST_SPREAD]))
    assert part.kind.tolist() == [parts.LOST_SPREAD]
    assert np.isnan(part.high).all()


def test_gathered_groups_keep_their_places():
    five = parts.constant(1, 5.0, "given")
    piece = parts.Estimates(*[five] * 8, np.full((3, 4, 1), 2.0))
    whole = parts.gather(3, [(np.array([1]), piece)])
    assert whole.train.value.tolist()[1] == 5
    assert np.isnan(whole.train.value[[0, 2]]).all()
    assert whole.icc.kind.tolist() == ["none: no values", "given", "none: no values"]
    assert whole.table[2, 0].tolist()[1] == 2
