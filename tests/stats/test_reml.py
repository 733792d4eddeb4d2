"""REML against the restricted likelihood written out with dense matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from seedwise.stats import nested, reml
from seedwise.stats.alike import alike


def dense_deviance(components, values: np.ndarray, labels: list[np.ndarray]) -> float:
    """Minus twice the restricted log-likelihood, up to a constant; components innermost first."""
    covariance = components[0] * np.eye(values.size)
    for component, label in zip(components[1:], labels, strict=True):
        covariance += component * (label[:, None] == label[None, :])
    inverse = np.linalg.inv(covariance)
    information = inverse.sum()
    residual = values - inverse.sum(axis=0) @ values / information
    logdet = np.linalg.slogdet(covariance)[1]
    return logdet + np.log(information) + residual @ inverse @ residual


def dense_reml(values: np.ndarray, labels: list[np.ndarray]) -> tuple[np.ndarray, float]:
    """Minimise the dense criterion over logarithms, from several starts."""
    scale = values.var()
    best = None
    for start in np.array(np.meshgrid(*[[-4.0, 0.0]] * (len(labels) + 1))).T.reshape(
        -1, len(labels) + 1
    ):
        found = optimize.minimize(
            lambda logs: dense_deviance(scale * np.exp(np.clip(logs, -40, 5)), values, labels),
            start,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000, "maxfev": 4000},
        )
        best = found if best is None or found.fun < best.fun else best
    return scale * np.exp(np.clip(best.x, -40, 5)), best.fun


def unbalanced_two(seed: int, ratio: float):
    rng = np.random.default_rng(seed)
    runs = rng.integers(1, 6, size=7)
    training = np.repeat(np.arange(7), runs)
    values = np.sqrt(ratio) * rng.normal(size=7)[training] + rng.normal(size=training.size)
    return values, training, np.concatenate([np.arange(n) for n in runs])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("ratio", [0.0, 0.3, 4.0])
def test_two_levels_match_the_dense_likelihood(seed, ratio):
    values, training, unlearning = unbalanced_two(seed, ratio)
    fit = nested.fit(values, training, unlearning)
    components, least = dense_reml(values, [training])
    mine = dense_deviance((fit.var_unlearn, fit.var_train), values, [training])
    assert mine <= least + 1e-8
    assert fit.var_unlearn == pytest.approx(components[0], rel=1e-3)
    assert fit.var_train == pytest.approx(components[1], rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("spread", [(1.0, 0.0, 0.0), (1.0, 2.0, 0.0), (1.0, 0.0, 2.0), (1, 3, 9)])
def test_three_levels_match_the_dense_likelihood(seed, spread):
    rng = np.random.default_rng(seed)
    training, unlearning, evaluation = np.indices((5, 3, 3)).reshape(3, -1)
    kept = rng.random(training.size) < 0.7
    cell = (training * 3 + unlearning)[kept]
    training, unlearning, evaluation = training[kept], unlearning[kept], evaluation[kept]
    values = np.sqrt(spread[0]) * rng.normal(size=kept.sum())
    values += np.sqrt(spread[1]) * rng.normal(size=15)[cell]
    values += np.sqrt(spread[2]) * rng.normal(size=5)[training]
    fit = nested.fit(values, training, unlearning, evaluation)
    components, least = dense_reml(values, [cell, training])
    mine = (fit.var_eval, fit.var_unlearn, fit.var_train)
    assert dense_deviance(mine, values, [cell, training]) <= least + 1e-7
    assert np.array(mine) == pytest.approx(components, rel=1e-2, abs=1e-3)


def test_profiled_and_closed_form_agree_where_balanced():
    rng = np.random.default_rng(4)
    values = rng.normal(size=(200, 6, 1)) * 0.7 + rng.normal(size=(200, 6, 4))
    mean, squares = values.mean(axis=2), ((values - values.mean(2, keepdims=True)) ** 2).sum((1, 2))
    fitted = reml.two_level(np.full((200, 6), 4), mean, squares, mean.var(axis=1, ddof=1))
    between, within = 4 * mean.var(axis=1, ddof=1), squares / 18
    pooled = reml.monotone(np.array([within, between]), np.array([[18], [5]]) + np.zeros(200))
    assert fitted.within == pytest.approx(pooled[0], rel=1e-9)
    assert fitted.between == pytest.approx((pooled[1] - pooled[0]) / 4, rel=1e-7, abs=1e-9)
    assert 20 < (pooled[1] == pooled[0]).sum() < 100  # both sides of the boundary are tried


@pytest.mark.parametrize("rho", [0.999, 0.9999, 1 - 1e-8])
def test_refinement_holds_near_rho_one(rho):
    rng = np.random.default_rng(5)
    runs = np.array([[2, 3, 4, 3, 2, 5]])
    mean = np.sqrt(rho / (1 - rho)) * rng.normal(size=(1, 6))
    squares = np.array([float(runs.sum() - 6)])
    fitted = reml.two_level(runs, mean, squares, mean.var(axis=1, ddof=1))
    ratio = fitted.between / fitted.within
    profile = reml._Profile(alike(runs, mean), squares, runs.sum(axis=1))
    # At the optimum the slope changes sign within 1e-10 of ln lambda = logit r.
    assert profile.slope(ratio * (1 - 1e-10)) < 0 < profile.slope(ratio * (1 + 1e-10))


def test_monotone_pools_only_violators():
    mean_squares = np.array([[1.0, 3.0, 3.0, 1.0], [2.0, 1.0, 2.0, 5.0], [4.0, 4.0, 1.0, 2.0]])
    df = np.array([[6.0], [3.0], [1.0]]) + np.zeros(4)
    pooled = reml.monotone(mean_squares, df)
    assert pooled[:, 0].tolist() == [1, 2, 4]
    assert pooled[:, 1].tolist() == pytest.approx([21 / 9, 21 / 9, 4])
    assert pooled[:, 2].tolist() == pytest.approx([2.5, 2.5, 2.5])
    assert pooled[:, 3].tolist() == pytest.approx([1, 17 / 4, 17 / 4])


def test_monotone_ignores_levels_without_df():
    pooled = reml.monotone(np.array([[3.0], [1.0], [np.nan]]), np.array([[2], [2], [0]]))
    assert pooled[:2].ravel().tolist() == [2.0, 2.0]
