"""Methods and metrics, and what a metric is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from seedwise.contracts.domain import Problem
from seedwise.seeds import SeedStreams

Level = Literal["model", "pair", "ensemble", "record"]
Direction = Literal["higher", "lower", "closer-to-reference", "report"]


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
        needs: Columns of per-example outputs it reads, whatever its arguments.
        null: Value of a perfect unlearner, where known.
        unit: `share`, `nats`, `s`, `MB`, ...
        version: Changed whenever the value may change.
        reads: Columns it reads besides under some arguments.
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
    reads: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it may read."""
        return (*self.needs, *self.reads)


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
