"""The REML components and the GLS mean beside statsmodels' MixedLM, wherever that converges."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import pytest

from seedwise.stats import nested, robust

mixed = pytest.importorskip("statsmodels.regression.mixed_linear_model")


class Oracle(NamedTuple):
    """What MixedLM says of one design."""

    train: float
    unlearn: float
    noise: float
    mean: float


def fitted_by_statsmodels(values, training, cell=None) -> Oracle:
    """Fit random intercepts of training seeds and, if given, of the cells inside them."""
    inside = None
    if cell is not None:
        designs = [np.eye(cell.max() + 1)[cell[training == i]] for i in np.unique(training)]
        designs = [design[:, design.any(axis=0)] for design in designs]
        names = [[f"cell {k}" for k in range(design.shape[1])] for design in designs]
        inside = mixed.VCSpec(["cell"], [names], [designs])
    one = np.ones((values.size, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns at boundaries and of its own attempts
        model = mixed.MixedLM(values, one, groups=training, exog_re=one, exog_vc=inside)
        found = model.fit(reml=True, method=["bfgs", "lbfgs", "powell"], maxiter=2000, gtol=1e-9)
    if not found.converged:
        pytest.skip("statsmodels does not converge")
    scale, inner = float(found.scale), float(found.vcomp[0]) if inside else np.nan
    train = float(found.cov_re[0, 0])
    if cell is None:
        return Oracle(train, scale, np.nan, float(found.fe_params[0]))
    return Oracle(train, inner, scale, float(found.fe_params[0]))


def deviance(components, values, labels) -> float:
    """Minus twice the restricted log-likelihood, up to a constant; components innermost first."""
    covariance = components[0] * np.eye(values.size)
    for component, label in zip(components[1:], labels, strict=True):
        covariance += component * (label[:, None] == label[None, :])
    inverse = np.linalg.inv(covariance)
    residual = values - inverse.sum(axis=0) @ values / inverse.sum()
    determinant = np.linalg.slogdet(covariance)[1]
    return determinant + np.log(inverse.sum()) + residual @ inverse @ residual


def sample(seed: int, units: int, most: int, rho: float):
    """Values, training and unlearning labels; unbalanced for odd seeds."""
    rng = np.random.default_rng(seed)
    runs = rng.integers(2, most + 1, size=units) if seed % 2 else np.full(units, most)
    training = np.repeat(np.arange(units), runs)
    own = np.sqrt(rho) * rng.normal(size=units)[training]
    values = own + np.sqrt(1 - rho) * rng.normal(size=training.size)
    return values, training, np.concatenate([np.arange(n) for n in runs])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("units", "most"), [(6, 4), (12, 3), (30, 8)])
@pytest.mark.parametrize("rho", [0.3, 0.7, 0.95])
def test_two_levels(seed, units, most, rho):
    values, training, unlearning = sample(seed, units, most, rho)
    oracle = fitted_by_statsmodels(values, training)
    fit = nested.fit(values, training, unlearning)
    mine = deviance((fit.var_unlearn, fit.var_train), values, [training])
    assert mine <= deviance((oracle.unlearn, oracle.train), values, [training]) + 1e-9
    if oracle.train > 0.01:  # nearer to the boundary it stops on the way
        assert fit.var_unlearn == pytest.approx(oracle.unlearn, rel=2e-3)
        assert fit.var_train == pytest.approx(oracle.train, rel=5e-3)
        assert robust.gls(values, training).estimate == pytest.approx(oracle.mean, abs=1e-4)


@pytest.mark.parametrize("seed", range(6))
def test_three_levels(seed):
    values, training, unlearning = sample(seed, 8, 4, 0.5)
    cell = np.repeat(np.arange(values.size), 3)
    evaluation = np.tile(np.arange(3), values.size)
    noisy = values[cell] + 0.5 * np.random.default_rng(seed).normal(size=cell.size)
    oracle = fitted_by_statsmodels(noisy, training[cell], cell)
    fit = nested.fit(noisy, training[cell], unlearning[cell], evaluation)
    labels = [cell, training[cell]]
    mine = deviance((fit.var_eval, fit.var_unlearn, fit.var_train), noisy, labels)
    theirs = (oracle.noise, oracle.unlearn, oracle.train)
    assert mine <= deviance(theirs, noisy, labels) + 1e-9
    if min(theirs) > 0.01:
        found = (fit.var_eval, fit.var_unlearn, fit.var_train)
        assert found == pytest.approx(theirs, rel=2e-2)
