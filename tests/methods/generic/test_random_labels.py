from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from seedwise.contracts.tokens import IGNORED as N
from seedwise.errors import DataError
from seedwise.methods.generic.random_labels import relabelled
from seedwise.registry import methods
from seedwise.seeds import SeedStreams


class Labels:
    """A problem of labels alone."""

    def __init__(self, train, forget):
        self.train, self.forget = np.array(train), np.array(forget)

    def targets(self, split):
        return {"train": self.train, "forget": self.train[self.forget]}[split]

    def index(self, split):
        return {"train": np.arange(len(self.train)), "forget": self.forget}[split]


def test_forget_labels_are_never_true_and_the_others_always():
    problem = Labels(np.tile([2, 5, 9], 400), np.arange(0, 1200, 2))
    labels = relabelled(problem, np.random.default_rng(0))
    changed = np.zeros(1200, bool)
    changed[problem.forget] = True
    assert (labels[changed] != problem.train[changed]).all()
    assert (labels[~changed] == problem.train[~changed]).all()
    assert problem.train.tolist() == [2, 5, 9] * 400


def test_each_other_class_is_as_likely():
    problem = Labels([1, 4, 6, 8] * 3000, np.arange(0, 12000, 4))
    drawn = relabelled(problem, np.random.default_rng(0))[problem.forget]
    values, counts = np.unique(drawn, return_counts=True)
    assert values.tolist() == [4, 6, 8]
    assert (np.abs(counts - 1000) < 5 * np.sqrt(1000 * 2 / 3)).all()


def test_every_token_of_a_forgotten_answer_is_wrong():
    rows = np.array([[N, 3, 5], [N, N, 3], [7, 5, N]])
    labels = relabelled(Labels(rows, [0, 2]), np.random.default_rng(0))
    assert np.array_equal(labels == N, rows == N)
    changed = labels != rows
    assert changed.tolist() == [[False, True, True], [False] * 3, [True, True, False]]
    assert set(labels[changed].tolist()) <= {3, 5, 7}


def test_one_class_is_refused():
    with pytest.raises(DataError, match="two classes"):
        relabelled(Labels([3, 3, 3], [0]), np.random.default_rng(0))


def test_a_full_batch_step_by_hand(problem, original, unlearn):
    seeds = SeedStreams("method/random-labels", training=0, unlearning=0)
    labels = torch.from_numpy(relabelled(problem, seeds.generator("labels")))
    (train,) = problem.batches("train", None)
    loss = functional.cross_entropy(original(train.inputs), labels)
    gradients = torch.autograd.grad(loss, list(original.parameters()))
    found = unlearn("random-labels", epochs=1, lr=0.5, batch_size=None, optimizer="sgd")
    pairs = zip(found.parameters(), original.parameters(), gradients, strict=True)
    for parameter, before, gradient in pairs:
        assert torch.allclose(parameter, before - 0.5 * gradient, atol=1e-6)


def test_shuffled_examples_keep_their_labels(problem, original, unlearn):
    """Two half batches in a drawn order are told apart by their numbers, not their places."""
    seeds = SeedStreams("method/random-labels", training=0, unlearning=0)
    labels = torch.from_numpy(relabelled(problem, seeds.generator("labels")))
    (train,) = problem.batches("train", None)
    model = problem.copy(original)
    steps = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    order = torch.from_numpy(seeds.generator("order", 0).permutation(len(labels)))
    for rows in order.split(700):
        steps.zero_grad()
        functional.cross_entropy(model(train.inputs[rows]), labels[rows]).backward()
        steps.step()
    found = unlearn("random-labels", epochs=1, lr=0.1, batch_size=700, optimizer="sgd")
    assert problem.digest(found) == problem.digest(model)


def test_the_labels_are_drawn_even_where_the_order_is_not(problem, unlearn):
    arguments = {"epochs": 1, "batch_size": None}
    digests = [problem.digest(unlearn("random-labels", j, **arguments)) for j in (0, 1, 0)]
    assert digests[0] == digests[2] != digests[1]
    assert not methods["random-labels"].is_deterministic(arguments)
