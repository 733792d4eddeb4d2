import numpy as np
import pytest

from seedwise.stats.jackknife import delete_one


def test_the_jackknife_of_a_variance_is_the_hand_computed_one():
    values = np.array([1.0, 2.0, 4.0, 9.0])
    left_out = [np.delete(values, i).var(ddof=1) for i in range(4)]
    found = delete_one(values.var(ddof=1), left_out)
    mean = sum(left_out) / 4
    by_hand = np.sqrt(3 / 4 * sum((one - mean) ** 2 for one in left_out))
    assert found.se == pytest.approx(by_hand)
    assert found.df == 3
    assert found.high - found.estimate == pytest.approx(3.182446305 * by_hand)


@pytest.mark.parametrize("left_out", [[], [1.0], [1.0, np.nan]])
def test_without_enough_values_there_is_no_interval(left_out):
    found = delete_one(2.0, left_out)
    assert found.estimate == 2.0
    assert np.isnan([found.se, found.low, found.high]).all()


@pytest.mark.parametrize("left_out", [[0.1] * 4, [0.1, 0.1, np.nextafter(0.1, 1), 0.1]])
def test_an_estimate_that_no_training_seed_moves_has_no_interval_of_width_zero(left_out):
    found = delete_one(0.1, left_out)
    assert (found.se, found.df) == (0, 3)
    assert np.isnan([found.low, found.high]).all()
