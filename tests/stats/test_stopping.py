import numpy as np
import pytest

from seedwise.stats.stopping import (
    anytime_interval,
    level_per_look,
    stein_interval,
    stein_training,
)


def runs(count, most, seed=3):
    return np.random.default_rng(seed).normal(size=(count, most))


def test_steins_rule_covers_and_is_as_narrow_as_asked():
    covered = narrow = 0
    draws = runs(2_000, 400)
    for row in draws:
        sd = row[:6].std(ddof=1)
        count = stein_training(sd, 6, 0.5)
        found = stein_interval(row[:count].mean(), sd, 6, count)
        covered += found.low <= 0 <= found.high
        narrow += found.high - found.low <= 1.0 + 1e-12
    assert covered / len(draws) == pytest.approx(0.95, abs=0.015)
    assert narrow == len(draws)


def test_the_anytime_interval_covers_at_all_looks_together():
    draws = runs(1_500, 60)
    missed = np.zeros(len(draws), dtype=bool)
    for n in range(2, 61):
        means, sds = draws[:, :n].mean(1), draws[:, :n].std(1, ddof=1)
        unit = anytime_interval(0.0, 1.0, n).high
        missed |= np.abs(means) > unit * sds
    assert missed.mean() <= 0.05 + 0.012


def test_looking_at_t_intervals_without_a_rule_misses_far_more_often():
    from scipy import stats

    draws = runs(1_500, 30)
    missed = np.zeros(len(draws), dtype=bool)
    for n in range(3, 31):
        half = stats.t.ppf(0.975, n - 1) * draws[:, :n].std(1, ddof=1) / np.sqrt(n)
        missed |= np.abs(draws[:, :n].mean(1)) > half
    assert missed.mean() > 0.2


def test_declared_looks_share_the_error():
    from scipy import stats

    draws, looks = runs(3_000, 30), (5, 10, 20, 30)
    level = level_per_look(0.95, len(looks))
    missed = np.zeros(len(draws), dtype=bool)
    for n in looks:
        half = stats.t.ppf(0.5 + level / 2, n - 1) * draws[:, :n].std(1, ddof=1) / np.sqrt(n)
        missed |= np.abs(draws[:, :n].mean(1)) > half
    assert missed.mean() <= 0.05


def test_the_anytime_interval_is_finite_from_four_training_seeds_and_shrinks():
    widths = [anytime_interval(0.0, 1.0, n).high for n in range(2, 200)]
    assert np.isinf(widths[:2]).all()
    assert np.isfinite(widths[2:]).all()
    assert (np.diff(widths[2:]) < 0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stein_training(1.0, 1, 0.5), "at least two training seeds"),
        (lambda: stein_training(1.0, 5, 0.0), "half-width must be positive"),
        (lambda: level_per_look(0.95, 0), "at least one look"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_single_training_seed_has_no_interval():
    assert np.isinf(anytime_interval(0.0, 1.0, 1)).all()
    assert level_per_look(0.95, 1) == pytest.approx(0.95)
