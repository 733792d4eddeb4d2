"""Federated averaging as a script writes it: no streams, no history, no progress, no record."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from seedwise.domains.federated.ranking.clicks import DEPTH, cascade, click_model
from seedwise.domains.federated.ranking.pdgd import document_weights, sample_ranking
from seedwise.domains.federated.ranking.task import ONLINE
from seedwise.ranking_quality import PADDING, ndcg


def digits(clients: list[tuple[Tensor, Tensor]], rounds: int, lr: float, size: int) -> None:
    """Train a perceptron of 64 hidden units by gradient descent, client after client.

    Args:
        clients: Inputs and targets of each.
        rounds: Number of rounds, of one epoch each.
        lr: Learning rate.
        size: Examples a step.
    """
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    parameters = list(net.parameters())
    total = sum(len(targets) for _, targets in clients)
    for _ in range(rounds):
        before = [value.detach().clone() for value in parameters]
        after = [torch.zeros_like(value) for value in before]
        for inputs, targets in clients:
            with torch.no_grad():
                for value, start in zip(parameters, before, strict=True):
                    value.copy_(start)
            for rows in torch.randperm(len(targets)).split(size):
                loss = functional.cross_entropy(net(inputs[rows]), targets[rows])
                gradients = torch.autograd.grad(loss, parameters)
                with torch.no_grad():
                    for value, gradient in zip(parameters, gradients, strict=True):
                        value.sub_(gradient, alpha=lr)
            for mean, value in zip(after, parameters, strict=True):
                mean.add_(value.detach(), alpha=len(targets) / total)
        with torch.no_grad():
            for value, mean in zip(parameters, after, strict=True):
                value.copy_(mean)


def ranking(
    lists: Any, queries: Tensor, sizes: Tensor, rounds: int, interactions: int, lr: float
) -> float:
    """Train a linear ranker by PDGD from navigational clicks; returns the online nDCG.

    All clients go on side by side, as they do in seedwise, and the mathematics of clicks and PDGD
    are the same functions; what differs is all around them.

    Args:
        lists: The training queries.
        queries: Those of each client, padded, (clients, longest).
        sizes: How many each client has, (clients,).
        rounds: Number of rounds.
        interactions: Rankings a client shows in a round.
        lr: Learning rate.
    """
    users = click_model("navigational", 4)
    click, stop = (
        torch.tensor(table, dtype=torch.float64).expand(len(sizes), -1)
        for table in (users.click, users.stop)
    )
    ranker, quality = torch.zeros(lists.width, 1), 0.0
    for turn in range(rounds):
        rows = ranker.repeat(len(sizes), 1, 1)
        for _ in range(interactions):
            places = (torch.rand(len(sizes)) * sizes).long()
            features, labels = lists.take(queries.gather(1, places[:, None])[:, 0], "cpu")
            there = labels != PADDING
            noise = -torch.rand(labels.shape, dtype=torch.float64).log().neg().log()
            rows.requires_grad_()
            scores = torch.bmm(features, rows).squeeze(-1)
            shown = sample_ranking(scores.detach(), there, noise, DEPTH)
            ranked = labels.gather(-1, shown)
            reads, leaves = torch.rand(2, *ranked.shape, dtype=torch.float64)
            clicks = cascade(ranked, click, stop, reads, leaves)
            weights = document_weights(scores, there, shown, clicks).float()
            (gradient,) = torch.autograd.grad(-(weights * scores).sum(), rows)
            rows = rows.detach() - lr * gradient
            order = torch.zeros(labels.shape).scatter(
                -1, shown, torch.arange(DEPTH, 0.0, -1.0).expand(shown.shape)
            )
            seen = ndcg(order.numpy(), labels.numpy(), ONLINE).mean()
            quality += 0.9995**turn * float(seen) / interactions
        ranker = rows.mean(0)
    return quality
