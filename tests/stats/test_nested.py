"""Published analyses with their printed values, tiny cases by hand, and the edges."""

from __future__ import annotations

import numpy as np
import pytest

from seedwise.stats import nested
from seedwise.stats.nested import NestedFit

# Davies & Goldsmith (1972), Statistical Methods in Research and Production; lme4 `Dyestuff`.
DYESTUFF = """
1545 1440 1440 1520 1580  1540 1555 1490 1560 1495  1595 1550 1605 1510 1560
1445 1440 1595 1465 1545  1595 1630 1515 1635 1625  1520 1455 1450 1480 1445"""
# Box & Tiao (1973), Bayesian Inference in Statistical Analysis, table 5.1.4; lme4 `Dyestuff2`.
DYESTUFF2 = """
7.298 3.846 2.434 9.566 7.990  5.220 6.556 0.608 11.788 -0.892  0.110 10.386 13.434 5.510 8.166
2.212 4.852 7.092 9.288 4.980  0.282 9.014 4.458 9.446 7.198   1.722 4.782 8.106 0.758 3.758"""
# Pinheiro & Bates (2000), Mixed-Effects Models in S and S-PLUS, section 1.1; nlme `Rail`.
RAIL = "55 53 54  26 37 32  78 91 85  92 100 96  49 51 50  80 85 83"
# Davies & Goldsmith (1972), table 6.5; lme4 `Pastes`: 10 batches, 3 casks each, 2 analyses.
PASTES = """
62.8 62.6 60.1 62.3 62.7 63.1  60.0 61.4 57.5 56.9 61.1 58.9  58.7 57.5 63.9 63.1 65.4 63.7
57.1 56.4 56.9 58.6 64.7 64.5  55.1 55.1 54.7 54.2 58.8 57.5  63.4 64.9 59.3 58.1 60.5 60.0
62.5 62.6 61.0 58.7 56.9 57.7  59.2 59.4 65.2 66.0 64.8 64.1  54.8 54.8 64.0 64.0 57.7 56.8
58.3 59.3 59.2 59.2 58.9 56.6"""
# Snedecor & Cochran (1967), Statistical Methods, table 10.16.1: calcium in turnip greens, 4 plants,
# 3 leaves each, 2 determinations.
TURNIP = """
3.28 3.09 3.52 3.48 2.88 2.80  2.46 2.44 1.87 1.92 2.19 2.19
2.77 2.66 3.74 3.44 2.55 2.55  3.78 3.87 4.07 4.12 3.31 3.31"""


def balanced(text: str, *shape: int, **options) -> NestedFit:
    values = np.array(text.split(), dtype=float).reshape(shape)
    return nested.fit(values.ravel(), *(axis.ravel() for axis in np.indices(shape)), **options)


def same(a: NestedFit, b: NestedFit) -> bool:
    pairs = ((value, getattr(b, name)) for name, value in vars(a).items())
    return all(x == y or (x != x and y != y) for x, y in pairs)


def test_dyestuff_as_printed():
    fit = balanced(DYESTUFF, 6, 5)
    # lme4 (Bates et al. 2015): REML Batch 1764, Residual 2451, intercept 1527.50, se 19.38.
    assert fit.mean == 1527.5
    assert fit.se == pytest.approx(19.38, abs=0.005)
    assert fit.var_train == pytest.approx(1764.05, abs=1e-9)
    assert fit.var_unlearn == pytest.approx(2451.25, abs=1e-9)
    # The analysis of variance of Davies & Goldsmith: between 56357.5 on 5, within 58830.0 on 24.
    assert (fit.df_train, fit.df_unlearn) == (5, 24)
    assert fit.ss_train == pytest.approx(56357.5)
    assert fit.ss_unlearn == pytest.approx(58830.0)
    assert fit.icc == pytest.approx(1764.05 / 4215.30)
    assert fit.flags == ()


