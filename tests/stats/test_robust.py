from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from seedwise.stats import robust


def test_iqm_is_the_mean_of_the_middle_half():
    values = np.array([9.0, 1, 2, 3, 4, 5, 6, 100])
    found = robust.iqm(values, np.repeat([0, 1, 2, 3], 2))
    assert found.estimate == (3 + 4 + 5 + 6) / 4
    left_out = [stats.trim_mean(np.delete(values, [k, k + 1]), 0.25) for k in (0, 2, 4, 6)]
    assert found.se == pytest.approx(np.sqrt(3 / 4 * ((left_out - np.mean(left_out)) ** 2).sum()))
    assert found.df == 3


def test_failed_runs_are_left_out():
    whole = robust.median([1.0, 2.0, 4.0], [0, 1, 2])
    assert robust.median([1.0, np.nan, 2.0, 4.0], [0, 0, 1, 2]) == whole


def test_one_training_seed_has_no_interval():
    found = robust.median([1.0, 2.0], [7, 7])
    assert found.estimate == 1.5
    assert np.isnan(found.se)


def test_labels_must_fit():
    with pytest.raises(ValueError, match="2 values need 2 labels"):
        robust.iqm([1.0, 2.0], [0])


@pytest.mark.parametrize("statistic", [robust.iqm, robust.median])
def test_training_seeds_are_covered(statistic):
    rng = np.random.default_rng(0)
    training = np.repeat(np.arange(10), 5)
    hits = 0
    for _ in range(300):
        found = statistic(rng.normal(size=10)[training] + rng.normal(size=50), training)
        hits += found.low < 0 < found.high
    assert hits / 300 > 0.89
