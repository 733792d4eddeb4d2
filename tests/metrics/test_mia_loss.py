from __future__ import annotations

import warnings

import numpy as np
import pytest

from seedwise.errors import DataError
from seedwise.metrics.mia_loss import attack_accuracy
from seedwise.registry import metrics


def losses(n, mean=1.0, seed=0):
    return np.random.default_rng(seed).exponential(mean, n).astype("float32")


@pytest.fixture
def pair(subject):
    def make(forget, test, name="test"):
        return subject({"forget": {"loss": forget}, name: {"loss": test}})

    return make


def accuracy(measure, one, **given):
    return measure("mia-loss", one, **given)["mia-loss"]


def test_the_attack_is_scikit_learns_logistic_regression_on_held_out_examples():
    """The oracle: the fits written out."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedShuffleSplit

    x = np.concatenate([losses(80, 0.5), losses(80, 1.5, seed=1)]).astype(float)[:, None]
    y = np.repeat([1, 0], 80)
    scores = []
    for train, test in StratifiedShuffleSplit(10, random_state=7).split(x, y):
        guess = LogisticRegression().fit(x[train], y[train]).predict(x[test])
        scores.append((guess == y[test]).mean())
    assert np.isclose(attack_accuracy(x[:, 0], y, 7), np.mean(scores))


def test_equal_distributions_give_a_half_and_distant_ones_one(pair, measure):
    same = accuracy(measure, pair(losses(2000), losses(2000, seed=1)))
    assert abs(same - 0.5) < 0.04
    assert accuracy(measure, pair(losses(100, 0.01), 50 + losses(100))) == 1.0


@pytest.mark.parametrize("sizes", [(60, 2000), (2000, 60)])
def test_unequal_sides_are_balanced(pair, measure, sizes):
    """Without it, always answering with the larger side would be right 97 times in 100."""
    one = pair(losses(sizes[0]), losses(sizes[1], seed=1))
    values = [accuracy(measure, one, evaluation=k) for k in range(5)]
    assert abs(np.mean(values) - 0.5) < 0.1


def test_evaluation_seeds_draw_anew_and_a_seed_the_same(pair, measure):
    one = pair(losses(100), losses(300, 1.5, seed=1))
    values = [accuracy(measure, one, evaluation=k) for k in (0, 1, 0)]
    assert values[0] == values[2] != values[1]
    assert metrics["mia-loss"].spec.stochastic


def test_the_other_side_can_be_chosen(pair, measure):
    one = pair(losses(50, 0.01), 9 + losses(50), name="test-forget")
    assert accuracy(measure, one, nonmembers="test-forget") == 1.0


def test_too_few_examples_are_refused(pair, measure):
    assert accuracy(measure, pair(losses(10), losses(10, seed=1))) <= 1.0
    with pytest.raises(DataError, match=r"at least 10 .* there are 9 and 50"):
        accuracy(measure, pair(losses(9), losses(50)))


@pytest.mark.parametrize("scale", [1e-8, 1e3, 1e6])
def test_losses_of_any_size_are_attacked_without_a_warning(pair, measure, scale):
    one = pair(scale * losses(100), scale * losses(100, 3.0, seed=1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert 0.3 < accuracy(measure, one) <= 1.0
