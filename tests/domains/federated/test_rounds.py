from __future__ import annotations

import numpy as np
import torch

from seedwise.contracts import Clock, Context
from seedwise.domains.federated.rounds import Plan, mean_update, run_rounds
from seedwise.domains.federated.task import Job, Local, Work
from seedwise.seeds import SeedStreams


class Drift:
    """Clients that move by a number of their own, and by a draw."""

    def __init__(self, weights):
        self.weights = np.array(weights, dtype=float)

    def blank(self):
        raise NotImplementedError

    def initialise(self, model, generator):
        raise NotImplementedError

    def local(self, starts, jobs, work):
        moves = torch.tensor([self.move(job) for job in jobs]) * work.lr
        moved = starts["w"] + moves[:, None]
        return Local({"w": moved}, {"seen": torch.tensor([float(job.client) for job in jobs])})

    @staticmethod
    def move(job: Job):
        return job.client + job.streams.generator("noise", job.client, job.round).random()


STREAMS = [SeedStreams("train", 0, seed) for seed in range(3)]
WORK = Work(amount=1, lr=0.5)


def final(clients, weights=(1, 2, 3, 4), size=4, streams=STREAMS[:1], rounds=3, ctx=None):
    start = {"w": torch.zeros(len(streams), 2)}
    plan = Plan(rounds, size, WORK)
    return run_rounds(Drift(weights), start, clients, plan, streams, ctx or Context())["w"]


def test_the_average_is_weighted_and_over_those_who_took_part():
    expected = 0.0
    for turn in range(3):
        moves = [Drift.move(Job(k, turn, STREAMS[0])) for k in range(4)]
        expected += 0.5 * np.average(moves, weights=[1, 2, 3, 4])
    np.testing.assert_allclose(final(range(4))[0].numpy(), expected, rtol=1e-5)


def test_the_order_of_clients_changes_no_bit():
    assert torch.equal(final([0, 1, 2, 3]), final([3, 1, 0, 2]))
    assert torch.equal(final([0, 1, 2, 3], size=2), final([2, 3, 0, 1], size=2))


def test_sums_are_taken_in_the_order_of_client_numbers():
    start = {"w": torch.zeros(1, 1)}
    rows = {"w": torch.tensor([[[1e8], [1.0], [-1e8]]])}
    found = mean_update(start, rows, np.array([[1.0, 1.0, 1.0]]))["w"]
    assert found.item() == (torch.tensor(1e8) + 1.0 - 1e8).item()


def test_seeds_side_by_side_are_those_alone():
    together = final(range(4), streams=STREAMS, size=2)
    alone = [final(range(4), streams=[one], size=2)[0] for one in STREAMS]
    assert torch.equal(together, torch.stack(alone))


def test_a_client_that_never_took_part_can_be_left_out():
    size = 2
    seen = set()
    run_rounds(
        Drift((1, 1, 1, 1, 1)),
        {"w": torch.zeros(1, 2)},
        range(5),
        Plan(2, size, WORK),
        STREAMS[:1],
        Context(),
        lambda done: seen.update(done.cohorts[0].tolist()),
    )
    (absent, *_) = set(range(5)) - seen
    rest = [k for k in range(5) if k != absent]
    weights = (1, 1, 1, 1, 1)
    assert torch.equal(
        final(range(5), weights, size, rounds=2), final(rest, weights, size, rounds=2)
    )


def test_what_it_costs_and_what_was_seen_is_counted():
    ctx = Context(clock=Clock())
    final(range(4), size=2, ctx=ctx)
    assert ctx.clock.counts["rounds"] == 3
    assert ctx.clock.counts["communication"] == 3 * 2 * 2 * 8  # rounds, ways, clients, bytes
    assert 0 < ctx.clock.counts["seen"] <= 9
