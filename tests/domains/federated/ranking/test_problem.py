from __future__ import annotations

import numpy as np
import pytest
import torch

from seedwise.contracts import Clock, Context
from seedwise.errors import SeedwiseError
from seedwise.ranking_quality import Convention, ndcg
from seedwise.seeds import SeedStreams


def trained(problem, *seeds, on="train", capture=()):
    ctx = Context(clock=Clock())
    streams = [SeedStreams("train", 0, seed) for seed in seeds or (0,)]
    return list(problem.train(on, streams, ctx, capture)), ctx.clock.counts


def quality(problem, model, split="test"):
    outputs = problem.outputs(model, split, ["scores", "relevance"])
    return float(np.nanmean(ndcg(outputs["scores"], outputs["relevance"], Convention())))


@pytest.mark.parametrize("model", ["linear-ranker", "neural-ranker"])
def test_clicks_teach_ranking(make_ranking, model):
    problem = make_ranking(model=model, rounds=60, interactions=5)
    (done,), _ = trained(problem)
    untrained = problem.fresh(SeedStreams("train", 0, 0).generator("init"))
    assert quality(problem, done.model) > quality(problem, untrained) + 0.05


@pytest.mark.parametrize("scenario", ["data", "model"])
def test_poison_harms_and_retraining_without_it_heals(make_ranking, scenario):
    said = {"rounds": 60, "interactions": 5}
    clean, bad = make_ranking(**said), make_ranking(**said, scenario=scenario, poisoned=(0, 2))
    good = quality(clean, trained(clean)[0][0].model)
    harmed = quality(bad, trained(bad)[0][0].model)
    healed = quality(bad, trained(bad, on="retain")[0][0].model)
    assert harmed < min(good, healed) - 0.02


def test_training_does_not_know_the_forgotten_clients(make_ranking):
    one, other = make_ranking(forget=(0,)), make_ranking(forget=(1, 3))
    digests = {problem.digest(trained(problem)[0][0].model) for problem in (one, other)}
    assert len(digests) == 1


def test_seeds_side_by_side_are_the_bits_of_seeds_alone(make_ranking):
    problem = make_ranking(participation=0.6)
    together = [problem.digest(done.model) for done in trained(problem, 0, 1, 2)[0]]
    alone = [problem.digest(trained(problem, seed)[0][0].model) for seed in (0, 1, 2)]
    assert together == alone


def test_a_client_that_never_took_part_leaves_no_trace(make_ranking):
    """With the same streams, leaving out a client that no cohort had changes no bit."""
    problem = make_ranking(participation=0.2, rounds=3)
    (done,), _ = trained(problem)
    asked = np.flatnonzero(np.isfinite(done.extras["history:norms"]["norms"]).any(0))
    idle = [client for client in range(5) if client not in asked]
    again = make_ranking(forget=idle, participation=0.2, rounds=3)
    (retrained,), _ = trained(again, on="retain")
    assert again.digest(retrained.model) == problem.digest(done.model)


def test_online_quality_is_counted_with_its_discount(make_ranking):
    counts = [trained(make_ranking(discount=discount))[1] for discount in (1.0, 0.5)]
    assert 0 < counts[1]["online-ndcg"] < counts[0]["online-ndcg"] < 4.0
    assert counts[0]["rounds"] == 4


def test_losses_are_differentiable_and_can_have_other_targets(make_ranking):
    problem = make_ranking()
    (done,), _ = trained(problem)
    batch = next(problem.batches("forget", 8))
    assert batch.inputs.shape == (8, 27, 300)
    loss = problem.losses(done.model, batch)
    assert loss.shape == (8,)
    loss.sum().backward()
    assert done.model[0].weight.grad.abs().sum() > 0
    turned = torch.where(batch.targets >= 0, 4 - batch.targets, -1)
    assert not torch.equal(problem.losses(done.model, batch, turned), loss)


def test_outputs_do_not_depend_on_the_other_columns(make_ranking):
    problem = make_ranking()
    (done,), _ = trained(problem)
    alone = problem.outputs(done.model, "test", ["scores"])["scores"]
    among = problem.outputs(done.model, "test", ["loss", "scores", "relevance"])["scores"]
    assert np.array_equal(alone, among)
    assert alone.shape == (50, 24)
    with pytest.raises(SeedwiseError, match="did you mean 'scores'"):
        problem.outputs(done.model, "test", ["score"])
