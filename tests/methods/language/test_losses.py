"""Every loss against its formula, written out in plain numbers on a table of logits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax

from seedwise.contracts.tokens import IGNORED
from seedwise.domains.vision import vision
from seedwise.errors import SeedwiseError
from seedwise.methods.language.idk_dpo import REFUSALS
from seedwise.registry import methods
from seedwise.seeds import SeedStreams

N = IGNORED
TARGETS = [[N, 0, 1, 2], [N, N, 3, 0], [2, 1, N, N]]
FORGET, RETAIN = (0, 1), 2
NAMES = [n for n in methods if ".language." in methods[n].function.__module__]


def positions(place):
    return [(t, y) for t, y in enumerate(TARGETS[place]) if y != N]


def own(model, place):
    """Log-probabilities of an example's true tokens."""
    return np.array([model.logs[place, t, y] for t, y in positions(place)])


def nll(model, place):
    return -own(model, place).mean()


def log_sigmoid(x):
    return -np.log1p(np.exp(-x))


@pytest.mark.parametrize(("gamma", "alpha"), [(1.0, 1.0), (0.5, 0.0), (2.0, 3.0)])
def test_gradient_difference(objective, now, gamma, alpha):
    found, problem = objective("grad-diff", gamma=gamma, alpha=alpha)
    forget = np.mean([nll(now, place) for place in FORGET])
    assert found == pytest.approx(-gamma * forget + alpha * nll(now, RETAIN))
    assert problem.on == ["forget", "retain"]
    assert (problem.recipe.optimizer, problem.recipe.batch_size) == ("adamw", 32)


def test_the_divergence_from_the_original_may_hold_the_retain_set(objective, before, now):
    found, _ = objective("grad-diff", gamma=0.0, retain="kl", alpha=2.0)
    p, q = before.logs[RETAIN], now.logs[RETAIN]
    each = [(np.exp(p[t]) * (p[t] - q[t])).sum() for t, _ in positions(RETAIN)]
    assert found == pytest.approx(2 * np.mean(each))


def test_negative_preference(objective, before, now):
    found, _ = objective("npo", beta=0.3, gamma=0.7, alpha=0.5)
    gaps = [own(before, place).sum() - own(now, place).sum() for place in FORGET]
    forget = np.mean([-2 / 0.3 * log_sigmoid(0.3 * gap) for gap in gaps])
    assert found == pytest.approx(0.7 * forget + 0.5 * nll(now, RETAIN), rel=1e-6)


def test_negative_preference_is_gradient_ascent_for_a_small_beta(objective, before, now):
    """Zhang et al., proposition 1: the gradient, not the value."""
    _, problem = objective("npo", beta=1e-7, alpha=0.0)
    (slope,) = torch.autograd.grad(problem.values[0], now.table)
    ascent = sum(
        -problem.losses(now, problem.batch([place]))[0] * len(positions(place)) for place in FORGET
    )
    (expected,) = torch.autograd.grad(ascent / 2, now.table)
    assert torch.allclose(slope, expected, atol=1e-5)


def test_simple_negative_preference(objective, now):
    found, _ = objective("simnpo", beta=4.5, delta=0.4, gamma=0.125, alpha=1.0)
    forget = [-2 / 4.5 * log_sigmoid(4.5 * (nll(now, place) - 0.4)) for place in FORGET]
    assert found == pytest.approx(0.125 * np.mean(forget) + nll(now, RETAIN))


def test_preferred_refusals(objective, before, now):
    found, problem = objective("idk-dpo", beta=0.2, alpha=0.5)
    forget = []
    for place in FORGET:
        won = now.logs[place + 3, 0, 0] - before.logs[place + 3, 0, 0]
        lost = own(now, place).sum() - own(before, place).sum()
        forget.append(-2 / 0.2 * log_sigmoid(0.2 * (won - lost)))
    assert found == pytest.approx(np.mean(forget) + 0.5 * nll(now, RETAIN), rel=1e-6)
    first, second = problem.asked
    assert second == first[::-1]
    assert set(first) <= set(REFUSALS)


def test_refusals_are_drawn_by_the_unlearning_seed(objective):
    drawn = {objective("idk-dpo", unlearning=j)[1].asked[0] for j in range(6)}
    assert len(drawn) > 1


def test_misdirected_representations(objective, before, now):
    found, _ = objective("rmu", coefficient=1.5, alpha=0.5, layer=2)
    others = {objective("rmu", unlearning=j, layer=2)[0] for j in range(3)}
    assert len(others) == 3
    h, h0 = 3 * now.table.detach().numpy(), 3 * before.table.detach().numpy()
    kept = np.mean([((h[RETAIN, t] - h0[RETAIN, t]) ** 2).mean() for t, _ in positions(RETAIN)])
    control = _control(1.5)
    gone = [
        np.mean([((h[place, t] - control) ** 2).mean() for t, _ in positions(place)])
        for place in FORGET
    ]
    assert found == pytest.approx(np.mean(gone) + 0.5 * kept)


