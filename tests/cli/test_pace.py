"""How long what is left of a run will take."""

import math

import pytest

from seedwise.cli.pace import Pace
from seedwise.design.forecast import Forecast, Stage

NAN = math.nan
TRAIN, NPO = ("train", "original"), ("unlearn", "npo")


def stage(kind, left, seconds=NAN):
    return Stage(*kind, left, 0, left, seconds, NAN, NAN, NAN, NAN)


def pace(*stages, measurements=0, measuring=0.0, unmeasured=()):
    return Pace(Forecast(stages, measurements, 0, measuring, unmeasured))


def test_dear_trainings_do_not_price_cheap_runs():
    run = pace(stage(TRAIN, 2), stage(NPO, 90))
    run.start("a", TRAIN, 0.0)
    run.stop("a", TRAIN, 30.0, 30.0)
    assert run.remaining(30.0) == (30.0, 90)
    run.start("b", NPO, 30.0)
    run.stop("b", NPO, 32.0, 2.0)
    left = run.remaining(32.0)
    assert left.wall == pytest.approx(30.0 + 89 * 2.0)
    assert left.unknown == 0


def test_the_store_prices_a_kind_until_this_run_has_made_one():
    run = pace(stage(TRAIN, 1, 8.0), stage(NPO, 10, 1.0))
    run.start("a", TRAIN, 0.0)
    run.stop("a", TRAIN, 4.0, 4.0)
    assert run.remaining(4.0) == (pytest.approx(10.0), 0)
    run.start("b", NPO, 4.0)
    run.stop("b", NPO, 7.0, 3.0)
    assert run.remaining(7.0) == (pytest.approx(27.0), 0)


def test_workers_share_what_is_left_as_they_did_so_far():
    run = pace(stage(TRAIN, 8))
    for key in "abcd":
        run.start(key, TRAIN, 0.0)
    for key in "abcd":
        run.stop(key, TRAIN, 10.0, 10.0)
    assert run.remaining(10.0).wall == pytest.approx(10.0)


def test_what_is_being_made_counts_as_work_done():
    run = pace(stage(TRAIN, 4, 10.0))
    run.start("a", TRAIN, 0.0)
    run.start("b", TRAIN, 0.0)
    assert run.remaining(5.0).wall == pytest.approx((4 * 10 - 2 * 5) / 2)


def test_starting_workers_is_no_work():
    run = pace(stage(TRAIN, 2))
    run.start("a", TRAIN, 100.0)
    run.stop("a", TRAIN, 110.0, 10.0)
    assert run.remaining(110.0).wall == pytest.approx(10.0)


def test_measurements_are_priced_as_well():
    run = pace(stage(TRAIN, 2), measurements=20)
    run.start("a", TRAIN, 0.0)
    run.stop("a", TRAIN, 2.0, 2.0)
    assert run.remaining(2.0) == (pytest.approx(2.0), 0)
    run.measure(10, 5.0, 7.0)
    assert run.remaining(7.0) == (pytest.approx(2.0 + 5.0), 0)


def test_a_run_that_only_measures():
    run = pace(measurements=30, measuring=3.0)
    assert math.isnan(run.remaining(0.0).wall)
    run.measure(10, 2.0, 2.0)
    assert run.remaining(2.0) == (pytest.approx(4.0), 0)


def test_a_failure_is_one_less_to_make_and_prices_nothing():
    run = pace(stage(TRAIN, 2))
    run.start("a", TRAIN, 0.0)
    run.stop("a", TRAIN, 3.0)
    assert run.remaining(3.0) == (0.0, 1)


def test_a_lost_worker_is_not_busy():
    run = pace(stage(TRAIN, 2, 10.0))
    run.start("a", TRAIN, 0.0)
    run.start("b", TRAIN, 0.0)
    run.lose("a")
    run.stop("b", TRAIN, 10.0, 10.0)
    assert run.remaining(10.0).wall == pytest.approx(10.0)


def test_more_than_was_foreseen_is_not_negative():
    run = pace(stage(TRAIN, 1), measurements=1)
    for key in "ab":
        run.start(key, TRAIN, 0.0)
        run.stop(key, TRAIN, 1.0, 1.0)
    run.measure(5, 1.0, 2.0)
    assert run.remaining(2.0) == (0.0, 0)
