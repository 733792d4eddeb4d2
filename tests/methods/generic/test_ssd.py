from __future__ import annotations

import pytest
import torch

from seedwise.contracts import Context
from seedwise.methods.gradients import squared_per_batch, squared_per_example
from seedwise.registry import methods
from seedwise.seeds import NoStreams


def by_hand(problem, original, measure, alpha, dampening):
    """The paper's rule, one number at a time."""
    everything, forget = (measure(original, problem, split) for split in ("train", "forget"))
    model = problem.copy(original)
    selected = 0
    for name, parameter in model.named_parameters():
        flat = parameter.detach().view(-1)
        rows = zip(
            everything[name].flatten().tolist(), forget[name].flatten().tolist(), strict=True
        )
        for i, (of_all, of_forget) in enumerate(rows):
            if of_forget > alpha * of_all:
                selected += 1
                flat[i] *= min(1.0, dampening * of_all / of_forget)
    return model, selected


@pytest.mark.parametrize(("alpha", "dampening"), [(2.0, 1.0), (1.2, 0.5), (1.2, 1.5)])
@pytest.mark.parametrize("importance", ["sample", "batch"])
def test_it_is_the_papers_rule(problem, original, unlearn, importance, alpha, dampening):
    measures = {
        "sample": squared_per_example,
        "batch": lambda *given: squared_per_batch(*given, size=32),
    }
    expected, selected = by_hand(problem, original, measures[importance], alpha, dampening)
    found = unlearn("ssd", alpha=alpha, dampening=dampening, importance=importance, batch_size=32)
    assert selected > 10
    for one, other in zip(found.parameters(), expected.parameters(), strict=True):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-7)


def test_nothing_selected_changes_nothing(problem, original, unlearn):
    assert problem.digest(unlearn("ssd", alpha=1e6)) == problem.digest(original)


def test_no_parameter_grows(original, unlearn):
    found = unlearn("ssd", alpha=1.01, dampening=100.0)
    for one, other in zip(found.parameters(), original.parameters(), strict=True):
        assert (one.abs() <= other.abs()).all()


@pytest.mark.parametrize("importance", ["sample", "batch"])
def test_it_draws_nothing_and_is_deterministic(problem, unlearn, importance):
    arguments = {"alpha": 2.0, "importance": importance}
    quiet = unlearn("ssd", seeds=NoStreams("method/ssd"), **arguments)
    assert problem.digest(unlearn("ssd", 1, **arguments)) == problem.digest(quiet)
    assert methods["ssd"].is_deterministic(arguments)


def test_the_batch_size_matters_to_batches_only(problem, unlearn):
    sample, batch = (
        {problem.digest(unlearn("ssd", alpha=2.0, importance=kind, batch_size=n)) for n in (16, 64)}
        for kind in ("sample", "batch")
    )
    assert (len(sample), len(batch)) == (1, 2)


def test_progress_is_told(unlearn):
    shares = []
    unlearn("ssd", ctx=Context(tick=shares.append))
    assert shares == [0.5, 1.0]
