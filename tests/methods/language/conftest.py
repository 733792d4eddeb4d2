"""A problem of three answers over a vocabulary of four whose model is a table of logits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from torch import nn

from seedwise.contracts import Batch, Context
from seedwise.contracts.tokens import IGNORED
from seedwise.registry import methods
from seedwise.seeds import SeedStreams

N = IGNORED
TARGETS = torch.tensor([[N, 0, 1, 2], [N, N, 3, 0], [2, 1, N, N]])
PLACES = {"forget": [0, 1], "retain": [2]}


class Table(nn.Module):
    """Logits of every example by number; no two models of different seeds are alike."""

    def __init__(self, seed):
        super().__init__()
        values = np.random.default_rng(seed).normal(size=(6, 4, 4))
        self.table = nn.Parameter(torch.tensor(values))

    @property
    def logs(self):
        """Log-probabilities as plain numbers."""
        return log_softmax(self.table.detach().numpy(), axis=2)


class Tables:
    """A `TokenProblem` that evaluates an objective instead of minimising it.

    The model after unlearning is `self.now`; an example answered otherwise is the one three
    places later, of one token.
    """

    def __init__(self, now):
        self.now, self.values, self.asked = now, [], []

    def index(self, split):
        return np.array(PLACES[split])

    def batches(self, split, size):
        places = PLACES[split]
        for begin in range(0, len(places), size or len(places)):
            yield self.batch(places[begin : begin + (size or len(places))])

    def batch(self, places):
        rows = torch.tensor(places)
        return Batch(rows, rows, TARGETS[rows])

    def answered(self, batch, answers):
        self.asked.append(tuple(answers))
        targets = torch.tensor([[0, N, N, N]]).expand(len(batch.index), -1)
        return Batch(batch.index, batch.inputs + 3, targets)

    def scores(self, model, batch):
        return model.table[batch.inputs]

    def losses(self, model, batch, targets=None):
        logs = model.table[batch.inputs].log_softmax(2)
        return torch.stack(
            [
                -torch.stack([logs[i, t, y] for t, y in enumerate(row) if y != N]).mean()
                for i, row in enumerate(batch.targets)
            ]
        )

    def hidden(self, model, batch):
        return [model.table[batch.inputs] * (1 + layer) for layer in range(3)]

    def copy(self, model):
        return model

    def along(self, origin, tuned, share):
        with torch.no_grad():
            tuned.table.copy_(origin.table + share * (tuned.table - origin.table))
        return tuned

    def fit(self, model, objective, on, recipe, seeds, ctx):
        self.on, self.recipe = on, recipe
        forget = self.batch([1, 0])
        rest = [self.batch(PLACES[split]) for split in on[1:]]
        self.values.append(objective(self.now, forget, *rest))
        return self.now


@pytest.fixture
def before():
    return Table(0)


@pytest.fixture
def now():
    return Table(1)


@pytest.fixture
def objective(before, now):
    """Return the value of a method's objective on the whole data, and the problem."""

    def run(name, unlearning=0, **arguments):
        problem = Tables(now)
        seeds = SeedStreams(f"method/{name}", training=0, unlearning=unlearning)
        methods[name].function(before, problem, {}, seeds, Context(), **arguments)
        return problem.values[0].item(), problem

    return run