def test_dyestuff2_is_on_the_boundary():
    fit = balanced(DYESTUFF2, 6, 5)
    # lme4: Batch 0.000, Residual 13.81 (sd 3.716), intercept 5.6656, and its se 0.6784 is that of
    # pooled runs; ours stays on the batches.
    assert fit.var_train == 0
    assert fit.var_unlearn == pytest.approx(13.81, abs=0.005)
    assert np.sqrt(fit.var_unlearn / 30) == pytest.approx(0.6784, abs=5e-5)
    assert fit.mean == pytest.approx(5.6656, abs=5e-5)
    assert fit.var_train_raw == pytest.approx((fit.ms_train - fit.ms_unlearn) / 5)
    assert fit.var_train_raw < 0
    assert fit.df == 5
    assert "boundary" in fit.flags
    assert "below_chance" not in fit.flags


def test_rail_as_printed():
    fit = balanced(RAIL, 6, 3)
    # Pinheiro & Bates (2000), p. 9: sd 24.80547 and 4.020779, intercept 66.5, se 10.17104.
    assert np.sqrt(fit.var_train) == pytest.approx(24.80547, abs=5e-6)
    assert np.sqrt(fit.var_unlearn) == pytest.approx(4.020779, abs=5e-7)
    assert fit.mean == pytest.approx(66.5)
    assert fit.se == pytest.approx(10.17104, abs=5e-6)


def test_pastes_as_printed():
    fit = balanced(PASTES, 10, 3, 2)
    # lme4: sample within batch 8.434, batch 1.657, residual 0.678, intercept 60.0533, se 0.6769.
    assert fit.var_train == pytest.approx(1.657, abs=5e-4)
    assert fit.var_unlearn == pytest.approx(8.434, abs=5e-4)
    assert fit.var_eval == pytest.approx(0.678, abs=5e-4)
    assert fit.mean == pytest.approx(60.0533, abs=5e-5)
    assert fit.se == pytest.approx(0.6769, abs=5e-5)
    assert fit.df == 9


def test_turnip_leaves_as_printed():
    fit = balanced(TURNIP, 4, 3, 2)
    # Snedecor & Cochran (1967), p. 286: mean squares 2.5201, .3288, .0066; .3652, .1611, .0066.
    assert fit.ms_train == pytest.approx(2.5201, abs=5e-4)
    assert fit.ms_unlearn == pytest.approx(0.3288, abs=5e-4)
    assert fit.ms_eval == pytest.approx(0.0066, abs=1e-4)
    assert fit.var_train == pytest.approx(0.3652, abs=5e-4)
    assert fit.var_unlearn == pytest.approx(0.1611, abs=5e-4)


def test_unbalanced_means_are_unweighted_by_hand():
    fit = nested.fit([1, 3, 4, 6, 8, 10], [0, 0, 1, 2, 2, 2], [0, 1, 0, 0, 1, 2])
    # Seed means 2, 4, 8; S^2 = 28 / 3; SSE = 2 + 0 + 8 on 3 df.
    assert fit.mean == pytest.approx(14 / 3)
    assert fit.se == pytest.approx(np.sqrt(28 / 9))
    assert fit.ms_unlearn == pytest.approx(10 / 3)
    # MSA = (92 + 66.667 ...): 2 (2 - 16/3)^2 + (4 - 16/3)^2 + 3 (8 - 16/3)^2 = 136 / 3 on 2 df;
    # n0 = (6 - 14 / 6) / 2 = 11 / 6.
    assert fit.ms_train == pytest.approx(68 / 3)
    assert fit.var_train_raw == pytest.approx((68 / 3 - 10 / 3) / (11 / 6))
    assert "unbalanced" in fit.flags
    assert (fit.n_unlearning_seeds_min, fit.n_unlearning_seeds_max) == (1, 3)


def test_one_run_per_seed_confounds_the_components():
    fit = nested.fit([1.0, 2.0, 4.0, 5.0, 7.0], range(5), [0] * 5)
    assert fit.flags == ("components_confounded",)
    assert np.isnan([fit.var_train, fit.var_unlearn, fit.icc]).all()
    assert fit.var_total == pytest.approx(np.var([1, 2, 4, 5, 7], ddof=1))
    assert fit.ci_low < fit.mean < fit.ci_high


