"""The methods on rankers that learn from clicks: the same promises, the same formulas."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seedwise.contracts import Clock, Context, ForgetSet, Part, Task
from seedwise.contracts.rounds import FULL, LEVELS, part
from seedwise.domains.federated.ranking import federated_ranking
from seedwise.engine.trial import trial
from seedwise.errors import SeedwiseError
from seedwise.ranking_quality import PADDING
from seedwise.registry import methods
from seedwise.seeds import SeedStreams
from seedwise.study.arguments import bind

USES = [
    ("fed-finetune", {"rounds": 2}),
    ("fed-remove", {}),
    ("fed-accum", {}),
    ("fed-eraser", {}),
    ("not", {"rounds": 1}),
    ("not", {"rounds": 0}),
    ("pga", {"epochs": 2, "rounds": 1}),
    ("kd", {"epochs": 1}),
    ("kd", {"epochs": 1, "batch_size": None}),
    ("kd", {"epochs": 0}),
    ("fed-osd-clicks", {"rounds": 1, "recovery": 1}),
]


@pytest.fixture(scope="module")
def make_rankers():
    def made(forget=(1, 3), **train):
        recipe = {"rounds": 6, "clients": 5, "participation": 0.6, **train}
        task = Task("federated-ranking", Part("lambdarank"), Part("linear-ranker"), recipe)
        forgotten = ForgetSet("clients", list(forget))
        problem = federated_ranking.problem(task, forgotten, SeedStreams("any"))
        return problem, next(
            problem.train("train", [SeedStreams("train", 0, 0)], Context(), LEVELS)
        )

    return made


@pytest.fixture(scope="module")
def made(make_rankers):
    return make_rankers()


@pytest.fixture(scope="module")
def rankers(made):
    return made[0]


@pytest.mark.parametrize(("name", "arguments"), USES)
def test_it_draws_as_declared_and_owns_its_copy(rankers, name, arguments):
    method = methods[name]
    made = trial(method, rankers, arguments=bind(method.function, arguments))
    broken = [f"{f.check}: {f.message}" for f in made.findings() if not f.passed]
    assert not broken


@pytest.mark.parametrize(("name", "arguments"), USES)
def test_the_order_in_which_clients_are_named_changes_no_bit(
    make_rankers, unlearn, name, arguments
):
    one, other = (unlearn(make_rankers(order), name, **arguments) for order in ((1, 3), (3, 1)))
    assert torch.equal(one[0].weight, other[0].weight)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("fed-remove", {}), ("fed-accum", {}), ("kd", {"epochs": 0}), ("kd", {"epochs": 2})],
)
def test_forgetting_a_client_that_never_took_part_is_retraining_with_paired_seeds(
    make_rankers, unlearn, name, arguments
):
    sampled = {"participation": 0.4, "rounds": 2, "clients": 6}
    problem, original = make_rankers((0,), **sampled)
    asked = set(original.extras[FULL]["clients"].ravel().tolist())
    absent = next(client for client in problem.clients if client not in asked)
    made = make_rankers((absent,), **sampled)
    problem, original = made
    retrained = next(problem.train("retain", [SeedStreams("train", 0, 0)], Context()))
    assert problem.digest(retrained.model) == problem.digest(original.model)
    assert problem.digest(unlearn(made, name, **arguments)) == problem.digest(retrained.model)


@pytest.mark.parametrize(
    ("name", "level"),
    [(name, level) for name in dict(USES) for level in methods[name].needs],
)
def test_a_history_that_was_not_kept_is_named(made, name, level):
    problem, original = made
    method = methods[name]
    kept = {one: original.extras[one] for one in LEVELS if one != level}
    arguments = bind(method.function, {})
    with pytest.raises(SeedwiseError, match=rf"'{name}' needs '{level}'.*capture=\('{level}',\)"):
        method.function(
            original.model, problem, kept, SeedStreams("any", 0, 0, 0), Context(), **arguments
        )


# --- distillation ---------------------------------------------------------------------------------


def test_kd_brings_the_order_of_documents_back_to_the_originals(made, unlearn):
    problem, original = made

    def firsts(model):
        outputs = problem.outputs(model, "retain", ["scores", "relevance"])
        return (
            torch.from_numpy(outputs["scores"])
            .masked_fill(torch.from_numpy(outputs["relevance"]) == PADDING, -torch.inf)
            .softmax(-1)
        )

    def gap(model):
        return float((firsts(model) - firsts(original.model)).abs().sum(-1).mean())

    distilled = unlearn(made, "kd", epochs=20, lr=1.0, temperature=1.0)
    assert gap(distilled) < 0.5 * gap(unlearn(made, "kd", epochs=0))


def test_a_step_of_kd_descends_the_listwise_cross_entropy_without_labels(made, unlearn):
    """The step is autograd's on -sum_d q_d log p_d; the labels have no part in it."""
    problem, original = made
    begun, stepped = (
        unlearn(made, "kd", epochs=epochs, batch_size=None, temperature=2.0, lr=0.3)
        for epochs in (0, 1)
    )
    (batch,) = problem.batches("retain", None)
    there = batch.targets != PADDING
    loss = torch.zeros(())
    for inputs, real in zip(batch.inputs, there, strict=True):
        scores, wanted = begun(inputs[real]).squeeze(-1), original.model(inputs[real]).squeeze(-1)
        p, q = (scores / 2).log_softmax(0), (wanted.detach() / 2).softmax(0)
        loss = loss - 4.0 * (q * p).sum() / len(there)
    (gradient,) = torch.autograd.grad(loss, [begun[0].weight])
    torch.testing.assert_close(stepped[0].weight, begun[0].weight - 0.3 * gradient)


