"""Methods that read the history, against the same formula written in numpy."""

from __future__ import annotations

import numpy as np
import pytest

from seedwise.contracts import Context
from seedwise.contracts.rounds import FIRST_ROUND, FULL, NORMS, Work, part
from seedwise.seeds import SeedStreams


@pytest.fixture(scope="module", params=[1.0, 0.6])
def made(make, request):
    return make(participation=request.param)


def share(problem, clients):
    return problem.weights[clients] / problem.weights[clients].sum()


def kept(problem, clients):
    return np.isin(clients, problem.retained)


def test_fed_remove_is_the_mean_of_the_last_models_of_the_retained(made, unlearn, numbers):
    problem, original = made
    full = original.extras[FULL]
    clients, places = full["clients"][-1], kept(problem, full["clients"][-1])
    found = numbers(unlearn(made, "fed-remove"))
    for name, local in part(full, "local/").items():
        mean = np.tensordot(share(problem, clients[places]), local[-1][places], 1)
        np.testing.assert_allclose(found[name], mean, atol=1e-6)


def test_it_takes_one_client_of_n_out_as_the_papers_formula(make, unlearn, numbers):
    """w_T weighted against w_i; for equal weights N / (N - 1) w_T - 1 / (N - 1) w_i."""
    made = make((2,), clients=3)
    problem, original = made
    own = share(problem, np.arange(3))[2]
    found, last = numbers(unlearn(made, "fed-remove")), original.extras["history:last-round"]
    ended = numbers(original.model)
    for name, local in part(last, "local/").items():
        expected = (ended[name] - own * local[2]) / (1 - own)
        np.testing.assert_allclose(found[name], expected, atol=1e-5)


def test_fed_accum_adds_the_updates_of_the_retained(made, unlearn, numbers):
    problem, original = made
    full = original.extras[FULL]
    expected = {name: value[0].copy() for name, value in part(full, "start/").items()}
    for turn, clients in enumerate(full["clients"]):
        places = kept(problem, clients)
        for name, value in expected.items():
            moved = full[f"local/{name}"][turn][places] - full[f"start/{name}"][turn]
            value += np.tensordot(share(problem, clients[places]), moved, 1).astype(np.float32)
    found = numbers(unlearn(made, "fed-accum"))
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, atol=1e-5)


def test_kd_first_subtracts_what_the_forgotten_contributed(made, unlearn, numbers):
    problem, original = made
    full, expected = original.extras[FULL], numbers(original.model)
    for turn, clients in enumerate(full["clients"]):
        gone, weights = ~kept(problem, clients), share(problem, clients)
        for name, value in expected.items():
            moved = full[f"local/{name}"][turn][gone] - full[f"start/{name}"][turn]
            value -= np.tensordot(weights[gone], moved, 1).astype(np.float32)
    found = numbers(unlearn(made, "kd", epochs=0))
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, atol=1e-5)


def test_distilling_brings_the_outputs_back_to_the_originals(trained, unlearn):
    problem, original = trained

    def gap(model):
        theirs, ours = (
            problem.outputs(one, "retain", ["logits"])["logits"] for one in (original.model, model)
        )
        return np.abs(theirs - ours).mean()

    assert gap(unlearn(trained, "kd", epochs=8)) < 0.5 * gap(unlearn(trained, "kd", epochs=0))


def test_fed_eraser_takes_old_lengths_along_new_directions(made, unlearn, numbers):
    """The right index: the length of w_k^t - w_t, which is long after the first rounds."""
    problem, original = made
    norms, first = original.extras[NORMS]["norms"], original.extras[FIRST_ROUND]
    seeds = SeedStreams("method/fed-eraser", 0, 0, 0)
    places = kept(problem, first["clients"])
    weights = share(problem, first["clients"][places])
    current = {
        name: np.tensordot(weights, local[places], 1).astype(np.float32)
        for name, local in part(first, "local/").items()
    }
    for turn in range(1, 4):
        clients = [k for k in problem.retained if np.isfinite(norms[turn, k])]
        if not clients:
            continue
        current = _erased(problem, current, clients, turn, norms, seeds)
    found = numbers(unlearn(made, "fed-eraser", calibration=1.0))
    for name, value in current.items():
        np.testing.assert_allclose(found[name], value, atol=1e-4)


def _erased(problem, current, clients, turn, norms, seeds):
    import torch

    rows = {
        name: torch.from_numpy(np.stack([value] * len(clients))) for name, value in current.items()
    }
    work = Work(problem.work.amount, problem.work.lr)
    trained = problem.local(rows, clients, turn, seeds, Context(), work)
    moved = {name: trained[name].numpy() - value for name, value in current.items()}
    lengths = np.sqrt(sum((one.reshape(len(clients), -1) ** 2).sum(1) for one in moved.values()))
    factors = share(problem, np.array(clients)) * norms[turn, clients] / lengths
    return {
        name: (value + np.tensordot(factors, moved[name], 1)).astype(np.float32)
        for name, value in current.items()
    }


def test_fed_eraser_comes_near_retraining_where_the_wrong_index_does_not(make, unlearn):
    """Lengths of w_k^t - w_{t+1}, which circulating code takes, are too short."""
    made = make((1,), rounds=25, clients=10)
    problem, original = made

    def accuracy(model):
        return float(problem.outputs(model, "test", ["correct"])["correct"].mean())

    right = accuracy(unlearn(made, "fed-eraser"))
    full, norms = original.extras[FULL], original.extras[NORMS]["norms"]
    wrong = np.zeros(norms.shape)
    for name, start in part(full, "start/").items():
        after = np.concatenate(
            [start[1:], [dict(original.model.named_parameters())[name].detach().numpy()]]
        )
        gap = full[f"local/{name}"] - after[:, None]
        wrong += (gap.reshape(*norms.shape, -1) ** 2).sum(2)
    original.extras[NORMS]["norms"][:] = np.sqrt(wrong)
    mistaken = accuracy(unlearn(made, "fed-eraser"))
    retrained = next(problem.train("retain", [SeedStreams("retrain", 0, 0)], Context()))
    assert right > accuracy(retrained.model) - 0.05
    assert mistaken < right - 0.05
