from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
import torch

from seedwise.domains.federated.ranking.pdgd import document_weights, sample_ranking

# --- plain Python, straight from the paper --------------------------------------------------------


def probability(ranking, scores, shown):
    """P(R) of the shown part of a ranking of all documents."""
    left, product = set(range(len(scores))), 1.0
    for document in ranking[:shown]:
        product *= math.exp(scores[document]) / sum(math.exp(scores[other]) for other in left)
        left.remove(document)
    return product


def preferences(ranking, clicks):
    """(k, l) for k clicked, l not clicked and above the last click or right below it."""
    if not any(clicks):
        return []
    last = max(rank for rank, clicked in enumerate(clicks) if clicked)
    seen = range(min(last + 2, len(clicks)))
    return [
        (ranking[one], ranking[other])
        for one in seen
        for other in seen
        if clicks[one] and not clicks[other]
    ]


def brute_force(scores, ranking, clicks):
    weights = [0.0] * len(scores)
    for k, other in preferences(ranking, clicks):
        swapped = [{k: other, other: k}.get(document, document) for document in ranking]
        straight = probability(ranking, scores, len(ranking))
        turned = probability(swapped, scores, len(ranking))
        rho = turned / (straight + turned)
        first, second = math.exp(scores[k]), math.exp(scores[other])
        weight = rho * first * second / (first + second) ** 2
        weights[k] += weight
        weights[other] -= weight
    return weights


def interaction(draw, documents, shown, spread=1.0):
    scores = draw.normal(scale=spread, size=documents)
    ranking = draw.permutation(documents)[:shown]
    return scores, ranking, draw.random(len(ranking)) < 0.4


def weights_of(scores, ranking, clicks, present=None):
    scores = torch.as_tensor(scores)
    everything = torch.ones_like(scores, dtype=torch.bool) if present is None else present
    return document_weights(scores, everything, torch.as_tensor(ranking), torch.as_tensor(clicks))


# --- the weights ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("documents", "shown"), [(2, 2), (4, 4), (5, 3), (12, 10), (30, 10)])
@pytest.mark.parametrize("spread", [0.1, 1.0, 4.0])
def test_they_are_those_of_a_brute_force_in_plain_python(documents, shown, spread):
    draw = np.random.default_rng(documents)
    for _ in range(15):
        scores, ranking, clicks = interaction(draw, documents, shown, spread)
        wanted = brute_force(scores.tolist(), ranking.tolist(), clicks.tolist())
        assert weights_of(scores, ranking, clicks).numpy() == pytest.approx(wanted, rel=1e-9)


def test_two_equal_documents_by_hand():
    # p = 1/2 each way, so rho = 1/2, and the pair's weight is 1/4
    assert weights_of([0.0, 0.0], [1, 0], [False, True]).tolist() == [0.125, -0.125]


def test_three_documents_by_hand():
    # exp(f) = 1, 2, 3 shown as 2, 0, 1; the click on 0 is preferred to 2 (above) and 1 (below)
    above = (1 / 6 * 3 / 5) / (3 / 6 * 1 / 3 + 1 / 6 * 3 / 5)
    below = (3 / 6 * 2 / 3) / (3 / 6 * 1 / 3 + 3 / 6 * 2 / 3)
    wanted = [above * 3 / 16 + below * 2 / 9, -below * 2 / 9, -above * 3 / 16]
    found = weights_of(np.log([1.0, 2.0, 3.0]), [2, 0, 1], [False, True, False])
    assert found.numpy() == pytest.approx(wanted)


def test_what_stands_further_below_the_last_click_was_not_seen():
    found = weights_of(np.zeros(5), [0, 1, 2, 3, 4], [False, True, False, False, False])
    assert (found[:3] != 0).all()
    assert (found[3:] == 0).all()


@pytest.mark.parametrize("clicked", [False, True])
def test_no_click_or_only_clicks_say_nothing(clicked):
    assert weights_of(np.arange(4.0), [3, 1, 0, 2], [clicked] * 4).tolist() == [0.0] * 4


def test_they_do_not_depend_on_a_common_level_nor_overflow():
    scores = np.array([700.0, 0.0, -700.0, 3.0])
    found = weights_of(scores, [2, 0, 3, 1], [True, False, True, False])
    assert torch.isfinite(found).all()
    shifted = weights_of(np.array([0.3, 0.1, 0.2]) + 500, [2, 0, 1], [False, True, False])
    plain = weights_of(np.array([0.3, 0.1, 0.2]), [2, 0, 1], [False, True, False])
    assert shifted.numpy() == pytest.approx(plain.numpy(), rel=1e-9)