# --- conflict-free steps --------------------------------------------------------------------------


def answers(problem, model, clients, turn, seeds):
    """What clients send after their interactions, as gradients."""
    start = {"0.weight": model[0].weight.detach()[None].repeat(len(clients), 1, 1)}
    sent = problem.local(start, clients, turn, seeds, Context())["0.weight"]
    return -(sent - start["0.weight"]).flatten(1) / problem.work.lr


def test_fed_osd_clicks_goes_back_on_preferences_and_along_no_update_of_the_others(made, unlearn):
    problem, original = made
    seeds = SeedStreams("method/fed-osd-clicks", 0, 0, 0)
    found = answers(problem, original.model, list(problem.clients), 0, seeds)
    model = unlearn(made, "fed-osd-clicks", rounds=1, recovery=0, lr=0.01)
    step = (model[0].weight - original.model[0].weight).detach().flatten()
    forgotten, retained = found[list(problem.forgotten)], found[list(problem.retained)]
    cosines = torch.nn.functional.cosine_similarity(retained, step[None])
    assert cosines.abs().max() < 1e-3
    assert step @ forgotten.mean(0) > 0  # up the loss of their clicks
    assert float(step.norm()) == pytest.approx(0.01 * float(forgotten.mean(0).norm()), rel=1e-3)


def test_recovery_of_fed_osd_clicks_does_not_go_back_to_the_original(made, unlearn):
    original = made[1]
    gone, back = (
        unlearn(made, "fed-osd-clicks", rounds=1, recovery=recovery)[0].weight.detach().flatten()
        for recovery in (0, 1)
    )
    way = gone - original.model[0].weight.detach().flatten()
    assert not torch.equal(gone, back)
    assert abs(float(torch.nn.functional.cosine_similarity(back - gone, way, dim=0))) < 1e-3


def test_all_clients_answer_in_unlearning_and_the_retained_in_recovery(made, unlearn):
    ctx = Context(clock=Clock())
    model = unlearn(made, "fed-osd-clicks", ctx=ctx, rounds=2, recovery=1)
    size = sum(value.nbytes for value in model.parameters())
    assert ctx.clock.counts["communication"] == 2 * (2 * 5 + 3) * size
    assert ctx.clock.counts["rounds"] == 3


# --- the others -----------------------------------------------------------------------------------


def test_fed_accum_adds_the_updates_of_the_retained(rankers):
    seeds = SeedStreams("train", 0, 0)
    original = next(rankers.train("train", [seeds], Context(), LEVELS))
    full = original.extras[FULL]
    expected = {name: value[0].copy() for name, value in part(full, "start/").items()}
    for turn, clients in enumerate(full["clients"]):
        kept = np.isin(clients, rankers.retained)
        for name, value in expected.items():
            moved = full[f"local/{name}"][turn][kept] - full[f"start/{name}"][turn]
            if kept.any():
                value += moved.mean(0)
    method = methods["fed-accum"]
    model = method.function(
        original.model, rankers, {FULL: full}, SeedStreams("any", 0, 0, 0), Context()
    )
    for name, value in model.named_parameters():
        np.testing.assert_allclose(value.detach().numpy(), expected[name], atol=1e-5)


def test_what_users_saw_during_repair_is_counted(rankers):
    ctx = Context(clock=Clock())
    original = next(rankers.train("train", [SeedStreams("train", 0, 0)], Context()))
    method = methods["fed-finetune"]
    method.function(
        original.model, rankers, {}, SeedStreams("any", 0, 0, 0), ctx, rounds=2, lr=None
    )
    assert 0 < ctx.clock.counts["online-ndcg"] < 2
    assert ctx.clock.counts["rounds"] == 2
