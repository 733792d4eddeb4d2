"""A learning problem with its models: what domains offer to methods, metrics and the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np

from seedwise.contracts.running import Context
from seedwise.contracts.tasks import ForgetSet, Recipe, Task
from seedwise.seeds import SeedStreams

M = TypeVar("M")

Extras = Mapping[str, Mapping[str, np.ndarray]]
"""Named captures of a training run, each a mapping of array names to numpy arrays."""

COLUMNS = ("loss", "margin", "entropy", "correct")
"""Per-example outputs with one float32 number an example that every domain has."""


@dataclass(frozen=True)
class Artifact:
    """Weights in a file, and the file's hash.

    `base` is the digest of the model they are relative to (an adapter).
    """

    path: Path
    sha256: str
    base: str | None = None


@dataclass(frozen=True)
class Trained(Generic[M]):
    """One finished training run.

    Args:
        model: The trained model.
        start: Digest of the model before the first step: tells shared initialisations apart.
        extras: The captures that were asked for; capturing changes no bit of the model.
    """

    model: M
    start: str
    extras: Extras = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """One training run of several that raised; the others go on."""

    error: Exception


class Batch(NamedTuple):
    """Some examples of a split.

    A NamedTuple of arrays, so that torch.func maps over it. `index` numbers the examples of
    `train`, `retain` and `forget` by their place in the training data, those of any other split
    by their place in it.
    """

    index: Any
    inputs: Any
    targets: Any


Objective = Callable[..., Any]
"""`(model, *batches) -> loss` to minimise: one batch a split, in the order they were named."""


class Problem(Protocol[M]):
    """The data of a task with the forget set drawn, and all that is done with a model on it.

    Splits are `train` (= `retain` + `forget`), `retain`, `forget`, `test` and whatever else the
    domain has. `fingerprints` maps each split to a hash of its content and order. `notes` are
    sentences about the data a reader should know (e.g. test examples that also occur in train).
    `dtype` names the type that models compute their products in.
    """

    fingerprints: Mapping[str, str]
    notes: Sequence[str]
    dtype: str

    def train(
        self, on: str, seeds: Sequence[SeedStreams], ctx: Context, capture: Sequence[str] = ()
    ) -> Iterator[Trained[M] | Failed]:
        """Train from the recipe's own start on a split, once per seed, in the order of seeds."""
        ...

    def fit(
        self,
        model: M,
        objective: Objective,
        on: Sequence[str],
        recipe: Recipe,
        seeds: SeedStreams,
        ctx: Context,
    ) -> M:
        """Minimise an objective in place: the one loop that loss-type methods share.

        An epoch is one pass over the first split of `on`; further splits are cycled beside it,
        each in its own order. Orders come from the stream `order`.
        """
        ...

    def losses(self, model: M, batch: Batch, targets: Any = None) -> Any:
        """Return the differentiable loss of each example, against other targets if given."""
        ...

    def scores(self, model: M, batch: Batch) -> Any:
        """Return the differentiable outputs (logits) of each example, one row an example."""
        ...

    def batches(self, split: str, size: int | None) -> Iterator[Batch]:
        """Yield a split in its own order, without a draw."""
        ...

    def targets(self, split: str) -> np.ndarray:
        """Return the labels of a split in its own order."""
        ...

    def index(self, split: str) -> np.ndarray:
        """Return the numbers that `Batch.index` uses for a split, in its own order."""
        ...

    def outputs(self, model: M, split: str, columns: Sequence[str]) -> Mapping[str, np.ndarray]:
        """Return per-example numbers, in one go for the columns of one pass; evaluation mode."""
        ...

    def absent(self, split: str) -> Mapping[str, str]:
        """Return the columns that cannot be computed on a split, each with what the data lack."""
        ...

    def view(self, splits: Sequence[str]) -> Problem[M]:
        """Return the same problem with these splits only: methods never see test data."""
        ...

    def only(self, split: str, index: np.ndarray) -> Problem[M]:
        """Return the same problem with a split that holds the examples of these numbers alone."""
        ...

    def fresh(self, generator: np.random.Generator) -> M:
        """Return a model that has learnt nothing, all its parameters drawn from a generator.

        Not where training starts, if that is from pretrained weights.
        """
        ...

    def copy(self, model: M) -> M:
        """Return an independent copy."""
        ...

    def digest(self, model: M) -> str:
        """Return the SHA-256 of the effective parameters and buffers.

        Raises:
            NonFiniteError: If a parameter is NaN or infinite.
        """
        ...

    def save(self, model: M, path: Path) -> Artifact:
        """Write the model to a file; an adapter names the digest of its base."""
        ...

    def load(self, artifact: Artifact, base: M | None = None, device: str = "cpu") -> M:
        """Read a model back; `base` is given when the artifact has one."""
        ...


@runtime_checkable
class Domain(Protocol):
    """A family of learning problems. Stateless, one per worker, torch-free until `problem`.

    `capabilities` are among `outputs`, `gradients` (losses are differentiable, `fit` works),
    `labels` (targets are classes, one an example or one a token), `classes` (one an example),
    `tokens` (see `contracts.tokens`), `modules` (models are torch modules), `rounds`,
    `client-gradients` and `clicks` (see `contracts.rounds`), `hub` (see `HubDomain`), `command`;
    `columns` names every per-example output with the pass that computes it: those of one pass
    are computed together, `COLUMNS` are always among them;
    `selectors` the forget sets it understands (`class`, `random`, ...) with a sentence each,
    `file_selectors` those whose value is a file, relative to the study;
    `recipe` is the function or dataclass whose signature is the schema of `task.train`;
    `components(kind)` returns the signature holders of `dataset` and `model` by name, whose
    keyword-only parameters are the schema.
    """

    name: str
    version: str
    capabilities: frozenset[str]
    columns: Mapping[str, str]
    selectors: Mapping[str, str]
    file_selectors: frozenset[str]
    captures: frozenset[str]
    recipe: Callable[..., Any]

    def components(self, kind: Literal["dataset", "model"]) -> Mapping[str, Callable[..., Any]]:
        """Return what may stand under `task.dataset` or `task.model`."""
        ...

    def files(self, task: Task, forget: ForgetSet) -> Sequence[Path]:
        """Return the files that the data are read from, so that a change is noticed."""
        ...

    def problem(self, task: Task, forget: ForgetSet, seeds: SeedStreams) -> Problem[Any]:
        """Load the data, draw the split and the forget set.

        Raises:
            DataError: If the data or the forget set cannot be used; says what is allowed.
        """
        ...


class HubDomain(Domain, Protocol):
    """A domain with the capability `hub`: finished models may be named by their id on a hub."""

    def downloaded(self, name: str, revision: str | None = None) -> Path:
        """Return the directory of a model of the hub, named by the commit it is at.

        Raises:
            DataError: If it cannot be downloaded or used.
        """
        ...
