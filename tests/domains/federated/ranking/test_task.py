from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
import torch

from seedwise.contracts import Part
from seedwise.domains.federated.ranking.clicks import click_model
from seedwise.domains.federated.ranking.rankers import blank
from seedwise.domains.federated.ranking.splits import Lists
from seedwise.domains.federated.ranking.task import RankingTask, Users
from seedwise.domains.federated.task import Job, Work
from seedwise.domains.vision.models import initialise
from seedwise.seeds import SeedStreams

PARTS = [np.array([0, 3, 6]), np.array([1, 4]), np.array([2, 5, 7, 8])]
CLEAN = Users(click_model("navigational", 2), click_model("poison", 2), "clean", (), 1.0, 0.9)
WORK = Work(amount=4, lr=0.5)


def make_task(queries, model="linear-ranker", **users):
    said = {**vars(CLEAN), **users}
    arguments = {"hidden": [3]} if model == "neural-ranker" else {}
    build = partial(blank, Part(model, arguments), queries.features.shape[1])
    return RankingTask(Lists(queries), PARTS, build, initialise, Users(**said))


def starts(task, count):
    nets = []
    for row in range(count):
        net = task.blank()
        task.initialise(net, np.random.default_rng(row))
        nets.append(dict(net.named_parameters()))
    return {name: torch.stack([net[name].detach() for net in nets]) for name in nets[0]}


def jobs(*places, seed=0):
    return [Job(client, turn, SeedStreams("train", 0, seed)) for client, turn in places]


def rows(parameters, places):
    return {name: value[list(places)] for name, value in parameters.items()}


