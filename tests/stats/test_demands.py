"""A room is the variance at which the published power is just what was asked for."""

import numpy as np
import pytest
from scipy import stats

from seedwise.stats.demands import Equivalence, HalfWidth, Power
from seedwise.stats.power import equivalence_power, paired_power

COUNTS = np.array([3, 5, 10, 40, 300])


def test_the_room_of_a_half_width_just_gives_it():
    room = HalfWidth(0.7, 0.9).room(COUNTS)
    widths = stats.t.ppf(0.95, COUNTS - 1) * np.sqrt(room / COUNTS)
    assert widths == pytest.approx(np.full(5, 0.7))


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
def test_the_room_of_a_power_just_has_it(power):
    for count, room in zip(COUNTS, Power(0.3, power).room(COUNTS), strict=True):
        assert paired_power(0.3, np.sqrt(room), int(count)) == pytest.approx(power, abs=1e-6)


@pytest.mark.parametrize("difference", [0.0, 0.1])
def test_the_room_of_an_equivalence_just_has_its_power(difference):
    rooms = Equivalence(0.4, 0.8, difference).room(COUNTS)
    for count, room in zip(COUNTS, rooms, strict=True):
        found = equivalence_power(0.4, np.sqrt(room), int(count), difference=difference)
        assert found == pytest.approx(0.8, abs=1e-5)


@pytest.mark.parametrize("demand", [HalfWidth(1.0), Power(1.0), Equivalence(1.0)])
def test_more_training_seeds_leave_more_room(demand):
    assert (np.diff(demand.room(np.arange(2, 400))) > 0).all()
