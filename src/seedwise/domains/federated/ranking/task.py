"""What a client of learning to rank does in a round: show rankings, see clicks, learn by PDGD."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from seedwise.domains.federated.clipping import clipped
from seedwise.domains.federated.ranking import side_by_side
from seedwise.domains.federated.ranking.clicks import DEPTH, ClickModel, cascade
from seedwise.domains.federated.ranking.pdgd import document_weights, sample_ranking
from seedwise.domains.federated.ranking.splits import Lists
from seedwise.domains.federated.task import Job, Local, Parameters, Work
from seedwise.ranking_quality import PADDING, Convention, ndcg

Scenario = Literal["clean", "data", "model"]

ONLINE = Convention(k=DEPTH, gain="exponential", no_relevant=0, ties="order")
"""How the rankings that users see are judged."""


@dataclass(frozen=True)
class Users:
    """Who sits at the clients.

    Args:
        clicks: What users do.
        poison: What users of poisoned clients do under `data`.
        scenario: `clean`; `data`: poisoned clients click by `poison`; `model`: they send
            start - strength (model - start) instead of their model.
        poisoned: The poisoned clients.
        strength: How far a poisoned client goes back, in its own update's lengths.
        discount: A round's online nDCG counts discount ** round.
    """

    clicks: ClickModel
    poison: ClickModel
    scenario: Scenario
    poisoned: tuple[int, ...]
    strength: float
    discount: float


class _Draws(NamedTuple):
    """The randomness of some jobs, (rows, interactions, ...).

    `queries` (): numbers of queries. `gumbel` (documents,). `reads`, `leaves` (shown,): uniform.
    """

    queries: Tensor
    gumbel: Tensor
    reads: Tensor
    leaves: Tensor


class _Shown(NamedTuple):
    """One interaction of every job: ranks of the documents shown, (rows, documents), and labels."""

    scores: Tensor
    labels: Tensor


class RankingTask:
    """Implements `seedwise.domains.federated.task.LocalTask` by PDGD from simulated clicks.

    All jobs go on side by side, whatever their seeds: one interaction of every client is one step
    on (rows, documents, features).

    Args:
        lists: All training queries.
        parts: The queries of each client.
        blank: Makes a ranker whose parameters are not set yet.
        initialise: Sets all of them, from a generator.
        users: Who sits at the clients.
    """

    def __init__(
        self,
        lists: Lists,
        parts: Sequence[np.ndarray],
        blank: Callable[[], nn.Module],
        initialise: Callable[[Any, np.random.Generator], None],
        users: Users,
    ) -> None:
        self.weights = np.ones(len(parts))
        self._lists, self._parts, self._users = lists, parts, users
        self._blank, self._initialise = blank, initialise
        self._shown = min(DEPTH, lists.length)
        self._net = blank()
        models = [self._clicks_at(client) for client in range(len(parts))]
        self._click = torch.tensor([model.click for model in models], dtype=torch.float64)
        self._stop = torch.tensor([model.stop for model in models], dtype=torch.float64)

    def blank(self) -> nn.Module:
        """Return a ranker whose parameters are not set yet."""
        return self._blank()

    def initialise(self, model: nn.Module, generator: np.random.Generator) -> None:
        """Set every parameter."""
        self._initialise(model, generator)

    def local(self, starts: Parameters, jobs: Sequence[Job], work: Work) -> Local:
        """Let some clients learn from their users; see `LocalTask`.

        Observes `online-ndcg`: the mean nDCG@10 of the rankings shown, times discount ** round.
        """
        if len(jobs) == 1:  # a matrix product of one row may take another way than one of several
            done = self.local(_doubled(starts), [*jobs, *jobs], _for_one(work))
            return Local(_first(done.parameters), _first(done.observed))
        device = str(next(iter(starts.values())).device)
        draws = _Draws(*(one.to(device) for one in self._draws(jobs, work.amount)))
        clients = [job.client for job in jobs]
        tables = [table[clients].to(device) for table in (self._click, self._stop)]
        current = {name: value.clone() for name, value in starts.items()}
        seen = []
        for step in range(work.amount):
            now = _Draws(*(one[:, step] for one in draws))
            gradients, shown = self._interact(current, now, tables, device)
            current = _stepped(current, gradients, starts, work)
            seen.append(shown)
        return Local(self._sent(current, starts, jobs), {"online-ndcg": self._judged(seen, jobs)})

    # --- one interaction ----------------------------------------------------------------------

    def _interact(
        self, current: Parameters, draws: _Draws, tables: Sequence[Tensor], device: str
    ) -> tuple[dict[str, Tensor], _Shown]:
        """Show every job's ranking, take its clicks; returns what PDGD says to minimise by."""
        features, labels = self._lists.take(draws.queries, device)
        leaves = {name: value.detach().requires_grad_() for name, value in current.items()}
        scores = side_by_side.scores(self._net, leaves, features)
        present = labels != PADDING
        ranking = sample_ranking(scores.detach(), present, draws.gumbel, self._shown)
        shown = torch.gather(labels, -1, ranking)
        clicks = cascade(shown, tables[0], tables[1], draws.reads, draws.leaves)
        weights = document_weights(scores, present, ranking, clicks).to(scores.dtype)
        loss = -(weights * scores).sum()
        gradients = torch.autograd.grad(loss, list(leaves.values()))
        depth = torch.arange(self._shown, 0, -1, dtype=torch.float64, device=labels.device)
        placed = torch.zeros(labels.shape, dtype=torch.float64, device=labels.device)
        placed = placed.scatter(-1, ranking, depth.expand(ranking.shape))
        return dict(zip(leaves, gradients, strict=True)), _Shown(placed, labels)

    def _draws(self, jobs: Sequence[Job], amount: int) -> _Draws:
        drawn = [self._draws_of(job, amount) for job in jobs]
        return _Draws(*(torch.from_numpy(np.stack(part)) for part in zip(*drawn, strict=True)))

    def _draws_of(self, job: Job, amount: int) -> tuple[np.ndarray, ...]:
        queries, ranking, clicks = (
            job.streams.generator(purpose, job.client, job.round)
            for purpose in ("queries", "ranking", "clicks")
        )
        own = self._parts[job.client]
        return (
            own[queries.integers(len(own), size=amount)],
            ranking.gumbel(size=(amount, self._lists.length)),
            *clicks.random((2, amount, self._shown)),
        )

    # --- who sits there -------------------------------------------------------------------------

    def _clicks_at(self, client: int) -> ClickModel:
        users = self._users
        bad = users.scenario == "data" and client in users.poisoned
        return users.poison if bad else users.clicks

    def _sent(self, ended: Parameters, starts: Parameters, jobs: Sequence[Job]) -> Parameters:
        users = self._users
        if users.scenario != "model":
            return ended
        bad = torch.tensor([job.client in users.poisoned for job in jobs])
        sent = {}
        for name, value in ended.items():
            turned = starts[name] - users.strength * (value - starts[name])
            which = bad.to(value.device).reshape(-1, *(1,) * (value.ndim - 1))
            sent[name] = torch.where(which, turned, value)
        return sent

    def _judged(self, seen: Sequence[_Shown], jobs: Sequence[Job]) -> Tensor:
        scores, labels = (torch.cat(part).cpu().numpy() for part in zip(*seen, strict=True))
        each = ndcg(scores, labels, ONLINE).reshape(len(seen), len(jobs)).mean(0)
        return torch.from_numpy(each * [self._users.discount**job.round for job in jobs])


@torch.no_grad()
def _stepped(
    current: Parameters, gradients: Mapping[str, Tensor], starts: Parameters, work: Work
) -> dict[str, Tensor]:
    """Return the parameters after a step of gradient descent, or ascent."""
    sign = 1.0 if work.ascend else -1.0
    if work.clip is not None:
        gradients = dict(zip(gradients, clipped([*gradients.values()], work.clip), strict=True))
    moved = {}
    for name, value in current.items():
        moved[name] = value + sign * work.lr * gradients[name]
        if work.proximal:
            moved[name] = moved[name] - work.lr * work.proximal * (value - starts[name])
    return moved if work.after_step is None else dict(work.after_step(moved))


def _first(rows: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value[:1] for name, value in rows.items()}


def _doubled(rows: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: torch.cat([value, value]) for name, value in rows.items()}


def _for_one(work: Work) -> Work:
    """Return the work of a doubled row: what a method does after a step sees one row alone."""
    after_step = work.after_step
    if after_step is None:
        return work
    return replace(work, after_step=lambda rows: _doubled(after_step(_first(rows))))
