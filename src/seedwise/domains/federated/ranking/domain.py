"""Federated learning to rank: what a study may ask for, and the way from there to a problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from seedwise.contracts import COLUMNS, ForgetSet, Problem, Task
from seedwise.contracts.rounds import LEVELS, Work
from seedwise.domains.federated.partitioners import by_query
from seedwise.domains.federated.ranking.datasets import (
    RANKING_DATASETS,
    check_clients,
    ranking_files,
)
from seedwise.domains.federated.ranking.rankers import RANKERS
from seedwise.domains.federated.selectors import SELECTORS, forgotten_clients
from seedwise.errors import DataError
from seedwise.seeds import SeedStreams

if TYPE_CHECKING:
    from seedwise.domains.federated.ranking.task import Users

_SIDE_BY_SIDE = 16
"""Seeds that advance together; decides no bit."""


@dataclass(frozen=True)
class Settings:
    """The recipe; see `ranking_recipe`."""

    clients: int
    rounds: int
    participation: float
    work: Work
    users: str
    scenario: Literal["clean", "data", "model"]
    poisoned: tuple[int, ...]
    strength: float
    discount: float


def ranking_recipe(
    *,
    clients: Annotated[int, Field(ge=2)] = 10,
    rounds: PositiveInt = 200,
    participation: Annotated[float, Field(gt=0, le=1)] = 1.0,
    interactions: PositiveInt = 5,
    lr: PositiveFloat = 0.1,
    proximal: NonNegativeFloat = 0.0,
    users: Literal["perfect", "navigational", "informational"] = "navigational",
    scenario: Literal["clean", "data", "model"] = "clean",
    poisoned: tuple[NonNegativeInt, ...] = (),
    strength: PositiveFloat = 1.0,
    discount: Annotated[float, Field(gt=0, le=1)] = 0.9995,
) -> Settings:
    """Return how originals and references are trained.

    Args:
        clients: How many share the training queries, evenly.
        rounds: Rounds of training.
        participation: Share of all clients that takes part in a round.
        interactions: Rankings that a client shows, and learns from, in a round.
        lr: Learning rate.
        proximal: mu of FedProx; 0 is FedAvg.
        users: The click model at every client.
        scenario: `clean`; `data`: users of the poisoned clients click what they should not;
            `model`: the poisoned clients send their update turned round.
        poisoned: Numbers of the poisoned clients, from 0.
        strength: Factor of a turned update.
        discount: A round's online nDCG counts discount ** round.
    """
    work = Work(interactions, lr, proximal)
    return Settings(
        clients, rounds, participation, work, users, scenario, poisoned, strength, discount
    )


class FederatedRankingDomain:
    """Implements `seedwise.contracts.Domain`."""

    name = "federated-ranking"
    version = "2"
    capabilities = frozenset({"outputs", "modules", "rounds", "clicks"})
    columns: Mapping[str, str] = {
        **dict.fromkeys([*COLUMNS, "scores", "relevance"], "forward"),
        "client": "owner",
    }
    selectors: Mapping[str, str] = SELECTORS
    file_selectors: frozenset[str] = frozenset()
    captures: frozenset[str] = frozenset(LEVELS)
    recipe: Callable[..., Settings] = staticmethod(ranking_recipe)

    def components(self, kind: Literal["dataset", "model"]) -> Mapping[str, Callable[..., Any]]:
        """Return data sets or rankers by name; their keyword-only arguments are their schema."""
        return RANKING_DATASETS if kind == "dataset" else RANKERS

    def files(self, task: Task, forget: ForgetSet) -> Sequence[Path]:
        """Return the files that the data are read from."""
        return ranking_files(task.dataset)

    def problem(self, task: Task, forget: ForgetSet, seeds: SeedStreams) -> Problem[Any]:
        """Load the data, distribute the queries over clients and draw the clients to forget.

        Only the partition of `seeds` matters: data and distribution come from the scope `data`,
        the forgotten clients from the scope `forget` and their own seed.

        Raises:
            DataError: If the data or the forget set cannot be used as asked, or a client holds
                no relevant document.
        """
        from seedwise.domains.federated.problem import Rounds
        from seedwise.domains.federated.ranking.problem import RankingProblem
        from seedwise.domains.federated.ranking.rankers import blank
        from seedwise.domains.federated.ranking.splits import client_splits
        from seedwise.domains.federated.ranking.task import RankingTask
        from seedwise.domains.vision.models import initialise

        settings = self.recipe(**task.train)
        streams = SeedStreams("data", partition=seeds.partition)
        data = RANKING_DATASETS[task.dataset.name](streams, **task.dataset.arguments)
        parts = by_query(streams, len(data.train), settings.clients)
        check_clients(data.train, parts)
        drawn = SeedStreams("forget", partition=seeds.partition)
        forgotten = forgotten_clients(forget, settings.clients, drawn)
        splits = client_splits(data, parts, forgotten)
        lists = splits["train"].lists
        build = partial(blank, task.model, lists.width)
        users = _users(settings, int(max(data.train.labels.max(), data.test.labels.max())))
        local = RankingTask(lists, parts, build, initialise, users)
        rounds = Rounds(settings.rounds, settings.participation, settings.work, _SIDE_BY_SIDE)
        return RankingProblem(splits, data.notes, local, forgotten, rounds)


def _users(settings: Settings, highest: int) -> Users:
    from seedwise.domains.federated.ranking.clicks import click_model
    from seedwise.domains.federated.ranking.task import Users

    _check_poison(settings)
    return Users(
        click_model(settings.users, highest),
        click_model("poison", highest),
        settings.scenario,
        settings.poisoned,
        settings.strength,
        settings.discount,
    )


def _check_poison(settings: Settings) -> None:
    if (settings.scenario == "clean") != (not settings.poisoned):
        raise DataError(
            f"train: scenario is '{settings.scenario}' and poisoned is {list(settings.poisoned)}; "
            "a clean scenario has no poisoned clients, the others need some: poisoned: [0, 1, 2]"
        )
    outside = [client for client in settings.poisoned if client >= settings.clients]
    if outside:
        raise DataError(
            f"train: no client {outside[0]} can be poisoned; they are numbered 0 to "
            f"{settings.clients - 1}"
        )