def test_padding_changes_no_bit():
    draw = np.random.default_rng(3)
    scores, ranking, clicks = interaction(draw, 6, 6)
    plain = weights_of(scores, ranking, clicks)
    wide = np.concatenate([scores, [9.0, 9.0]])
    present = torch.arange(8) < 6
    padded = weights_of(wide, [*ranking, 6, 7], [*clicks, False, False], present)
    assert padded[:6].numpy() == pytest.approx(plain.numpy(), rel=1e-12)
    assert (padded[6:] == 0).all()


def test_an_interaction_does_not_depend_on_its_neighbours():
    draw = np.random.default_rng(4)
    many = [interaction(draw, 27, 10) for _ in range(160)]
    scores, ranking, clicks = (torch.tensor(np.stack(part)) for part in zip(*many, strict=True))
    together = document_weights(scores, torch.ones_like(scores, dtype=torch.bool), ranking, clicks)
    for place in (0, 77, 159):
        assert torch.equal(together[place], weights_of(*many[place]))


def test_leading_dimensions_and_vmap_agree():
    draw = np.random.default_rng(5)
    many = [interaction(draw, 9, 5) for _ in range(12)]
    scores, ranking, clicks = (torch.tensor(np.stack(part)) for part in zip(*many, strict=True))
    present = torch.ones_like(scores, dtype=torch.bool)
    flat = document_weights(scores, present, ranking, clicks)
    folded = document_weights(
        *(part.reshape(3, 4, -1) for part in (scores, present, ranking, clicks))
    )
    mapped = torch.func.vmap(document_weights)(scores, present, ranking, clicks)
    assert torch.equal(folded.reshape(12, -1), flat)
    assert torch.equal(mapped, flat)


def test_the_loss_has_the_gradient_of_the_paper():
    """d/dw of -sum weight f is minus the sum of pair weights times differences of features."""
    draw = np.random.default_rng(6)
    features = torch.tensor(draw.normal(size=(5, 3)))
    w = torch.tensor(draw.normal(size=3), requires_grad=True)
    scores = features @ w
    ranking, clicks = [4, 0, 2, 1, 3], [False, True, False, False, True]
    loss = -(weights_of(scores, ranking, clicks) * scores).sum()
    (gradient,) = torch.autograd.grad(loss, w)
    weights = brute_force(scores.tolist(), ranking, clicks)
    assert gradient.numpy() == pytest.approx(-(features.numpy().T @ np.array(weights)))


def test_the_gradient_is_unbiased_with_respect_to_preferences():
    """Over all rankings the sign of a pair's expected weight is its preference."""
    scores, relevant = [0.8, -0.3, 0.1], 1  # the least liked document is the relevant one
    expected = np.zeros(3)
    for ranking in itertools.permutations(range(3)):
        clicks = [document == relevant for document in ranking]
        weights = np.array(brute_force(scores, list(ranking), clicks))
        expected += probability(ranking, scores, 3) * weights
        assert weights_of(scores, list(ranking), clicks).numpy() == pytest.approx(weights)
    assert expected[relevant] > 0
    assert expected[0] < 0
    assert expected[2] < 0


# --- sampling -------------------------------------------------------------------------------------


def test_gumbel_noise_draws_from_plackett_luce():
    scores, draws = [0.5, -0.5, 0.0, 1.0], 40_000
    noise = torch.tensor(np.random.default_rng(0).gumbel(size=(draws, 4)))
    f = torch.tensor(scores).expand(draws, 4)
    found = Counter(
        tuple(row) for row in sample_ranking(f, torch.ones(draws, 4).bool(), noise, 2).tolist()
    )
    for ranking in itertools.permutations(range(4), 2):
        wanted = probability(ranking, scores, 2)
        spread = math.sqrt(wanted * (1 - wanted) / draws)
        assert found[ranking] / draws == pytest.approx(wanted, abs=4 * spread)


def test_padding_is_shown_last_and_only_when_nothing_else_is_left():
    scores, present = torch.tensor([9.0, 0.0, 1.0]), torch.tensor([False, True, True])
    shown = sample_ranking(scores, present, torch.zeros(3), 10)
    assert shown.tolist() == [2, 1, 0]
    assert sample_ranking(scores, present, torch.zeros(3), 2).tolist() == [2, 1]
