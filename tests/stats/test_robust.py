from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from seedwise.stats import nested, robust


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


@pytest.mark.parametrize("statistic", [robust.iqm, robust.median, robust.gls])
def test_training_seeds_are_covered(statistic):
    rng = np.random.default_rng(0)
    training = np.repeat(np.arange(10), 5)
    hits = 0
    for _ in range(300):
        found = statistic(rng.normal(size=10)[training] + rng.normal(size=50), training)
        hits += found.low < 0 < found.high
    assert hits / 300 > 0.89


def test_gls_is_the_mean_of_a_random_intercept_model():
    """The weights written out with the covariance matrix of the fit."""
    rng = np.random.default_rng(4)
    training = np.repeat(np.arange(6), [1, 2, 6, 3, 1, 4])
    values = 1e3 + rng.normal(size=6)[training] + rng.normal(size=training.size)
    fit = nested.fit(values, training, np.arange(training.size))
    covariance = fit.var_unlearn * np.eye(values.size)
    covariance += fit.var_train * (training[:, None] == training)
    weight = np.linalg.inv(covariance).sum(axis=0)
    assert robust.gls(values, training).estimate == pytest.approx(weight @ values / weight.sum())


def test_gls_of_equal_numbers_is_the_mean_with_its_t_interval():
    rng = np.random.default_rng(6)
    training = np.repeat(np.arange(7), 3)
    values = rng.normal(size=7)[training] + rng.normal(size=21)
    found, fit = robust.gls(values, training), nested.fit(values, training, np.arange(21))
    assert (found.estimate, found.low, found.high) == pytest.approx(
        (fit.mean, fit.ci_low, fit.ci_high)
    )


def test_gls_at_the_boundary_and_without_spread():
    at_zero = robust.gls([1.0, 3.0, 3.0, 1.0, 2.0], [0, 0, 1, 1, 2])
    assert at_zero.estimate == pytest.approx(2.0)
    assert robust.gls([4.0] * 5, [0, 0, 1, 2, 2]).estimate == 4.0
    assert np.isnan(robust.gls([np.nan], [0]).estimate)
    assert robust.gls([1.0, 2.0], [3, 3]).estimate == 1.5


def test_means_of_all_runs_feel_runs_that_are_lost_for_being_bad():
    """Training seeds whose first run is bad stop after it: the unweighted mean does not care."""
    rng = np.random.default_rng(2)
    off = {"pooled": [], "gls": [], "unweighted": []}
    for _ in range(150):
        effect = rng.normal(size=30)
        runs = np.where(effect < 0, 1, 6)
        training = np.repeat(np.arange(30), runs)
        values = effect[training] + rng.normal(size=training.size)
        off["pooled"].append(values.mean())
        off["gls"].append(robust.gls(values, training).estimate)
        sums = np.bincount(training, values) / runs
        off["unweighted"].append(sums.mean())
    bias = {name: np.mean(found) for name, found in off.items()}
    assert abs(bias["unweighted"]) < 0.05 < bias["gls"] < bias["pooled"]


def test_the_jackknife_of_log_f_by_hand():
    rng = np.random.default_rng(9)
    table = rng.exponential(size=(11, 1)) + rng.exponential(size=(11, 4))

    def log_f(values):
        within = values.var(axis=1, ddof=1).mean()
        return np.log(4 * values.mean(axis=1).var(ddof=1) / within)

    pseudo = [11 * log_f(table) - 10 * log_f(np.delete(table, k, axis=0)) for k in range(11)]
    half = stats.t.ppf(0.975, 10) * np.std(pseudo, ddof=1) / np.sqrt(11)
    ends = np.exp([np.mean(pseudo) - half, np.mean(pseudo) + half])
    found = robust.icc(table.ravel(), np.repeat(np.arange(11), 4))
    assert (found.low, found.high) == pytest.approx(
        tuple(max(f - 1, 0) / (max(f - 1, 0) + 4) for f in ends)
    )


@pytest.mark.parametrize(
    ("values", "training", "share"),
    [
        ([1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1], 7 / 9),
        ([1.0, 1.0, 3.0, 3.0], [0, 0, 1, 1], 1.0),
        ([1.0, 2.0, 1.0, 2.0], [0, 0, 1, 1], 0.0),
        ([1.0, 2.0], [0, 1], np.nan),
        ([np.nan], [0], np.nan),
    ],
)
def test_the_share_without_enough_seeds_has_no_limits(values, training, share):
    found = robust.icc(values, training)
    assert found.estimate == pytest.approx(share, nan_ok=True)
    assert np.isnan([found.low, found.high]).all()


def test_log_f_holds_better_than_the_exact_interval_where_effects_are_skewed():
    rng = np.random.default_rng(3)
    training = np.repeat(np.arange(30), 5)
    hits = np.zeros(2)
    for _ in range(300):
        effect = rng.exponential(size=30) - 1
        values = effect[training] + rng.exponential(size=150) - 1
        found = robust.icc(values, training)
        exact = nested.fit(values, training, np.arange(150))
        hits += [found.low < 0.5 < found.high, exact.icc_low < 0.5 < exact.icc_high]
    assert hits[0] / 300 > 0.85 > hits[1] / 300
