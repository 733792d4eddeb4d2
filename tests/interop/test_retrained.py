"""Forget quality from stored truth ratios."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from seedwise.interop.imported import Measured
from seedwise.interop.retrained import ENSEMBLE, PUBLISHED, RANK, ensembles, recomputed
from seedwise.metrics.forget_quality import ks_distance, rank_among


def model(method, i, j=None, ratios=None):
    return Measured("t", method, i, j, {}, f"{method}{i}{j}", None, ratios)


@pytest.fixture
def models():
    generator = np.random.default_rng(1)
    draw = lambda shift: generator.lognormal(shift, 0.5, 30)  # noqa: E731
    runs = [model("npo", i, j, draw(0.3)) for i in range(3) for j in range(2)]
    return [*runs, *(model("retrain", i, None, draw(0.0)) for i in range(3))]


def test_the_statistic_is_that_of_scipy():
    generator = np.random.default_rng(0)
    for sizes in ((5, 5), (7, 30), (30, 2)):
        one, other = (np.sort(generator.integers(0, 9, size).astype(float)) for size in sizes)
        assert ks_distance(one, other) == pytest.approx(ks_2samp(one, other).statistic)


def test_partners_are_those_of_the_training_seed(models):
    found = {(c.model.source, c.metric): c.value for c in recomputed(models)}
    expected = ks_2samp(models[5].ratios, models[8].ratios).pvalue
    assert found["npo21", PUBLISHED] == pytest.approx(expected)
    floor = ks_2samp(models[8].ratios, models[6].ratios).pvalue
    assert found["retrain2None", PUBLISHED] == pytest.approx(floor)


def test_fewer_references_than_training_seeds_are_shared_in_turn(models):
    found = {(c.model.source, c.metric): c.value for c in recomputed(models[:8])}
    expected = ks_2samp(models[4].ratios, models[6].ratios).pvalue
    assert found["npo20", PUBLISHED] == pytest.approx(expected)


def test_the_ensemble_leaves_out_runs_and_reference_of_a_training_seed(models):
    table = ensembles(models)
    assert table["metric"].unique().tolist() == [ENSEMBLE]
    assert table["left_out"].isna().tolist() == [True, False, False, False]
    kept = [models[7].ratios, models[8].ratios]
    expected = np.mean([rank_among(run.ratios, kept) for run in models[2:6]])
    assert table["value"][1] == pytest.approx(expected)


def test_two_retrained_models_are_too_few_to_leave_one_out(models):
    table = ensembles(models[:8])
    assert table["value"].notna().tolist() == [True, False, False, False]
    assert table["n_failed"].eq(0).all()


def test_unanswered_questions_do_not_count(models):
    ratios = models[0].ratios.copy()
    ratios[:10] = np.nan
    found = {c.metric: c.value for c in recomputed([model("npo", 0, 0, ratios), *models[6:]])}
    expected = ks_2samp(ratios[10:], models[6].ratios).pvalue
    first = next(iter(recomputed([model("npo", 0, 0, ratios), *models[6:]])))
    assert first.value == pytest.approx(expected)
    assert RANK in found


def test_nothing_without_references(models):
    assert not list(recomputed(models[:6]))
    assert ensembles(models[:6]).empty