def test_no_unlearning_stage_has_a_training_variance():
    values = [1.0, 2.0, 4.0, 5.0, 7.0]
    fit = nested.fit(values, range(5))
    assert fit.flags == ("no_unlearning_stage",)
    assert fit.var_train == pytest.approx(np.var(values, ddof=1))
    # 4 S^2 / chi2(.975, 4) with chi2 = 11.1433, .484419
    assert fit.var_train_low == pytest.approx(4 * fit.var_train / 11.14329, rel=1e-5)
    assert fit.var_train_high == pytest.approx(4 * fit.var_train / 0.4844186, rel=1e-5)
    assert fit.var_train_kind == "chi-square, if normal"
    assert np.isnan(fit.var_unlearn)
    assert fit.var_unlearn_kind == "none: no unlearning stage"


def test_deterministic_method_has_no_unlearning_variance():
    fit = nested.fit([1.0, 2.0, 4.0, 5.0, 7.0], range(5), [0] * 5, deterministic=True)
    assert fit.flags == ("deterministic",)
    assert (fit.var_unlearn, fit.icc) == (0, 1)
    assert fit.var_train == fit.var_total == pytest.approx(5.7)
    assert np.isnan([fit.icc_low, fit.icc_high]).all()


def test_deterministic_in_word_but_not_in_deed():
    fit = nested.fit([1, 2, 3, 5], [0, 0, 1, 1], [0, 1, 0, 1], deterministic=True)
    assert "declared_deterministic_but_not" in fit.flags
    assert "deterministic" not in fit.flags
    assert fit.var_unlearn > 0


def test_single_training_seed_speaks_for_itself_only():
    fit = nested.fit([1.0, 2.0, 3.0], [7, 7, 7], [0, 1, 2])
    assert fit.flags == ("single_training_seed",)
    assert np.isnan([fit.se, fit.df, fit.ci_low, fit.ci_high, fit.var_train, fit.var_total]).all()
    assert np.isnan([fit.var_total_low, fit.icc]).all()
    half = 4.302653 / np.sqrt(3)
    assert fit.conditional_high - fit.mean == pytest.approx(half, rel=1e-6)
    assert fit.var_unlearn == 1
    assert fit.var_unlearn_kind == "chi-square, if normal"


def test_two_training_seeds_have_one_df():
    fit = nested.fit([1.0, 3.0, 4.0, 8.0], [0, 0, 1, 1], [0, 1, 0, 1])
    assert fit.df == 1
    assert fit.ci_high - fit.mean == pytest.approx(12.7062047 * 2)
    assert fit.flags == ("few_training_seeds",)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e8 + 1e-3])
def test_all_constant_is_degenerate(value):
    fit = nested.fit([value] * 6, [0, 0, 1, 1, 2, 2], [0, 1] * 3)
    assert "degenerate" in fit.flags
    assert "below_chance" not in fit.flags
    assert (fit.mean, fit.se, fit.var_train, fit.var_unlearn) == (value, 0, 0, 0)
    assert np.isnan([fit.icc, fit.ci_low, fit.ci_high, fit.var_train_high]).all()


def test_ties_up_to_rounding_count_as_ties():
    seeds = np.repeat(np.arange(6), 3)
    values = seeds * 0.1
    wobbled = np.nextafter(values, 1) * (np.arange(18) % 2) + values * (1 - np.arange(18) % 2)
    fit = nested.fit(wobbled, seeds, np.tile([0, 1, 2], 6))
    assert fit.var_unlearn == 0
    assert fit.icc == 1
    assert fit.var_unlearn_kind == "none: no spread"
    assert fit.var_train == pytest.approx(np.var(np.arange(6) * 0.1, ddof=1))


