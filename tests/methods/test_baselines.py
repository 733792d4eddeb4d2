from __future__ import annotations

import pytest

from seedwise.contracts import Context, Failed
from seedwise.errors import NonFiniteError
from seedwise.registry import methods
from seedwise.seeds import NoStreams, SeedStreams


def test_the_original_comes_back_unchanged_and_no_draw_is_made(problem, original, unlearn):
    model = unlearn("original", seeds=NoStreams("method/original"))
    assert problem.digest(model) == problem.digest(original)
    assert methods["original"].is_deterministic({})


def test_retraining_is_training_on_the_retain_set(problem, unlearn):
    seeds = SeedStreams("retrain", training=0)
    (made,) = problem.train("retain", [seeds], Context())
    assert problem.digest(unlearn("retrain", seeds=seeds)) == problem.digest(made.model)
    assert problem.outputs(made.model, "forget", ["correct"])["correct"].mean() < 0.05
    assert not methods["retrain"].is_deterministic({})


def test_retraining_that_fails_raises(problem, original):
    class Diverging:
        def train(self, on, seeds, ctx):
            yield Failed(NonFiniteError("diverged"))

    with pytest.raises(NonFiniteError, match="diverged"):
        methods["retrain"].function(original, Diverging(), {}, SeedStreams("retrain"), Context())