def _control(length):
    seeds = SeedStreams("method/rmu", training=0, unlearning=0)
    u = seeds.generator("control").random(4)
    return length * u / np.sqrt((u**2).sum())


def test_the_middle_layer_is_the_default_and_others_are_refused(objective):
    assert objective("rmu")[0] == objective("rmu", layer=1)[0]
    with pytest.raises(SeedwiseError, match="layer 3 was asked for; the model has 2"):
        objective("rmu", layer=3)


def test_distillation_from_lowered_logits(objective, before, now):
    found, _ = objective("undial", beta=2.5, gamma=1.0)
    each = []
    for place in FORGET:
        tokens = []
        for t, y in positions(place):
            z = before.table[place, t].detach().numpy().copy()
            z[y] -= 2.5
            tokens.append(-(softmax(z) * now.logs[place, t]).sum())
        each.append(np.mean(tokens))
    assert found == pytest.approx(np.mean(each))


@pytest.mark.parametrize("skip", [0, 1, 2])
def test_cross_entropy_to_what_is_left(objective, now, skip):
    found, problem = objective("ceu", skip=skip, gamma=2.0)
    each = []
    for place in FORGET:
        tokens = []
        for t, y in positions(place)[skip:]:
            z = now.table[place, t].detach().numpy().copy()
            z[y] = -np.inf
            tokens.append(-(softmax(z) * now.logs[place, t]).sum())
        each.append(np.mean(tokens) if tokens else 0.0)
    assert found == pytest.approx(2 * np.mean(each))
    (slope,) = torch.autograd.grad(problem.values[0], now.table)
    assert torch.isfinite(slope).all()


@pytest.mark.parametrize(
    ("name", "arguments", "powers"),
    [
        ("wga", {"beta": 1.5}, (1.5, 0)),
        ("satimp", {"beta1": 5.0, "beta2": 1.0}, (5, 1)),
        ("wga", {"beta": 0.0}, (0, 0)),
    ],
)
def test_weighted_ascent(objective, now, name, arguments, powers):
    found, problem = objective(name, alpha=0.5, **arguments)
    a, b = powers
    each, slope = [], np.zeros((6, 4, 4))
    for place in FORGET:
        logs = own(now, place)
        weights = np.exp(logs) ** a * (1 - np.exp(logs)) ** b
        each.append((weights * logs).mean())
        for weight, (t, y) in zip(weights, positions(place), strict=True):
            gradient = np.eye(4)[y] - np.exp(now.logs[place, t])
            slope[place, t] = weight * gradient / len(logs) / 2
    assert found == pytest.approx(np.mean(each) + 0.5 * nll(now, RETAIN))
    (whole,) = torch.autograd.grad(problem.values[0], now.table)
    assert np.allclose(whole[:2], slope[:2])


def test_a_task_vector_is_subtracted(objective, before, now):
    start, tuned = before.table.detach().clone(), now.table.detach().clone()
    found, problem = objective("task-vector", alpha=0.5)
    assert found == pytest.approx(np.mean([nll_of(tuned, place) for place in FORGET]))
    assert problem.on == ["forget"]
    assert torch.allclose(now.table, start - 0.5 * (tuned - start))
    assert torch.equal(before.table, start)


def nll_of(table, place):
    logs = log_softmax(table.numpy(), axis=2)
    return -np.mean([logs[place, t, y] for t, y in positions(place)])


@pytest.mark.parametrize("name", NAMES)
def test_other_domains_refuse_them_and_whole_batches_draw_nothing(name):
    assert methods[name].requires - vision.capabilities == {"tokens"}
    draws_more = name in ("rmu", "idk-dpo")
    assert methods[name].is_deterministic({"batch_size": None}) is not draws_more
    assert not methods[name].is_deterministic({"batch_size": 8})


@pytest.mark.parametrize("name", [*NAMES, "gradient-ascent", "finetune"])
def test_batches_may_be_accumulated(objective, name):
    assert objective(name, accumulate=3)[1].recipe.accumulate == 3


def test_gradient_ascent_on_answers(objective, now):
    found, problem = objective("gradient-ascent")
    assert found == pytest.approx(-np.mean([nll(now, place) for place in FORGET]))
    assert problem.on == ["forget"]


def test_finetuning_on_answers_is_told_the_retain_set_alone(objective):
    assert objective("finetune")[1].on == ["retain"]


def test_scrub_compares_predictions_at_the_answers_tokens(objective, before, now):
    """The objective of its first pass, on the forget set; the fit of this problem takes no step."""
    found, problem = objective("scrub", temperature=2.0, epochs=1)
    each = []
    for place in FORGET:
        z0, z = (model.table[place].detach().numpy() / 2.0 for model in (before, now))
        p, q = log_softmax(z0, axis=1), log_softmax(z, axis=1)
        each.append(
            np.mean([4.0 * (np.exp(p[t]) * (p[t] - q[t])).sum() for t, _ in positions(place)])
        )
    assert found == pytest.approx(-np.mean(each))
    assert problem.on == ["retain"]
