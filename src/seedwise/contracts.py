"""What a domain, a method, a metric, a store and an executor promise each other.

`M` is the model of a domain: a torch module, a module with an adapter, a numpy vector, a path.
Nothing outside a domain looks inside an `M`. The conformance classes of `seedwise.testing` check
every promise made here.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np

from seedwise.seeds import SeedStreams

M = TypeVar("M")

Phase = Literal["data", "train", "unlearn", "evaluate"]
Level = Literal["model", "pair", "ensemble", "record"]
Direction = Literal["higher", "lower", "closer-to-reference", "report"]
Extras = Mapping[str, Mapping[str, np.ndarray]]
"""Named captures of a training run, each a mapping of array names to numpy arrays."""

COLUMNS = ("loss", "margin", "entropy", "correct")
"""Per-example outputs with one float32 number an example that every domain has."""


# --- what a study asks for ---------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A named component with its arguments, e.g. the data set or the model of a task."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """A learning problem: which domain, data set, model and train recipe."""

    domain: str
    dataset: Part
    model: Part
    train: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ForgetSet:
    """Which training data must go: a selector of the domain, its value and its own seed."""

    selector: str
    value: Any
    seed: int = 0


@dataclass(frozen=True)
class Recipe:
    """One optimisation: the arguments of the loop that loss-type methods share.

    Args:
        epochs: Passes over the leading split.
        lr: Learning rate.
        batch_size: Examples a step; None takes the whole split in its own order, without a draw.
        optimizer: `sgd` or `adam` or `adamw`.
        momentum: Momentum of `sgd`.
        weight_decay: L2 penalty (`adamw`: decoupled).
        schedule: `constant`, or `cosine` down to zero over all steps.
        beta2: Decay of the mean squared gradients of `adam` and `adamw`.
        accumulate: Batches a step: their mean loss is what it descends, one of them is in memory.
    """

    epochs: int
    lr: float
    batch_size: int | None = 64
    optimizer: Literal["sgd", "adam", "adamw"] = "sgd"
    momentum: float = 0.9
    weight_decay: float = 0.0
    schedule: Literal["constant", "cosine"] = "constant"
    beta2: float = 0.999
    accumulate: int = 1


# --- running ------------------------------------------------------------------------------------


@dataclass
class Clock:
    """Wall and CPU seconds per phase, so that unlearning time never includes evaluation.

    `counts` are other costs and sightings of the cell, by name (e.g. bytes sent).

    Example:
        >>> clock = Clock()
        >>> with clock("train"):
        ...     pass
        >>> sorted(clock.wall)
        ['train']
    """

    wall: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    counts: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def __call__(self, phase: Phase) -> Iterator[None]:
        """Add the time spent inside the block to a phase."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.wall[phase] = self.wall.get(phase, 0.0) + time.perf_counter() - wall
            self.cpu[phase] = self.cpu.get(phase, 0.0) + time.process_time() - cpu


