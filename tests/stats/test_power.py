import numpy as np
import pytest
from scipy import stats

from seedwise.stats.power import (
    assured_training,
    equivalence_power,
    paired_power,
    training_for_power,
)


@pytest.fixture
def samples():
    """20,000 samples of 8 standard normal differences: mean and sd of each."""
    draws = np.random.default_rng(1).normal(size=(20_000, 8))
    return draws.mean(1), draws.std(1, ddof=1)


@pytest.mark.parametrize("difference", [0.0, 0.5, 1.2])
def test_power_is_the_share_of_significant_samples(samples, difference):
    mean, sd = samples
    share = (np.abs((mean + difference) * np.sqrt(8) / sd) > 2.364624).mean()
    assert paired_power(difference, 1.0, 8) == pytest.approx(share, abs=0.012)


@pytest.mark.parametrize(("margin", "difference"), [(0.8, 0.0), (1.0, 0.3), (2.0, 0.0)])
def test_equivalence_power_is_the_share_of_claims(samples, margin, difference):
    mean, sd = samples
    share = (np.abs(mean + difference) < margin - 1.894579 * sd / np.sqrt(8)).mean()
    found = equivalence_power(margin, 1.0, 8, difference=difference)
    assert found == pytest.approx(share, abs=0.012)


def test_the_published_sample_size_of_a_paired_t_test():
    """Cohen (1988): d = 0.5, power .80, two-sided .05 needs 34 pairs."""
    assert training_for_power(0.5, 1.0) == 34
    assert training_for_power(1.0, 1.0) == 10
    assert paired_power(5.0, 1.0, 2_000) == 1.0
    assert paired_power(0.5, 1.0, 33) < 0.8 <= paired_power(0.5, 1.0, 34)


@pytest.mark.parametrize("pilot", [5, 10])
def test_an_assured_plan_meets_its_target_as_often_as_promised(pilot):
    """The plan is made anew from every pilot; the final sample has the same true variance."""
    generator, met, rounds = np.random.default_rng(2), 0, 600
    for variance in generator.chisquare(pilot - 1, size=rounds) / (pilot - 1):
        count = assured_training(variance, pilot, 0.6)
        sd = np.sqrt(generator.chisquare(count - 1) / (count - 1))
        met += stats.t.ppf(0.975, count - 1) * sd / np.sqrt(count) <= 0.6
    assert met / rounds == pytest.approx(0.82, abs=0.05)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: paired_power(1, 1, 1), "at least two training seeds"),
        (lambda: paired_power(1, 0, 5), "spread must be finite and positive"),
        (lambda: equivalence_power(0, 1, 5), "margin must be positive"),
        (lambda: training_for_power(0, 1), "for a difference that is not 0"),
        (lambda: training_for_power(1e-6, 1), "2000 training seeds do not show"),
        (lambda: assured_training(1.0, 1, 0.5), "at least two training seeds"),
        (lambda: assured_training(1.0, 10, 1e-6), "out of reach"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_power_of_a_big_difference_is_a_number():
    assert paired_power(1.0, 0.3, 5) == pytest.approx(1.0, abs=1e-3)
    assert all(np.isfinite(paired_power(shift / 10, 1.0, 10)) for shift in range(1, 300, 7))
