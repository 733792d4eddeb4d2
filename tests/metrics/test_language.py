"""The metrics of language models on made-up columns, against their definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import ks_2samp

from seedwise.metrics.forget_quality import rank_among
from seedwise.metrics.mia_tokens import auc
from seedwise.registry import metrics
from seedwise.seeds import NoStreams

SPLITS = ("forget", "retain", "test")


def columns(seed=0, n=20, **given):
    draw = np.random.default_rng(seed)
    made = {
        "loss": draw.exponential(size=n),
        "loss-paraphrase": draw.exponential(size=n),
        "loss-wrong": draw.exponential(size=n) + 1,
        "probability-wrong": draw.uniform(size=n),
        "rouge-recall": draw.uniform(size=n),
        "exact": draw.uniform(size=n),
        "extraction": draw.uniform(size=n),
        "min-k": -draw.exponential(size=n),
        "min-k-plus": draw.normal(size=n),
        "zlib": draw.integers(20, 60, size=n).astype(float),
        "gradient-norm": draw.exponential(size=n),
    }
    return made | {name.replace("_", "-"): np.asarray(value) for name, value in given.items()}


@pytest.fixture
def one(subject):
    """Return a subject with three splits of different columns."""

    def make(seed=0, extra=(), **splits):
        found = {name: columns(10 * seed + n) for n, name in enumerate((*SPLITS, *extra))}
        return subject(found | splits)

    return make


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("exact-memorization", "exact"),
        ("extraction-strength", "extraction"),
        ("rouge-l-recall", "rouge-recall"),
    ],
)
def test_means_over_answers(one, measure, name, column):
    mine = one()
    found = measure(name, mine)
    assert found == {
        f"{name}/{split}": pytest.approx(mine.outputs(split)[column].mean()) for split in SPLITS
    }
    assert set(measure(name, mine, splits=("test",))) == {f"{name}/test"}


def test_probabilities_are_normalised_by_length_or_among_options(one, measure):
    mine = one()
    for split in SPLITS:
        outputs = mine.outputs(split)
        p = np.exp(-outputs["loss"])
        among = p / (p + outputs["probability-wrong"])
        assert measure("probability", mine)[f"probability/{split}"] == pytest.approx(p.mean())
        found = measure("probability", mine, options=True)
        assert found[f"probability/{split}"] == pytest.approx(among.mean())


def test_the_truth_ratio_is_read_differently_on_the_forget_set(subject, measure):
    known = {"loss_paraphrase": np.log([2.0, 1.0, 1.0]), "loss_wrong": np.log([1.0, 4.0, 1.0])}
    mine = subject({split: columns(n=3, **known) for split in ("forget", "retain")})
    found = measure("truth-ratio", mine)
    assert found["truth-ratio/forget"] == pytest.approx((1 / 2 + 1 / 4 + 1) / 3)
    assert found["truth-ratio/retain"] == pytest.approx((0 + 3 / 4 + 0) / 3)


def test_costly_metrics_read_the_sample_of_the_retain_set(one, measure):
    mine = one(extra=("retain-sample", "facts"))
    names = {"truth-ratio/forget", "truth-ratio/retain-sample", "truth-ratio/facts"}
    assert set(measure("truth-ratio", mine)) == names
    assert set(measure("truth-ratio", one(), splits=("test",))) == {"truth-ratio/test"}
    assert "rouge-l-recall/retain-sample" in measure("rouge-l-recall", mine)
    assert "probability/retain" in measure("probability", mine)


def test_model_utility_is_the_harmonic_mean_of_nine_numbers(one, measure):
    mine = one(extra=("real-authors", "world-facts"))
    parts = []
    for split in ("retain", "real-authors", "world-facts"):
        outputs = mine.outputs(split)
        p = np.exp(-outputs["loss"])
        p = p if split == "retain" else p / (p + outputs["probability-wrong"])
        ratio = np.exp(outputs["loss-paraphrase"] - outputs["loss-wrong"])
        parts += [p.mean(), outputs["rouge-recall"].mean(), np.maximum(0, 1 - ratio).mean()]
    assert len(parts) == 9
    expected = 9 / sum(1 / part for part in parts)
    assert measure("model-utility", mine)["model-utility"] == pytest.approx(expected)


def test_a_model_that_says_nothing_right_has_no_utility(one, measure):
    mine = one(extra=("utility",), utility=columns(rouge_recall=np.zeros(20)))
    assert measure("model-utility", mine)["model-utility"] == 0.0


def test_model_utility_reads_the_sample_where_there_is_one(one, measure):
    sample = columns(99)
    mine = one(extra=("retain-sample",), **{"retain-sample": sample})
    alone = one(retain=sample)
    assert measure("model-utility", mine) == measure("model-utility", alone)


def by_counting(members, others):
    pairs = [(a > b) + (a == b) / 2 for a in members for b in others]
    return sum(pairs) / len(pairs)


def test_the_auc_counts_pairs_and_ties_half():
    draw = np.random.default_rng(0)
    for m, n in [(1, 1), (3, 7), (20, 11)]:
        members, others = draw.integers(0, 5, m), draw.integers(0, 5, n)
        assert auc(members, others) == pytest.approx(by_counting(members, others))


@pytest.mark.parametrize(
    ("name", "score"),
    [
        ("mia-min-k", lambda o: o["min-k"]),
        ("mia-min-k-plus", lambda o: o["min-k-plus"]),
        ("mia-zlib", lambda o: -o["loss"] / o["zlib"]),
        ("mia-loss-auc", lambda o: -o["loss"]),
        ("mia-gradient-norm", lambda o: -o["gradient-norm"]),
    ],
)
def test_attacks_tell_forget_from_held_out(one, measure, name, score):
    mine = one(extra=("strangers",))
    for others in ("test", "strangers"):
        expected = by_counting(score(mine.outputs("forget")), score(mine.outputs(others)))
        assert measure(name, mine, nonmembers=others)[name] == pytest.approx(expected)


def test_memorised_answers_are_told_perfectly(one, measure):
    mine = one(forget=columns(min_k=np.full(20, -1e-3)), test=columns(min_k=np.full(20, -9.0)))
    assert measure("mia-min-k", mine)["mia-min-k"] == 1.0
    assert measure("privleak", mine, one(3))["privleak"] == -100.0


@pytest.mark.parametrize("attack", ["min-k", "min-k-plus", "loss", "zlib"])
def test_privleak_is_relative_to_the_reference(one, measure, attack):
    scores = {
        "min-k": lambda o: o["min-k"],
        "min-k-plus": lambda o: o["min-k-plus"],
        "loss": lambda o: -o["loss"],
        "zlib": lambda o: -o["loss"] / o["zlib"],
    }
    mine, other = one(), one(3)
    a, b = (
        1 - by_counting(*(scores[attack](who.outputs(split)) for split in ("forget", "test")))
        for who in (mine, other)
    )
    found = measure("privleak", mine, other, attack=attack)
    assert found["privleak"] == pytest.approx((a - b) / b * 100)
    assert measure("privleak", mine, mine)["privleak"] == 0.0


def test_the_reference_attack_counts_what_a_retrained_model_does_not_explain(one, measure):
    mine, other = one(1), one(2)
    sides = [
        other.outputs(split)["loss"] - mine.outputs(split)["loss"] for split in ("forget", "test")
    ]
    found = measure("mia-reference", mine, other)["mia-reference"]
    assert found == pytest.approx(by_counting(*sides))
    assert measure("mia-reference", mine, mine)["mia-reference"] == 0.5


def test_privleak_has_no_value_where_the_reference_is_told_perfectly(one, measure):
    told = one(forget=columns(min_k=np.ones(20)), test=columns(min_k=np.zeros(20)))
    assert math.isnan(measure("privleak", one(), told)["privleak"])


def ratios(outputs):
    return np.exp(outputs["loss-paraphrase"] - outputs["loss-wrong"])


def test_forget_quality_is_the_tests_p_value(one, measure):
    mine, other = one(), one(3)
    expected = ks_2samp(ratios(mine.outputs("forget")), ratios(other.outputs("forget"))).pvalue
    assert measure("forget-quality", mine, other)["forget-quality"] == pytest.approx(expected)
    assert measure("forget-quality", mine, mine)["forget-quality"] == 1.0
    elsewhere = ks_2samp(ratios(mine.outputs("test")), ratios(other.outputs("test"))).pvalue
    assert measure("forget-quality", mine, other, split="test")["forget-quality"] == elsewhere


def test_ranks_are_uniform_for_one_more_retrained_model():
    """The calibration: 20 questions that all models find alike hard, five models, many draws."""
    draw = np.random.default_rng(0)
    found = []
    for _ in range(300):
        questions = draw.normal(size=30)
        models = [questions + 0.3 * draw.normal(size=30) + 0.2 * draw.normal() for _ in range(5)]
        found.append(rank_among(models[0], models[1:]))
    assert set(np.round(np.multiply(found, 5))) <= {1, 2, 3, 4, 5}
    assert abs(np.mean(np.array(found) <= 0.2) - 0.2) < 0.07
    assert abs(np.mean(found) - 0.6) < 0.06


def test_the_ensemble_averages_ranks_over_unlearned_models(one):
    retrained = [one(seed) for seed in (1, 2, 3)]
    far = one(forget=columns(loss_wrong=np.full(20, 30.0)))
    near = one(2)
    run = metrics["forget-quality-ensemble"].function
    found = run([far, near], retrained, NoStreams("any"), None)["forget-quality-ensemble"]
    expected = [
        rank_among(ratios(who.outputs("forget")), [ratios(r.outputs("forget")) for r in retrained])
        for who in (far, near)
    ]
    assert expected[0] == 0.25
    assert found == pytest.approx(np.mean(expected))
    alone = run([far], retrained[:1], NoStreams("any"), None)["forget-quality-ensemble"]
    assert math.isnan(alone)