def equal(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


# --- one client in plain Python -------------------------------------------------------------------


def plain_client(queries, client, turn, start, work, model, streams):
    """PDGD on a linear ranker, one interaction after the other, as a reader of the paper would."""
    own, longest = PARTS[client], int(np.diff(queries.offsets).max())
    drawn = {p: streams.generator(p, client, turn) for p in ("queries", "ranking", "clicks")}
    chosen = own[drawn["queries"].integers(len(own), size=work.amount)]
    gumbel = drawn["ranking"].gumbel(size=(work.amount, longest))
    reads, leaves = drawn["clicks"].random((2, work.amount, min(10, longest)))
    w = np.array(start, float)
    shown = []
    for step, query in enumerate(chosen):
        these = slice(queries.offsets[query], queries.offsets[query + 1])
        x, labels = queries.features[these].astype(float), queries.labels[these]
        f = x @ w
        ranking = np.argsort(-(f + gumbel[step, : len(f)]), kind="stable")[:10]
        clicks = user(labels[ranking], model, reads[step], leaves[step])
        w = w + work.lr * gradient(x, f, list(ranking), clicks)
        shown.append(labels[ranking])
    return w, shown


def user(labels, model, reads, leaves):
    clicks = [False] * len(labels)
    for rank, label in enumerate(labels):
        clicks[rank] = reads[rank] < model.click[label]
        if clicks[rank] and leaves[rank] < model.stop[label]:
            break
    return clicks


def probability(ranking, f):
    left, product = list(range(len(f))), 1.0
    for document in ranking:
        product *= math.exp(f[document]) / sum(math.exp(f[other]) for other in left)
        left.remove(document)
    return product


def gradient(x, f, ranking, clicks):
    total = np.zeros(x.shape[1])
    last = max((rank for rank, clicked in enumerate(clicks) if clicked), default=-2)
    for i, k in enumerate(ranking):
        for j, other in enumerate(ranking[: last + 2]):
            if not clicks[i] or clicks[j]:
                continue
            turned = list(ranking)
            turned[i], turned[j] = other, k
            there, back = probability(ranking, f), probability(turned, f)
            p, q = math.exp(f[k]), math.exp(f[other])
            total += back / (there + back) * p * q / (p + q) ** 2 * (x[k] - x[other])
    return total


@pytest.mark.parametrize("client", [0, 1, 2])
@pytest.mark.parametrize("turn", [0, 7])
def test_a_client_learns_as_in_plain_python(small, client, turn):
    task, streams = make_task(small), SeedStreams("train", 0, 3)
    start = starts(task, 2)
    done = task.local(start, [Job(client, turn, streams), Job(0, 1, streams)], WORK)
    began = start["0.weight"][0, 0].tolist()
    wanted, _ = plain_client(small, client, turn, began, WORK, CLEAN.clicks, streams)
    assert done.parameters["0.weight"][0, 0].numpy() == pytest.approx(wanted, abs=1e-5)
    assert not np.allclose(wanted, began, atol=1e-3)


def test_what_users_saw_is_judged(small):
    task, streams = make_task(small), SeedStreams("train", 0, 3)
    start = starts(task, 2)
    done = task.local(start, [Job(0, 2, streams), Job(1, 2, streams)], WORK)
    for row, client in enumerate((0, 1)):
        began = start["0.weight"][row, 0].tolist()
        _, shown = plain_client(small, client, 2, began, WORK, CLEAN.clicks, streams)
        each = []
        for labels in shown:  # every document is shown, as no query has more than ten
            discounts = 1 / np.log2(np.arange(2, len(labels) + 2))
            best = np.sort(2.0**labels - 1)[::-1] @ discounts
            each.append((2.0**labels - 1) @ discounts / best)
        assert done.observed["online-ndcg"][row] == pytest.approx(0.9**2 * np.mean(each))


# --- rows ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["linear-ranker", "neural-ranker"])
def test_neither_order_nor_neighbours_change_a_bit(small, model):
    task = make_task(small, model)
    start = starts(task, 6)
    asked = [*jobs((0, 0), (1, 0), (2, 5)), *jobs((0, 0), (1, 1), (2, 5), seed=1)]
    together = task.local(start, asked, WORK)
    order = [4, 2, 0, 5, 1, 3]
    turned = task.local(rows(start, order), [asked[place] for place in order], WORK)
    assert equal(turned.parameters, rows(together.parameters, order))
    assert torch.equal(turned.observed["online-ndcg"], together.observed["online-ndcg"][order])
    for row in range(6):
        alone = task.local(rows(start, [row]), [asked[row]], WORK)
        assert equal(alone.parameters, rows(together.parameters, [row]))
        assert torch.equal(alone.observed["online-ndcg"], together.observed["online-ndcg"][[row]])


@pytest.mark.parametrize("model", ["linear-ranker", "neural-ranker"])
def test_rows_of_the_real_width_do_not_depend_on_their_neighbours(make_ranking, model):
    problem = make_ranking(model=model)
    task = problem._task
    start, asked = starts(task, 40), jobs(*[(row % 5, row // 5) for row in range(40)])
    together = task.local(start, asked, Work(2, 0.1))
    for some in ([0], [3, 39], [*range(7)]):
        few = task.local(rows(start, some), [asked[row] for row in some], Work(2, 0.1))
        assert equal(few.parameters, rows(together.parameters, some))


def test_starts_are_left_alone_and_draws_follow_client_round_and_seed(small):
    task = make_task(small)
    one = starts(task, 1)
    start = {name: value.repeat(4, 1, 1) for name, value in one.items()}
    before = {name: value.clone() for name, value in start.items()}
    asked = [*jobs((0, 0), (1, 0), (0, 1)), *jobs((0, 0), seed=1)]
    found = task.local(start, asked, WORK).parameters["0.weight"]
    assert equal(start, before)
    assert len({tuple(row.flatten().tolist()) for row in found}) == 4


# --- how a client may train otherwise -------------------------------------------------------------


def one_step(task, work, start):
    return task.local(start, jobs((2, 0), (0, 0)), work).parameters["0.weight"]


def test_climbing_is_the_opposite_step(small):
    task = make_task(small)
    start = starts(task, 2)
    down = one_step(task, Work(1, 0.5), start) - start["0.weight"]
    up = one_step(task, Work(1, 0.5, ascend=True), start) - start["0.weight"]
    assert up.numpy() == pytest.approx(-down.numpy(), abs=1e-7)
    assert (down != 0).any()


def test_a_clients_gradient_is_clipped(small):
    task = make_task(small)
    start = starts(task, 2)
    plain, short, long = (
        one_step(task, Work(1, 0.5, clip=clip), start) for clip in (None, 1e-3, 9)
    )
    away = (short - start["0.weight"]).norm(dim=(1, 2))
    assert away.numpy() == pytest.approx(np.full(2, 0.5 * 1e-3), rel=1e-3)
    assert torch.equal(plain, long)


def test_the_proximal_term_pulls_to_the_start(small):
    task = make_task(small)
    start = starts(task, 2)
    first = one_step(task, Work(1, 0.5), start)
    plain, pulled = one_step(task, Work(2, 0.5), start), one_step(task, Work(2, 0.5, 0.3), start)
    wanted = plain - 0.5 * 0.3 * (first - start["0.weight"])
    assert pulled.numpy() == pytest.approx(wanted.numpy(), abs=1e-6)
    assert not torch.equal(plain, pulled)


def test_a_projection_follows_every_step(small):
    task, seen = make_task(small), []

    def halve(parameters):
        seen.append(parameters)
        return {name: value / 2 for name, value in parameters.items()}

    start = starts(task, 2)
    found = one_step(task, Work(3, 0.5, after_step=halve), start)
    assert len(seen) == 3
    assert torch.equal(found, seen[-1]["0.weight"] / 2)


def test_a_projection_for_one_client_sees_its_row_alone(small):
    task, shapes = make_task(small), []

    def halve(parameters):
        shapes.append(parameters["0.weight"].shape)
        return {name: value / 2 for name, value in parameters.items()}

    start, work = starts(task, 2), Work(3, 0.5, after_step=halve)
    both = one_step(task, work, start)
    shapes.clear()
    alone = task.local(rows(start, [0]), jobs((2, 0)), work).parameters["0.weight"]
    assert torch.equal(alone, both[:1])
    assert shapes == [(1, 1, 4)] * 3


# --- poison -----------------------------------------------------------------------------------


def test_poisoned_users_click_otherwise_and_the_others_as_before(small):
    clean, poisoned = make_task(small), make_task(small, scenario="data", poisoned=(1,))
    start, asked = starts(clean, 3), jobs((0, 0), (1, 0), (2, 0))
    one, other = (task.local(start, asked, WORK).parameters for task in (clean, poisoned))
    assert equal(rows(one, [0, 2]), rows(other, [0, 2]))
    assert not equal(rows(one, [1]), rows(other, [1]))
    streams, began = SeedStreams("train", 0, 0), start["0.weight"][1, 0].tolist()
    wanted, _ = plain_client(small, 1, 0, began, WORK, click_model("poison", 2), streams)
    assert other["0.weight"][1, 0].numpy() == pytest.approx(wanted, abs=1e-5)


def test_a_poisoned_model_goes_back_as_far_as_it_was_to_go_forth(small):
    clean = make_task(small)
    poisoned = make_task(small, scenario="model", poisoned=(0, 2), strength=2.0)
    start, asked = starts(clean, 3), jobs((0, 0), (1, 0), (2, 0))
    one, other = (task.local(start, asked, WORK).parameters for task in (clean, poisoned))
    moved = one["0.weight"] - start["0.weight"]
    assert torch.equal(other["0.weight"][[0, 2]], (start["0.weight"] - 2.0 * moved)[[0, 2]])
    assert torch.equal(other["0.weight"][1], one["0.weight"][1])


def test_every_client_counts_alike(small):
    assert make_task(small).weights.tolist() == [1.0, 1.0, 1.0]
