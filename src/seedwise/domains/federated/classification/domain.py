"""Federated classification: what a study may ask for, and the way from there to a problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import COLUMNS, ForgetSet, Problem, Task
from seedwise.contracts.rounds import LEVELS, Work
from seedwise.domains.federated.partitioners import iid, label_dirichlet
from seedwise.domains.federated.selectors import SELECTORS, forgotten_clients
from seedwise.domains.vision.datasets import DATASETS, Arrays, dataset_files
from seedwise.domains.vision.models import MODELS
from seedwise.seeds import SeedStreams

_SIDE_BY_SIDE = 64


@dataclass(frozen=True)
class Settings:
    """The recipe; see `train_recipe`."""

    clients: int
    partitioner: str
    alpha: float
    rounds: int
    participation: float
    work: Work
    batch_size: int | None
    momentum: float
    weight_decay: float
    backend: Literal["loop", "vmapped"]


def train_recipe(
    *,
    clients: Annotated[int, Field(ge=2)] = 10,
    partitioner: Literal["iid", "label-dirichlet"] = "iid",
    alpha: PositiveFloat = 0.5,
    rounds: PositiveInt = 30,
    participation: Annotated[float, Field(gt=0, le=1)] = 1.0,
    local_epochs: PositiveInt = 1,
    lr: PositiveFloat = 0.1,
    batch_size: PositiveInt | None = 32,
    momentum: NonNegativeFloat = 0.0,
    weight_decay: NonNegativeFloat = 0.0,
    proximal: NonNegativeFloat = 0.0,
    backend: Literal["loop", "vmapped"] = "loop",
) -> Settings:
    """Return how originals and references are trained.

    Args:
        clients: How many share the training data.
        partitioner: How: `iid`, or `label-dirichlet`, which draws every class's shares.
        alpha: Concentration of `label-dirichlet`: small values give clients few classes each.
        rounds: Rounds of training.
        participation: Share of all clients that takes part in a round.
        local_epochs: Passes over its examples that a client makes in a round.
        lr: Learning rate.
        batch_size: Examples a step; None takes all of a client's at once.
        momentum: Momentum within a client's round.
        weight_decay: L2 penalty.
        proximal: mu of FedProx; 0 is FedAvg.
        backend: `loop`, or `vmapped` over clients and seeds, which differs in last bits; these
            may depend on which are computed together unless layers are multiples of 16 wide.
    """
    work = Work(local_epochs, lr, proximal)
    return Settings(
        clients,
        partitioner,
        alpha,
        rounds,
        participation,
        work,
        batch_size,
        momentum,
        weight_decay,
        backend,
    )


class FederatedDomain:
    """Implements `seedwise.contracts.Domain`."""

    name = "federated"
    version = "2"
    capabilities = frozenset({"outputs", "classes", "modules", "rounds", "client-gradients"})
    columns: Mapping[str, str] = {
        **dict.fromkeys([*COLUMNS, "logits"], "forward"),
        "client": "owner",
    }
    selectors: Mapping[str, str] = SELECTORS
    file_selectors: frozenset[str] = frozenset()
    captures: frozenset[str] = frozenset(LEVELS)
    recipe: Callable[..., Settings] = staticmethod(train_recipe)

    def components(self, kind: Literal["dataset", "model"]) -> Mapping[str, Callable[..., Any]]:
        """Return the data sets or models of the vision domain by name."""
        return DATASETS if kind == "dataset" else MODELS

    def files(self, task: Task, forget: ForgetSet) -> Sequence[Path]:
        """Return the files that the data are read from."""
        return dataset_files(task.dataset)

    def problem(self, task: Task, forget: ForgetSet, seeds: SeedStreams) -> Problem[Any]:
        """Load the data, distribute them over clients and draw the clients to forget.

        Only the partition of `seeds` matters: split and distribution come from the scope `data`,
        the forgotten clients from the scope `forget` and their own seed.

        Raises:
            DataError: If the data, the model or the forget set cannot be used as asked.
        """
        from seedwise.domains.federated.classification.data import client_splits
        from seedwise.domains.federated.classification.gradients import ClassificationTask, Descent
        from seedwise.domains.federated.classification.problem import ClassificationProblem
        from seedwise.domains.federated.problem import Rounds
        from seedwise.domains.vision.models import blank, initialise

        settings = self.recipe(**task.train)
        data = SeedStreams("data", partition=seeds.partition)
        arrays = DATASETS[task.dataset.name](data, **task.dataset.arguments)
        parts = _distributed(settings, arrays, data)
        drawn = SeedStreams("forget", partition=seeds.partition)
        forgotten = forgotten_clients(forget, settings.clients, drawn)
        splits = client_splits(arrays, parts, forgotten)
        examples = splits["train"].examples
        shape = tuple(examples.on("cpu")[0].shape[1:])
        build = partial(blank, task.model, shape, len(arrays.classes))
        build()  # a net that cannot take these inputs is refused here, not in every cell
        descent = Descent(settings.batch_size, settings.momentum, settings.weight_decay)
        local = ClassificationTask(examples, parts, build, initialise, descent, settings.backend)
        side = _SIDE_BY_SIDE if settings.backend == "vmapped" else 1
        rounds = Rounds(settings.rounds, settings.participation, settings.work, side)
        return ClassificationProblem(splits, (), local, forgotten, rounds)


def _distributed(settings: Settings, arrays: Arrays, data: SeedStreams) -> list[np.ndarray]:
    if settings.partitioner == "iid":
        return iid(data, len(arrays.y_train), settings.clients)
    return label_dirichlet(data, arrays.y_train, settings.clients, settings.alpha)