@dataclass(frozen=True)
class Context:
    """All a component may touch besides its data.

    Args:
        device: `cpu`, `cuda`, `mps`.
        scratch: An empty folder that is deleted afterwards.
        tick: Reports progress of the running cell as a share in [0, 1].
        clock: The clock of the running cell.
    """

    device: str = "cpu"
    scratch: Path = Path()
    tick: Callable[[float], None] = lambda share: None
    clock: Clock = field(default_factory=Clock)


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
    """

    fingerprints: Mapping[str, str]
    notes: Sequence[str]

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

    def view(self, splits: Sequence[str]) -> Problem[M]:
        """Return the same problem with these splits only: methods never see test data."""
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
    `classes` (a target is one class), `tokens` (see `token_contracts`), `modules` (models are
    torch modules), `rounds` and `client-gradients` (see `round_contracts`), `command`;
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


# --- components -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Method:
    """An unlearning algorithm.

    Args:
        name: Its name in studies.
        function: `(original, problem, extras, seeds, ctx, **arguments) -> model`. It owns its
            copy, and raises or returns. Its keyword-only parameters are its argument schema.
        version: Changed whenever the result may change.
        deterministic: Whether the unlearned parameters are the same whenever the original is;
            a callable decides from the arguments. Declared, then checked by two runs.
        requires: Capabilities of the domain it needs.
        needs: Captures of the training run it needs.
        splits: The splits it may see.
    """

    name: str
    function: Callable[..., Any]
    version: str = "1"
    deterministic: bool | Callable[[Mapping[str, Any]], bool] = False
    requires: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    splits: tuple[str, ...] = ("train", "retain", "forget")

    def is_deterministic(self, arguments: Mapping[str, Any]) -> bool:
        """Return whether it declares itself deterministic under these arguments."""
        declared = self.deterministic
        return declared(arguments) if callable(declared) else declared


@dataclass(frozen=True)
class MetricSpec:
    """What a metric says of itself, without importing torch.

    Args:
        name: Its name in studies; its values are called `name` or `name/part`.
        level: `model`, `pair` (model and reference), `ensemble` (all models of a method) or
            `record` (a view of a model record: runtime, peak memory).
        direction: Which values are good.
        bounds: Least and greatest possible value, None where there is none.
        stochastic: Whether it draws random numbers; only then do evaluation seeds apply.
        needs: Columns of per-example outputs it reads.
        null: Value of a perfect unlearner, where known.
        unit: `share`, `nats`, `s`, `MB`, ...
        version: Changed whenever the value may change.
    """

    name: str
    level: Level = "model"
    direction: Direction = "closer-to-reference"
    bounds: tuple[float | None, float | None] = (None, None)
    stochastic: bool = False
    needs: tuple[str, ...] = ()
    null: float | None = None
    unit: str = ""
    version: str = "1"


class Subject(Protocol):
    """One model under evaluation, with everything lazy: nothing is computed twice."""

    hash: str
    seeds: SeedStreams

    @property
    def problem(self) -> Problem[Any]:
        """The problem the model belongs to, with all its splits."""
        ...

    @property
    def record(self) -> Mapping[str, Any]:
        """The model record: clocks, memory, signature."""
        ...

    def outputs(self, split: str) -> Mapping[str, np.ndarray]:
        """Return the columns of a split, computed when read: one pass serves all metrics."""
        ...

    def model(self) -> Any:
        """Return the model itself (not to be changed)."""
        ...


@dataclass(frozen=True)
class Metric:
    """A number computed on models: `(subjects, against, seeds, ctx, **arguments) -> {name: value}`.

    `model`: one subject, nothing against it. `pair`: one subject against one reference.
    `ensemble`: all models of a method against all references. `record`: one subject.
    """

    spec: MetricSpec
    function: Callable[..., Mapping[str, float]]

    @property
    def name(self) -> str:
        """Its name in studies."""
        return self.spec.name


# --- store and executor ---------------------------------------------------------------------------


class Store(Protocol):
    """Immutable records and the files they name. Many processes may use one store at once.

    Records go by kind and key; weights, outputs and extras are files named by the hash of the
    model they belong to, below `root`.

    A record is written once: `put` returns False, and changes nothing, when another process was
    first. Failures are numbered attempts beside the records and never in the way of a success.
    """

    root: Path

    def file(self, folder: str, name: str) -> Path:
        """Return where a weights, outputs or extras file is, or would be."""
        ...

    def lock_path(self, study: str) -> Path:
        """Return where the lock of a study is."""
        ...

    def write_lock(self, study: str, text: str) -> None:
        """Write or replace the lock of a study."""
        ...

    def studies(self) -> list[str]:
        """Return the names of the studies in the store."""
        ...

    def put(self, kind: str, key: str, body: Mapping[str, Any]) -> bool:
        """Write a record; False if one exists."""
        ...

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """Return a record, None if there is none."""
        ...

    def keys(self, kind: str) -> list[str]:
        """Return the keys of all records of a kind, sorted: what is new is then read by `get`."""
        ...

    def fail(self, key: str, body: Mapping[str, Any]) -> int:
        """Add a failed attempt; returns its number."""
        ...

    def claim(self, key: str, ttl: float) -> bool:
        """Take a key for `ttl` seconds, or again; False while another live process holds it."""
        ...

    def release(self, key: str) -> None:
        """Give a claimed key back."""
        ...


class Event(NamedTuple):
    """What an executor reports: an item `done`, `failed` or `lost`, or `cell` news within it.

    `detail` of a `cell` event has the `cell`'s key and its `state`: `started`, `at` (with a
    `share`), `done` (with `seconds`), `failed` (with a `message`), `busy`, `measured`. `failed`
    and `lost` carry a `message`; `lost` also the `cell` that was running.
    """

    kind: Literal["cell", "done", "failed", "lost"]
    item: Mapping[str, Any]
    detail: Mapping[str, Any]


class Executor(Protocol):
    """Runs work items somewhere. An item is JSON and results go to the store alone."""

    def submit(self, item: Mapping[str, Any]) -> None:
        """Queue an item."""
        ...

    def events(self) -> Iterator[Event]:
        """Yield events until every submitted item is done, failed or lost."""
        ...

    def cancel(self) -> None:
        """Stop now: what is running is lost, what is recorded stays."""
        ...