def test_spread_within_one_seed_only_leaves_nothing_for_the_jackknife():
    values = np.repeat([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], 2)
    values[0] = 0.5
    fit = nested.fit(values, np.repeat(np.arange(6), 2), np.tile([0, 1], 6))
    assert fit.var_unlearn > 0
    assert np.isnan([fit.var_unlearn_low, fit.var_unlearn_high]).all()
    assert fit.var_unlearn_kind == "none: without one training seed there is no spread"


def test_equal_seed_means_are_below_chance():
    values = np.tile([-3.0, 0.0, 3.0], 6) + np.repeat([1e-3, 2e-3, 0, -1e-3, 4e-3, 0], 3)
    fit = nested.fit(values, np.repeat(np.arange(6), 3), np.tile([0, 1, 2], 6))
    assert {"below_chance", "boundary"} <= set(fit.flags)
    assert fit.var_train == 0
    assert np.isnan([fit.var_train_low, fit.var_train_high, fit.icc_low, fit.icc_high]).all()
    assert fit.var_train_kind == fit.icc_kind == "none: at most 0 by this method"


def test_digits_survive_a_large_shift():
    rng = np.random.default_rng(0)
    shape = (8, 4)
    small = np.round(rng.normal(size=shape), 3) * 2.0**-8
    seeds = [axis.ravel() for axis in np.indices(shape)]
    low, high = (nested.fit((small + shift).ravel(), *seeds) for shift in (0, 2.0**27))
    assert high.mean - 2.0**27 == pytest.approx(low.mean, abs=2e-8)
    for name in ("se", "var_train", "var_unlearn", "icc", "icc_low", "var_unlearn_high"):
        assert getattr(high, name) == pytest.approx(getattr(low, name), rel=1e-4)


def test_near_total_dependence_on_the_training_seed():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(40, 1)) + 0.01 * rng.normal(size=(40, 5))
    drop = rng.random(values.shape) < 0.2
    seeds = [axis[~drop] for axis in np.indices(values.shape)]
    fit = nested.fit(values[~drop], *seeds)
    within = np.concatenate([v[~d] - v[~d].mean() for v, d in zip(values, drop, strict=True)])
    assert fit.var_unlearn == pytest.approx((within**2).sum() / (len(within) - 40), rel=1e-3)
    assert fit.var_train == pytest.approx(values.mean(1).var(ddof=1), rel=0.01)
    assert 0.9997 < fit.icc < 1


def test_failed_runs_are_counted_not_hidden():
    whole = nested.fit([1.0, 3.0, 4.0, 8.0], [0, 0, 1, 1], [0, 1, 0, 1])
    fit = nested.fit([1.0, 3.0, np.nan, 4.0, 8.0], [0, 0, 0, 1, 1], [0, 1, 2, 0, 1])
    assert fit.n_failed == 1
    assert set(fit.flags) == {*whole.flags, "failed_cells"}
    assert (fit.mean, fit.se) == (whole.mean, whole.se)


def test_coarse_metric_is_flagged():
    values = np.full(10, 0.9)
    values[:2] = 0.91
    assert "coarse_metric" in nested.fit(values, range(10)).flags
    assert "coarse_metric" not in nested.fit(np.linspace(0, 1, 10), range(10)).flags


def test_evaluation_seeds_are_averaged_first():
    values = np.array([[[1.0, 3.0], [2.0, 6.0]], [[5.0, 5.0], [8.0, 10.0]]])
    seeds = [axis.ravel() for axis in np.indices(values.shape)]
    deep = nested.fit(values.ravel(), *seeds)
    runs = np.indices((2, 2))
    flat = nested.fit(values.mean(axis=2).ravel(), runs[0].ravel(), runs[1].ravel())
    assert (deep.mean, deep.se, deep.ci_low) == (flat.mean, flat.se, flat.ci_low)
    assert (deep.n_evaluation_seeds, deep.icc_run_low) == (2, flat.icc_low)
    # SSE = 2 + 8 + 0 + 2 on 4 df; MSB = 2 (2 + 9) ... cells 2, 4, 5, 9: 2 (2 + 8) / 2 = 10.
    assert deep.ms_eval == pytest.approx(3)
    assert deep.ms_unlearn == pytest.approx(10)
    assert deep.var_unlearn == pytest.approx(3.5)
    assert deep.ms_train == pytest.approx(32)
    assert deep.var_train == pytest.approx(5.5)


