from __future__ import annotations

import numpy as np
import pytest
import torch

from seedwise.domains.federated.ranking.clicks import CLICK_MODELS, cascade, click_model
from seedwise.errors import DataError

THREE = {
    "perfect": ([0, 0.5, 1], [0, 0, 0]),
    "navigational": ([0.05, 0.5, 0.95], [0.2, 0.5, 0.9]),
    "informational": ([0.4, 0.7, 0.9], [0.1, 0.3, 0.5]),
    "poison": ([1, 0.5, 0], [0, 0, 0]),
}
FIVE = {
    "perfect": ([0, 0.2, 0.4, 0.8, 1], [0] * 5),
    "navigational": ([0.05, 0.3, 0.5, 0.7, 0.95], [0.2, 0.3, 0.5, 0.7, 0.9]),
    "informational": ([0.4, 0.6, 0.7, 0.8, 0.9], [0.1, 0.2, 0.3, 0.4, 0.5]),
    "poison": ([1, 0.8, 0.6, 0.2, 0], [0] * 5),
}


@pytest.mark.parametrize(("highest", "tables"), [(2, THREE), (4, FIVE)])
def test_the_tables_are_the_published_ones(highest, tables):
    assert set(tables) == set(CLICK_MODELS[highest + 1])
    for name, (click, stop) in tables.items():
        model = click_model(name, highest)
        assert (list(model.click), list(model.stop)) == (click, stop)


def test_poison_clicks_what_perfect_leaves():
    for models in CLICK_MODELS.values():
        sums = [
            one + other
            for one, other in zip(models["perfect"].click, models["poison"].click, strict=True)
        ]
        assert sums == [1.0] * len(sums)


@pytest.mark.parametrize(("highest", "labels"), [(0, 3), (1, 3), (2, 3), (3, 5), (4, 5)])
def test_the_highest_label_decides_the_table(highest, labels):
    assert len(click_model("navigational", highest).click) == labels


def test_what_cannot_be_used_is_refused():
    with pytest.raises(DataError, match="did you mean 'perfect'"):
        click_model("perfekt", 2)
    with pytest.raises(DataError, match=r"highest relevance label is 5.*map yours"):
        click_model("perfect", 5)


def reader(labels, model, reads, leaves):
    """A user, in plain Python."""
    clicks = []
    for label, read, leave in zip(labels, reads, leaves, strict=True):
        clicks.append(bool(label >= 0 and read < model.click[label]))
        if clicks[-1] and leave < model.stop[label]:
            break
    return clicks + [False] * (len(labels) - len(clicks))


@pytest.mark.parametrize("name", sorted(FIVE))
def test_it_reads_as_a_user_in_plain_python_does(name):
    draw, model = np.random.default_rng(0), click_model(name, 4)
    labels = draw.integers(-1, 5, (200, 10))
    reads, leaves = draw.random((2, 200, 10))
    found = cascade(
        torch.tensor(labels),
        torch.tensor(model.click).double(),
        torch.tensor(model.stop).double(),
        torch.tensor(reads),
        torch.tensor(leaves),
    )
    wanted = [reader(*row) for row in zip(labels, [model] * 200, reads, leaves, strict=True)]
    assert found.tolist() == wanted
    assert found.any()


def test_each_client_has_its_own_table():
    labels = torch.tensor([[[2, 0, 2], [0, 0, 2]], [[2, 0, 2], [0, 0, 2]]])
    tables = torch.tensor([CLICK_MODELS[3][name].click for name in ("perfect", "poison")])
    half = torch.full(labels.shape, 0.5)
    found = cascade(labels, tables[:, None], torch.zeros(2, 1, 3), half, half)
    assert found.tolist() == [
        [[True, False, True], [False, False, True]],
        [[False, True, False], [True, True, False]],
    ]


def test_clicks_come_at_the_rates_of_the_table():
    draw, model, many = np.random.default_rng(1), click_model("informational", 4), 50_000
    for label in range(5):
        relevance = torch.full((many, 2), label)
        reads, leaves = torch.tensor(draw.random((2, many, 2)))
        click, stop = torch.tensor(model.click).double(), torch.tensor(model.stop).double()
        clicks = cascade(relevance, click, stop, reads, leaves).double().mean(0).tolist()
        first, left = model.click[label], model.click[label] * model.stop[label]
        wanted = [first, (1 - left) * first]
        assert clicks == pytest.approx(wanted, abs=4 * 0.5 / many**0.5)
