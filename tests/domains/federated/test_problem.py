from __future__ import annotations

import numpy as np
import pytest
import torch

from seedwise.contracts import Context, Recipe
from seedwise.errors import SeedwiseError
from seedwise.seeds import SeedStreams


def test_retraining_asks_the_retained_clients_alone(make_problem, train):
    problem = make_problem()
    (done,) = train(problem, on="retain")
    asked = np.isfinite(done.extras["history:norms"]["norms"]).all(0)
    assert np.flatnonzero(asked).tolist() == [0, 2, 4] == list(problem.retained)


def test_other_splits_are_not_trained_on(problem, train):
    with pytest.raises(SeedwiseError, match="'train' or 'retain', not on 'forget'"):
        train(problem, on="forget")


def test_there_is_no_fit(problem, train):
    model = train(problem)[0].model
    with pytest.raises(SeedwiseError, match="no data are at the server"):
        problem.fit(model, None, ["retain"], Recipe(1, 0.1), SeedStreams("any"), Context())


def test_going_on_from_the_start_is_training(problem, train):
    done = train(problem)[0]
    seeds = SeedStreams("train", 0, 0)
    model = problem.fresh(seeds.generator("init"))
    assert problem.digest(model) == done.start
    problem.federate(model, problem.clients, problem.rounds, seeds, Context())
    assert problem.digest(model) == problem.digest(done.model)


def test_local_training_and_average_make_a_round(problem):
    seeds = SeedStreams("train", 0, 0)
    model = problem.fresh(seeds.generator("init"))
    start = {name: value.detach().clone() for name, value in model.named_parameters()}
    rows = {name: torch.stack([value] * 5) for name, value in start.items()}
    trained = problem.local(rows, problem.clients, 0, seeds, Context())
    update = problem.mean_update(start, trained, problem.clients)
    problem.federate(model, problem.clients, 1, seeds, Context())
    assert all(
        torch.equal(start[name] + update[name], value) for name, value in model.named_parameters()
    )


def test_a_view_keeps_the_clients_examples_with_train(problem):
    seen = problem.view(("train", "retain", "forget"))
    rows = [seen.index(seen.client_split(client)) for client in seen.clients]
    assert sorted(np.concatenate(rows).tolist()) == seen.index("train").tolist()
    with pytest.raises(SeedwiseError):
        problem.view(("retain",)).index("client-0")


def test_a_seed_that_diverges_fails_alone(make_problem, train):
    from seedwise.contracts import Failed

    problem = make_problem(lr=1e30, rounds=2)
    assert all(isinstance(done, Failed) for done in train(problem, 0, 1))
