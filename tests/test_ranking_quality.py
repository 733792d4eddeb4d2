from __future__ import annotations

import itertools
import math
from dataclasses import replace

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sklearn.metrics import ndcg_score

from seedwise.ranking_quality import PADDING, Convention, ndcg, ranked, reciprocal_rank

PLAIN = Convention(k=None, gain="linear", no_relevant=0, ties="average")


@pytest.fixture
def lists():
    """40 queries of 2 to 15 documents, scores with many ties, some without relevant documents."""
    draw = np.random.default_rng(0)
    scores, labels = np.zeros((40, 15)), np.full((40, 15), PADDING)
    for query in range(40):
        size = draw.integers(2, 16)
        scores[query, :size] = draw.integers(0, 6, size)
        labels[query, :size] = draw.integers(0, 5, size) if query % 8 else 0
    return scores, labels


def documents(scores, labels, query):
    there = labels[query] != PADDING
    return scores[query, there], labels[query, there]


@pytest.mark.parametrize("k", [1, 3, 10, None])
@pytest.mark.parametrize("ties", ["average", "order"])
def test_ndcg_is_scikit_learns(lists, k, ties):
    scores, labels = lists
    found = ndcg(scores, labels, replace(PLAIN, k=k, ties=ties))
    for query in range(len(scores)):
        score, label = documents(scores, labels, query)
        if ties == "order":  # scikit-learn has no stable order: break the ties before
            score = score - 1e-6 * np.arange(len(score))
        wanted = ndcg_score([label], [score], k=k)
        assert found[query] == pytest.approx(wanted, abs=1e-12)


def trec_eval(measure, scores, labels):
    """The value of each query by trec_eval, whose own order of ties is avoided."""
    places = list(np.ndindex(scores.shape))
    qrels = [ir_measures.Qrel(str(q), str(d), int(labels[q, d])) for q, d in places]
    run = [ir_measures.ScoredDoc(str(q), str(d), float(scores[q, d])) for q, d in places]
    found = {int(one.query_id): one.value for one in ir_measures.iter_calc([measure], qrels, run)}
    return [found[query] for query in range(len(scores))]


@pytest.fixture
def untied():
    draw = np.random.default_rng(1)
    scores = draw.permuted(np.tile(np.arange(12.0), (30, 1)), axis=1)
    labels = draw.choice(5, (30, 12), p=[0.8, 0.05, 0.05, 0.05, 0.05])
    labels[0] = 0
    return scores, labels


@pytest.mark.parametrize("k", [1, 5, 10])
@pytest.mark.parametrize("gain", ["linear", "exponential"])
def test_ndcg_is_trec_evals(untied, k, gain):
    scores, labels = untied
    truth = labels if gain == "linear" else 2**labels - 1
    found = ndcg(scores, labels, replace(PLAIN, k=k, gain=gain))
    assert found == pytest.approx(trec_eval(ir_measures.nDCG @ k, scores, truth), abs=1e-9)


def test_the_reciprocal_rank_is_trec_evals(untied):
    scores, labels = untied
    wanted = trec_eval(ir_measures.RR, scores, labels)
    assert reciprocal_rank(scores, labels, PLAIN) == pytest.approx(wanted, abs=1e-9)


def test_exponential_gain_by_hand():
    scores, labels = np.array([[3.0, 2.0, 1.0]]), np.array([[1.0, 0.0, 2.0]])
    got, best = 1 + 3 / math.log2(4), 3 + 1 / math.log2(3)
    assert ndcg(scores, labels, Convention()) == pytest.approx([got / best])


@pytest.mark.parametrize(("said", "wanted"), [("skip", math.nan), (0, 0.0), (1, 1.0)])
def test_a_query_without_relevant_documents_counts_what_the_convention_says(said, wanted):
    scores, labels = np.array([[2.0, 1.0], [2.0, 1.0]]), np.array([[0.0, 0.0], [1.0, 0.0]])
    convention = Convention(no_relevant=said)
    for values in (ndcg(scores, labels, convention), reciprocal_rank(scores, labels, convention)):
        assert values[0] == pytest.approx(wanted, nan_ok=True)
        assert values[1] == 1.0


def test_one_ranking_has_many_values(lists):
    scores, labels = lists
    values = {
        round(float(np.nanmean(ndcg(scores, labels, Convention(k, gain, empty)))), 6)
        for k in (3, 10)
        for gain in ("linear", "exponential")
        for empty in ("skip", 0, 1)
    }
    assert len(values) == 12


@settings(max_examples=60, deadline=None)
@given(some.data())
def test_averaged_ties_are_the_mean_over_all_orders(data):
    size = data.draw(some.integers(1, 5))
    scores = data.draw(some.lists(some.integers(0, 2), min_size=size, max_size=size))
    labels = data.draw(some.lists(some.integers(0, 2), min_size=size, max_size=size))
    k = data.draw(some.sampled_from([1, 2, None]))
    ordered = Convention(k=k, no_relevant=0, ties="order")
    for value in (ndcg, reciprocal_rank):
        each = [
            value(
                np.array([[scores[place] for place in order]], float),
                np.array([[labels[place] for place in order]], float),
                ordered,
            )[0]
            for order in itertools.permutations(range(size))
        ]
        one = value(
            np.array([scores], float), np.array([labels], float), replace(ordered, ties="average")
        )
        assert one == pytest.approx([np.mean(each)])


def test_a_relevant_document_below_the_cut_off_counts_nothing():
    scores, labels = np.array([[3.0, 2.0, 1.0]]), np.array([[0.0, 0.0, 1.0]])
    assert reciprocal_rank(scores, labels, Convention(k=2)).tolist() == [0.0]
    assert reciprocal_rank(scores, labels, Convention(k=3)).tolist() == [1 / 3]


def test_the_smallest_relevant_label_can_be_chosen():
    scores, labels = np.array([[3.0, 2.0]]), np.array([[1.0, 2.0]])
    assert reciprocal_rank(scores, labels, Convention(), least=2).tolist() == [0.5]


def test_padding_is_ranked_last_and_changes_nothing(lists):
    scores, labels = lists
    wider = np.pad(scores, ((0, 0), (0, 4)), constant_values=9.0)
    none = np.pad(labels, ((0, 0), (0, 4)), constant_values=PADDING)
    assert ndcg(wider, none, PLAIN) == pytest.approx(ndcg(scores, labels, PLAIN), abs=1e-15)
    assert ranked(np.array([[9.0, -np.inf, 5.0]]), np.array([[PADDING, 0, 1]])).tolist() == [
        [2, 1, 0]
    ]
