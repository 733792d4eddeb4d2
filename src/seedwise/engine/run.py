"""Running a study: rounds of work items until nothing is missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from seedwise.contracts import Event, Executor
from seedwise.design import Design, Snapshot
from seedwise.design.snapshot import State
from seedwise.engine.processes import ProcessExecutor
from seedwise.engine.schedule import missing_ensembles, missing_rows, next_cells
from seedwise.engine.scratch import sweep_scratch
from seedwise.engine.serial import SerialExecutor
from seedwise.errors import SeedwiseError, WorkerError
from seedwise.store import FileStore
from seedwise.study.lock import Lock

_TRIES = 2
"""How often an item is given to a worker before the cell it dies in counts as failed."""
_STILLBORN = 5
"""How many workers may die before they begin anything."""
_POLL_SECONDS = 1.0
_NOTHING: Mapping[str, Any] = {"cells": [], "states": [], "ensembles": []}


@dataclass(frozen=True)
class Options:
    """How to run.

    Args:
        workers: Worker processes; 0 runs everything in this process.
        device: `auto`, `cpu`, `cuda` or `mps`.
        limit: Make at most this many cells, None for all.
        retry: Try failed cells and measurements again.
        redraw: Make cells that could not be reproduced anew, with all their metrics.
    """

    workers: int = 1
    device: str = "auto"
    limit: int | None = None
    retry: bool = False
    redraw: bool = False

    @property
    def states(self) -> tuple[State, ...]:
        """The states of the cells to make."""
        states: list[State] = ["missing", "stale"]
        if self.retry:
            states.append("failed")
        if self.redraw:
            states.append("not-reproducible")
        return tuple(states)


@dataclass
class Outcome:
    """What a run did, and what stands failed after it.

    Args:
        made: Models made.
        measured: Measurements added.
        failures: One message per failed cell or measurement of the study, of earlier runs too.
        new: How many of them are of this run.
    """

    made: int = 0
    measured: int = 0
    failures: list[str] = field(default_factory=list)
    new: int = 0


Observer = Callable[[Event], None]


def run(lock: Lock, store: FileStore, options: Options, observe: Observer) -> Outcome:
    """Make and measure what a study needs and the store lacks.

    First removes what killed runs left half written.

    Args:
        lock: The resolved study.
        store: Where results go.
        options: How to run.
        observe: Is told of every event.

    Raises:
        SeedwiseError: If the store cannot be written or a worker cannot work at all.
        WorkerError: If a worker ran into a defect of seedwise or of a plug-in.
    """
    store.sweep()
    sweep_scratch()
    with _executor(options) as executor:
        return _Run(lock, store, options, observe, executor).all()


@contextmanager
def _executor(options: Options) -> Iterator[Executor]:
    """Yield the executor and stop it at the end, whatever the end is."""
    executor = ProcessExecutor(options.workers) if options.workers else SerialExecutor()
    try:
        yield executor
    finally:
        executor.cancel()


def _error(detail: Mapping[str, Any]) -> Exception:
    """Return what an item failed with: a person's mistake, or a defect with its traceback."""
    if "traceback" not in detail:
        return SeedwiseError(detail["message"])
    defect = WorkerError(detail["message"])
    defect.add_note(detail["traceback"])
    return defect


class _Run:
    """One run: what was tried, what is left of the limit."""

    def __init__(
        self, lock: Lock, store: FileStore, options: Options, observe: Observer, executor: Executor
    ) -> None:
        self.lock, self.store, self.options = lock, store, options
        self.observe, self.executor = observe, executor
        self.snapshot = Snapshot(Design(lock), store)
        self.outcome = Outcome()
        self.tried: set[str] = set()
        self.remeasured: set[str] = set()
        self.losses: dict[str, int] = {}
        self.stillborn = 0
        self.busy = False

    def all(self) -> Outcome:
        """Make cells, then measure what needed other originals, then ensembles."""
        while portions := self._cells():
            states = list(self.options.states)
            self._round([{**_NOTHING, "cells": cells, "states": states} for cells in portions])
            if self.busy:
                time.sleep(_POLL_SECONDS)
        rows = missing_rows(self.snapshot, retry=self.options.retry)
        self._round([{**_NOTHING, "cells": cells} for cells in rows])
        pairs = missing_ensembles(self.snapshot, retry=self.options.retry)
        self._round([{**_NOTHING, "ensembles": [list(pair)]} for pair in pairs])
        self.outcome.failures = self.snapshot.standing_failures()
        return self.outcome

    def _cells(self) -> list[list[str]]:
        options = self.options
        portions = next_cells(self.snapshot, options.states, max(1, options.workers), self.tried)
        if options.limit is None:
            return portions
        left = options.limit - len(self.tried)
        trimmed = []
        for cells in portions:
            trimmed.append(cells[: max(0, left)])
            left -= len(trimmed[-1])
        return [cells for cells in trimmed if cells]

    def _round(self, parts: list[Mapping[str, Any]]) -> None:
        self.busy = False
        for part in parts:
            self.executor.submit({**self._common(), **part})
        lost: list[Mapping[str, Any]] = []
        for event in self.executor.events():
            self._take(event, lost)
            self.observe(event)
        self.snapshot.refresh()
        if lost:
            self._round([{key: item[key] for key in _NOTHING} for item in lost])

    def _common(self) -> dict[str, Any]:
        return {
            "lock": str(self.store.lock_path(self.lock.study)),
            "lock_hash": self.lock.digest,
            "store": str(self.store.root),
            "device": self.options.device,
            "retry": self.options.retry,
        }

    def _take(self, event: Event, lost: list[Mapping[str, Any]]) -> None:
        detail = event.detail
        if event.kind == "failed":
            raise _error(detail)
        if event.kind == "lost":
            self._lose(event, lost)
        elif event.kind == "cell":
            self._news(detail)

    def _news(self, detail: Mapping[str, Any]) -> None:
        state = detail["state"]
        if state in ("done", "failed"):
            self.tried.add(detail["cell"])
        if state == "done":
            self.outcome.made += 1
        elif state == "failed":
            self.outcome.new += 1
        elif state == "busy":
            self.busy = True
        elif state == "measured":
            self.outcome.measured += detail["count"] - detail["failed"]
            self.outcome.new += detail["failed"]

    def _lose(self, event: Event, lost: list[Mapping[str, Any]]) -> None:
        """Give the item of a dead worker to another; a cell that kills twice is a failed cell."""
        cell, message = event.detail["cell"], event.detail["message"]
        if cell is None:
            self.stillborn += 1
            if self.stillborn >= _STILLBORN:
                raise SeedwiseError(f"workers cannot start: {message}")
            lost.append(event.item)
            return
        self.losses[cell] = self.losses.get(cell, 0) + 1
        item = dict(event.item)
        if self.losses[cell] >= _TRIES:
            self._fail(cell, message)
            item["cells"] = [key for key in item["cells"] if key != cell]
        lost.append(item)

    def _fail(self, key: str, message: str) -> None:
        cell = self.snapshot.design.cells.get(key)
        if cell is None:
            raise SeedwiseError(message)
        self.tried.add(key)
        self.outcome.new += 1
        failure = {
            "kind": "raised",
            "generation": self.snapshot.next_generation(cell),
            "message": message,
            "stage": cell.stage,
            "seeds": cell.seeds.labels(),
            "study": self.lock.study,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self.store.fail(key, failure)
