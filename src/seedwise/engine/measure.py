"""Measuring one model: one forward pass per split serves all metrics of a pass."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from seedwise import registry
from seedwise.contracts import COLUMNS, Clock, Problem
from seedwise.design import Cell, Wanted
from seedwise.engine.workbench import Workbench, read_arrays, write_arrays
from seedwise.errors import NotReproducibleError, SeedwiseError, StoreError
from seedwise.seeds import SeedStreams
from seedwise.study.arguments import bind
from seedwise.study.lock import sha256

_KEPT_SPLITS = ("forget", "test")
_KEPT_EXAMPLES = 20_000


class Outputs(Mapping[str, np.ndarray]):
    """Columns of one split, computed when one of them is read.

    Args:
        names: The columns there are.
        known: Columns kept from an earlier pass.
        compute: Returns a column and those of the same pass.
    """

    def __init__(
        self,
        names: Sequence[str],
        known: Mapping[str, np.ndarray],
        compute: Callable[[str], Mapping[str, np.ndarray]],
    ) -> None:
        self._names, self._found, self._compute = names, dict(known), compute

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._found:
            self._found.update(self._compute(name))
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Evaluated:
    """The `Subject` of the contracts: a finished cell with everything lazy.

    Args:
        bench: Where models and problems come from.
        cell: The finished cell.
        task: Index of the forget set, which decides the splits.
        columns: The columns wanted; those of one pass are computed together when one is read.
    """

    def __init__(self, bench: Workbench, cell: Cell, task: int, columns: Sequence[str]) -> None:
        self._bench, self._cell, self._task = bench, cell, task
        self._columns = tuple(dict.fromkeys([*COLUMNS, *columns]))
        self._outputs: dict[str, Outputs] = {}
        self.seeds: SeedStreams = cell.seeds
        self.record: Mapping[str, Any] = bench.snapshot.records[cell.key]
        self.hash: str = self.record["digest"]

    @property
    def problem(self) -> Problem[Any]:
        """The problem with all its splits."""
        return self._bench.problem(self._task, self._cell.seeds.partition)

    def model(self) -> Any:
        """Return the model."""
        return self._bench.model(self._cell)

    def outputs(self, split: str) -> Mapping[str, np.ndarray]:
        """Return the per-example columns of a split, kept ones first."""
        if split not in self._outputs:
            self._outputs[split] = Outputs(self._columns, self._kept(split), self._pass(split))
        return self._outputs[split]

    def _pass(self, split: str) -> Callable[[str], Mapping[str, np.ndarray]]:
        passes = self._bench.domain.columns

        def compute(name: str) -> Mapping[str, np.ndarray]:
            together = [one for one in self._columns if passes[one] == passes[name]]
            found = self.problem.outputs(self.model(), split, together)
            self._keep(split, found)
            return found

        return compute

    def _keep(self, split: str, found: Mapping[str, np.ndarray]) -> None:
        """Keep numbers of the usual pass on some splits, costlier ones wherever they were made."""
        passes = self._bench.domain.columns
        usual = passes[COLUMNS[0]]
        kept = {
            column: values
            for column, values in found.items()
            if values.ndim == 1
            and len(values) <= _KEPT_EXAMPLES
            and (split in _KEPT_SPLITS or passes[column] != usual)
        }
        if kept and self._bench.lock.keep != "none":
            write_arrays(self._path(split), {**self._kept(split), **kept})

    def _kept(self, split: str) -> Mapping[str, np.ndarray]:
        path = self._path(split)
        try:
            return read_arrays(path) if path.is_file() else {}
        except StoreError:
            return {}

    def _path(self, split: str) -> Any:
        data = self.problem.fingerprints[split][:16]
        return self._bench.store.file("outputs", f"{self.hash}.{data}.npz")


def measure(bench: Workbench, wanted: Sequence[Wanted]) -> int:
    """Measure what is wanted of the same models; values of one pass share a file.

    A metric that raises is a recorded failure; the others go on.

    Returns:
        How many measurements failed.
    """
    subjects: dict[str, Evaluated] = {}
    entries, failed = [], 0
    for one in wanted:
        try:
            entries.append(_entry(bench, one, subjects))
        except (Exception, SystemExit) as error:
            if isinstance(error, StoreError):
                raise
            failed += 1
            _record_failure(bench, one, error)
    if entries:
        key = sha256([entry["key"] for entry in entries])
        body = {
            "key": key,
            "study": bench.lock.study,
            "entries": entries,
            "signature": bench.signature(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        bench.store.put("measurements", key, body)
        bench.snapshot.look("measurements", key)
    return failed


def _entry(bench: Workbench, wanted: Wanted, cache: dict[str, Evaluated]) -> dict[str, Any]:
    locked = bench.lock.metrics[wanted.metric]
    metric = registry.metrics[locked.name]
    subjects = [_subject(bench, cell, wanted.task, cache) for cell in wanted.subjects]
    against = [_subject(bench, cell, wanted.task, cache) for cell in wanted.against]
    begin = time.perf_counter()
    with bench.context(Clock(), lambda share: None) as ctx:
        arguments = bind(metric.function, locked.arguments)
        values = metric.function(subjects, against, wanted.seeds, ctx, **arguments)
    return {
        "key": wanted.key,
        "metric": locked.name,
        "subjects": [subject.hash for subject in subjects],
        "against": [subject.hash for subject in against],
        "seeds": wanted.seeds.labels(),
        "values": _plain(locked.name, values),
        "wall": time.perf_counter() - begin,
    }


def _subject(bench: Workbench, cell: Cell, task: int, cache: dict[str, Evaluated]) -> Evaluated:
    if cell.key not in cache:
        columns = [column for metric in bench.lock.metrics for column in metric.spec.columns]
        cache[cell.key] = Evaluated(bench, cell, task, columns)
    return cache[cell.key]


def _plain(name: str, values: Any) -> dict[str, float | None]:
    """Return checked values; one that is not finite is None: recorded, never a number."""
    if not isinstance(values, Mapping) or not values:
        raise SeedwiseError(f"the metric '{name}' must return a mapping of names to numbers")
    wrong = [key for key in values if key != name and not str(key).startswith(f"{name}/")]
    if wrong:
        raise SeedwiseError(
            f"the metric '{name}' returned the name '{wrong[0]}'; names are '{name}' or "
            f"'{name}/...'"
        )
    numbers = {str(key): float(value) for key, value in values.items()}
    return {key: value if math.isfinite(value) else None for key, value in numbers.items()}


def _record_failure(bench: Workbench, wanted: Wanted, error: BaseException) -> None:
    kind = "not-reproducible" if isinstance(error, NotReproducibleError) else "raised"
    attempt = bench.store.fail(
        wanted.key,
        {
            "kind": kind,
            "generation": 0,
            "message": f"{type(error).__name__}: {error}",
            "traceback": "".join(traceback.format_exception(error)),
            "stage": "measure",
            "metric": bench.lock.metrics[wanted.metric].label,
            "seeds": wanted.subjects[0].seeds.labels(),
            "study": bench.lock.study,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )
    bench.snapshot.look("failures", f"{wanted.key}.{attempt}")
