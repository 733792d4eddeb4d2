"""Several partitions with trained models of their own: up to four levels of variance."""

from __future__ import annotations

import numpy as np
import pytest

from seedwise.stats import nested, parts

# Oxide layer of 72 sites on 24 wafers of 8 lots from 2 sources (Littell et al. 1996, section 4.4),
# lots by wafers by sites, as printed in Pinheiro & Bates (2000), appendix A.20.
OXIDE = """
2006 1999 2007  1980 1988 1982  2000 1998 2007   1991 1990 1988  1987 1989 1988  1985 1983 1989
2000 2004 2004  2001 1996 2004  1999 2000 2002   1997 1994 1996  1996 2000 2002  1987 1990 1995
2013 2004 2009  2023 2018 2010  2020 2023 2015   2032 2036 2030  2018 2022 2026  2009 2010 2011
1984 1993 1993  1992 1992 1990  1996 1993 1987   1996 1989 1996  1997 1993 1996  1990 1989 1992
"""


def oxide() -> tuple[np.ndarray, ...]:
    """Return thickness, source, lot in source, wafer, site."""
    return np.array(OXIDE.split(), dtype=float), *np.indices((2, 4, 3, 3)).reshape(4, -1)


def test_oxide_lots_wafers_sites_as_printed():
    """Pinheiro & Bates (2000), p. 168: sd 11.398, 5.9888, 3.5453 over the mean 2000.153."""
    thickness, source, lot, wafer, site = oxide()
    fit = nested.fit(thickness, source * 4 + lot, wafer, site)
    deviations = np.sqrt([fit.var_train, fit.var_unlearn, fit.var_eval])
    assert deviations.tolist() == pytest.approx([11.398, 5.9888, 3.5453], rel=1e-4)
    assert (fit.mean, fit.se) == (
        pytest.approx(2000.153, abs=5e-4),
        pytest.approx(4.2318, abs=5e-4),
    )


def test_oxide_with_sources_has_the_mean_squares_of_the_design():
    thickness, source, lot, wafer, site = oxide()
    fit = nested.fit(thickness, lot, wafer, site, source, partitions="random")
    table = thickness.reshape(2, 4, 3, 3)
    lots, sources = table.mean((2, 3)), table.mean((1, 2, 3))
    assert fit.ss_partition == pytest.approx(36 * ((sources - sources.mean()) ** 2).sum())
    assert fit.ss_train == pytest.approx(9 * ((lots - sources[:, None]) ** 2).sum())
    assert fit.var_partition_raw == pytest.approx((fit.ms_partition - fit.ms_train) / 36)
    assert fit.var_train_raw == pytest.approx((fit.ms_train - fit.ms_unlearn) / 9)
    assert (fit.df_partition, fit.df_train, fit.df_unlearn, fit.df_eval) == (1, 6, 16, 48)
    assert (fit.df, fit.unit, fit.n_training_seeds) == (1, "partition", 8)
    assert fit.alt_unit == "training"
    total = fit.var_partition + fit.var_train + fit.var_unlearn + fit.var_eval
    assert fit.var_total == pytest.approx(total)


def simulated(drop: float, seed: int = 0, shape: tuple[int, ...] = (4, 4, 2, 2)):
    rng = np.random.default_rng(seed)
    p, t, u, e = np.indices(shape).reshape(4, -1)
    values = rng.normal(size=shape)
    for axes in range(1, 4):
        values = values + rng.normal(size=shape[:axes]).reshape(shape[:axes] + (1,) * (4 - axes))
    kept = rng.random(p.size) >= drop
    return [column[kept] for column in (values.ravel(), t, u, e, p)]


def deviance(components, values: np.ndarray, labels: list[np.ndarray]) -> float:
    """Minus twice the restricted log-likelihood, written out; components innermost first."""
    covariance = components[0] * np.eye(values.size)
    for component, label in zip(components[1:], labels, strict=True):
        covariance += component * (label[:, None] == label[None, :])
    inverse = np.linalg.inv(covariance)
    residual = values - inverse.sum(0) @ values / inverse.sum()
    logs = np.linalg.slogdet(covariance)[1] + np.log(inverse.sum())
    return logs + residual @ inverse @ residual


@pytest.mark.parametrize("drop", [0.0, 0.3])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_step_from_the_four_components_is_likelier(drop, seed):
    values, t, u, e, p = simulated(drop, seed)
    fit = nested.fit(values, t, u, e, p)
    found = np.array([fit.var_eval, fit.var_unlearn, fit.var_train, fit.var_partition])
    labels = [(p * 4 + t) * 2 + u, p * 4 + t, p]
    least = deviance(found, values, labels)
    for k in range(4):
        for factor in (0.99, 1.01):
            moved = np.where(np.arange(4) == k, found * factor + 1e-4, found)
            assert deviance(moved, values, labels) > least


def test_fixed_and_random_are_shown_beside_each_other():
    values, t, u, e, p = simulated(0.0)
    fixed, random = (nested.fit(values, t, u, e, p, partitions=how) for how in ("fixed", "random"))
    assert fixed.mean == random.mean
    for name in ("se", "df", "low", "high", "kind", "unit"):
        own = f"ci_{name}" if name in ("low", "high", "kind") else name
        assert getattr(fixed, f"alt_{name}") == getattr(random, own)
        assert getattr(random, f"alt_{name}") == getattr(fixed, own)


def test_components_inside_partitions_do_not_feel_their_differences():
    values, t, u, _, p = simulated(0.0, shape=(3, 5, 3, 1))
    seeds = {"unlearning": u, "partition": p}
    near, far = (nested.fit(values + shift * p, t, **seeds) for shift in (0.0, 100.0))
    for name in ("var_train_raw", "var_train_high", "var_unlearn", "icc_low", "icc_high", "se"):
        assert getattr(near, name) == pytest.approx(getattr(far, name), rel=1e-6), name
    assert far.var_partition > 1000 > near.var_partition


def test_one_training_seed_per_partition_confounds_the_two():
    values, t, u, _, p = simulated(0.0, shape=(5, 1, 3, 1))
    fit = nested.fit(values, t, u, partition=p, partitions="random")
    alone = nested.fit(values, p, u)
    assert (fit.mean, fit.se, fit.df) == pytest.approx((alone.mean, alone.se, alone.df))
    assert fit.var_train_kind == "none: one training seed per partition"
    assert np.isnan(fit.alt_low)
    assert fit.var_partition > 0


def test_one_run_per_model_leaves_the_partition_estimable():
    values, t, u, _, p = simulated(0.0, shape=(5, 4, 1, 1))
    fit = nested.fit(values, t, u, partition=p)
    assert fit.var_train_kind == parts.CONFOUNDED
    assert np.isfinite(fit.var_partition)
    assert "components_confounded" in fit.flags


def test_constant_values_are_degenerate():
    p, t = np.indices((3, 2)).reshape(2, -1)
    fit = nested.fit(np.full(6, 0.3), t, partition=p)
    assert np.isnan(fit.ci_low)
    assert "degenerate" in fit.flags
