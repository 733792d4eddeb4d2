from __future__ import annotations

import numpy as np
import pytest

from seedwise.contracts.rounds import FIRST_ROUND, FULL, LAST_ROUND, LEVELS, NORMS, history, part
from seedwise.errors import SeedwiseError


@pytest.fixture(scope="module")
def sampled(make_problem, train):
    problem = make_problem(participation=0.6, rounds=4)
    return problem, train(problem, 0, 1, capture=LEVELS)


def test_norms_are_kept_unasked_and_no_more(problem, train):
    (done,) = train(problem)
    assert list(done.extras) == [NORMS]
    assert done.extras[NORMS]["norms"].shape == (3, 5)
    assert np.isfinite(done.extras[NORMS]["norms"]).all()


def test_every_round_starts_where_the_one_before_ended(sampled):
    problem, trained = sampled
    for done in trained:
        full = done.extras[FULL]
        start, local = part(full, "start/"), part(full, "local/")
        ended = {name: value.detach().numpy() for name, value in done.model.named_parameters()}
        for turn, clients in enumerate(full["clients"]):
            share = problem.weights[clients] / problem.weights[clients].sum()
            for name in start:
                after = ended[name] if turn == 3 else start[name][turn + 1]
                mean = np.tensordot(share, local[name][turn], 1)
                np.testing.assert_allclose(mean, after, atol=1e-6)


def test_norms_are_those_of_the_updates_and_empty_where_nobody_was_asked(sampled):
    for done in sampled[1]:
        full, norms = done.extras[FULL], done.extras[NORMS]["norms"]
        assert np.isnan(norms).sum() == 4 * 2
        for turn, clients in enumerate(full["clients"]):
            assert np.isfinite(norms[turn, clients]).all()
            moved = [
                (part(full, "local/")[name][turn] - value[turn]).reshape(3, -1)
                for name, value in part(full, "start/").items()
            ]
            expected = np.linalg.norm(np.concatenate(moved, axis=1), axis=1)
            np.testing.assert_allclose(norms[turn, clients], expected, rtol=1e-5)


def test_first_and_last_round_are_rounds_of_the_whole(sampled):
    for done in sampled[1]:
        full = done.extras[FULL]
        for level, turn in ((FIRST_ROUND, 0), (LAST_ROUND, -1)):
            for name, value in done.extras[level].items():
                np.testing.assert_array_equal(value, full[name][turn])


def test_a_level_that_was_not_kept_is_named(problem, train):
    (done,) = train(problem, capture=(LAST_ROUND,))
    assert history(done.extras, LAST_ROUND, "fed-remove")["clients"].tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(SeedwiseError, match=r"'fed-accum' needs 'history:full'.*last-round.* kept"):
        history(done.extras, FULL, "fed-accum")