def test_silent_evaluation_seeds_add_nothing():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(6, 1)) + rng.normal(size=(6, 3))
    flat = nested.fit(values.ravel(), *(axis.ravel() for axis in np.indices((6, 3))))
    deep = nested.fit(
        np.repeat(values.ravel(), 2), *(axis.ravel() for axis in np.indices((6, 3, 2)))
    )
    assert deep.var_eval == 0
    assert deep.var_train == pytest.approx(flat.var_train)
    assert deep.var_unlearn == pytest.approx(flat.var_unlearn)


def test_evaluation_seeds_without_unlearning_stage():
    fit = nested.fit([1.0, 3.0, 4.0, 8.0], [0, 0, 1, 1], None, [0, 1, 0, 1])
    assert fit.var_eval == pytest.approx(5)
    assert fit.var_train == pytest.approx(16 / 2 - 5 / 2)
    assert np.isnan([fit.var_unlearn, fit.icc]).all()


def test_one_partition_is_stated():
    fit = nested.fit([1.0, 2.0], [0, 1], partition=["a", "a"])
    assert "single_partition" in fit.flags


def test_many_groups_give_what_each_gives_alone():
    rng = np.random.default_rng(3)
    designs = []
    for group in range(12):
        shape = tuple(rng.integers(1, 7, size=3))
        keep = rng.random(shape) < 0.8
        keep.flat[0] = True
        designs.append((rng.normal(size=shape)[keep], *(a[keep] for a in np.indices(shape))))
        designs[-1] = (np.full(keep.sum(), group), *designs[-1])
    group, values, *codes = (np.concatenate(part) for part in zip(*designs, strict=True))
    data = nested.arrange(nested.Rows(values, group, *codes), 12)
    table = nested.columns(data, ["unlearning"] * 12)
    for place, (_, own, *seeds) in enumerate(designs):
        alone = vars(nested.fit(own, *seeds))
        for name, value in alone.items():
            together = table[name][place]
            assert together == value or together == pytest.approx(value, rel=1e-9, nan_ok=True), (
                name
            )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 2.0], [0]), "2 values need 2 labels, but 1"),
        (([1.0, np.inf], [0, 1]), "infinite values"),
        (([np.nan], [0]), "no values"),
        (([1.0, 2.0], [0, 0], [1, 1]), "repeat the seeds"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        nested.fit(*arguments)


def test_level_must_be_a_share():
    with pytest.raises(ValueError, match="between 0 and 1, not 95"):
        nested.fit([1.0, 2.0], [0, 1], level=95)


def test_runs_without_labels_are_told_apart_by_their_order():
    rng = np.random.default_rng(3)
    training, runs = np.indices((5, 4)).reshape(2, -1)
    values = rng.normal(size=20) + rng.normal(size=5)[training]
    named, bare = nested.fit(values, training, runs), nested.fit(values, training)
    for name in ("mean", "se", "var_train", "var_unlearn", "icc", "icc_low", "var_unlearn_high"):
        assert getattr(bare, name) == getattr(named, name), name
    assert bare.flags == named.flags
    order = rng.permutation(20)
    mixed = nested.fit(values[order], training[order])
    assert mixed.var_train_raw == pytest.approx(named.var_train_raw)
    assert "no_unlearning_stage" in nested.fit(values[:5], range(5)).flags


def test_runs_without_labels_are_counted_within_their_partition():
    values = np.array([1.0, 2.0, 4.0, 3.0, 5.0, 9.0])
    fit = nested.fit(values, [0, 1, 2, 0, 1, 2], partition=[0, 0, 0, 1, 1, 1])
    assert "no_unlearning_stage" in fit.flags
