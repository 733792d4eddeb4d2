"""What of a design a store holds: finished, failed, stale, missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from seedwise.contracts import Store
from seedwise.design.cells import Cell, Design, Row

State = Literal["done", "missing", "stale", "failed", "not-reproducible"]
NOT_REPRODUCIBLE = "not-reproducible"


class Snapshot:
    """The records of a store, read once.

    A record made again with other bits (`--redraw`, or after its parent changed) is a new
    generation under the same key; the latest one counts.

    Args:
        design: The design to hold against the store.
        store: The store.
    """

    def __init__(self, design: Design, store: Store) -> None:
        self.design, self.store = design, store
        self.records: dict[str, Mapping[str, Any]] = {}
        for record in store.scan("models"):
            self.add(record)
        self.failures: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for failure in store.scan("failures"):
            self.failures[failure["key"]].append(failure)
        self.values: dict[str, Mapping[str, Any]] = {}
        for done in store.scan("measurements"):
            self.values |= {entry["key"]: entry for entry in done["entries"]}

    def add(self, record: Mapping[str, Any]) -> None:
        """Take note of a record; an older generation does not replace a newer one."""
        known = self.records.get(record["key"])
        if known is None or known["generation"] <= record["generation"]:
            self.records[record["key"]] = record

    def state(self, cell: Cell) -> State:
        """Return where a cell stands."""
        record = self.records.get(cell.key)
        failures = self._failures_of(cell)
        if record is None:
            return "failed" if failures else "missing"
        if self._is_stale(cell, record):
            return "failed" if failures else "stale"
        if any(failure["kind"] == NOT_REPRODUCIBLE for failure in failures):
            return "not-reproducible"
        return "done"

    def digest(self, cell: Cell | None) -> str | None:
        """Return the parameter hash of a finished, current cell, otherwise None."""
        if cell is None or self.state(cell) not in ("done", "not-reproducible"):
            return None
        return self.records[cell.key]["digest"]

    def next_generation(self, cell: Cell) -> int:
        """Return the generation that a new record of a cell would be."""
        record = self.records.get(cell.key)
        return 0 if record is None else record["generation"] + 1

    def verdict(
        self, task: int, method: int
    ) -> Literal["stochastic", "declared", "verified", "not"]:
        """Return whether a method is deterministic: declared, then verified or refuted by runs."""
        if (task, method) not in self.design.checks:
            return "stochastic"
        first, second = (self.digest(cell) for cell in self.design.checks[task, method])
        if first is None or second is None:
            return "declared"
        return "verified" if first == second else "not"

    def wanted_rows(self) -> list[Row]:
        """Return the rows of the table: one unlearning seed where nothing is drawn."""
        first = self.design.unlearning_seeds[0]
        return [
            row
            for row in self.design.rows
            if row.cell.stage != "unlearn"
            or row.cell.seeds.unlearning == first
            or self.verdict(row.task, row.method) in ("stochastic", "not")
        ]

    def wanted_cells(self) -> list[Cell]:
        """Return the cells to make, originals first within their place."""
        wanted = {row.cell.key for row in self.wanted_rows()}
        wanted |= {cell.key for pair in self.design.checks.values() for cell in pair}
        return [
            cell
            for cell in self.design.cells.values()
            if cell.stage != "unlearn" or cell.key in wanted
        ]

    def pending(self, states: Iterable[State]) -> list[Cell]:
        """Return the wanted cells in one of these states."""
        states = set(states)
        return [cell for cell in self.wanted_cells() if self.state(cell) in states]

    def has_failed(self, key: str) -> bool:
        """Return whether a measurement was tried and raised."""
        return key not in self.values and key in self.failures

    def _failures_of(self, cell: Cell) -> list[Mapping[str, Any]]:
        """A failure counts until the record it was about, or it stood in for, is replaced."""
        record = self.records.get(cell.key)
        current = -1 if record is None else record["generation"]
        failures = self.failures.get(cell.key, [])
        return [
            f
            for f in failures
            if f["generation"] >= max(current, 0)
            and not (f["generation"] == current and f["kind"] != NOT_REPRODUCIBLE)
        ]

    def _is_stale(self, cell: Cell, record: Mapping[str, Any]) -> bool:
        if cell.parent is None:
            return False
        parent = self.records.get(cell.parent)
        return parent is not None and parent["digest"] != record["inputs"]["parent"]
