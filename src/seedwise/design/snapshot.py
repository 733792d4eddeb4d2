"""What of a design a store holds: finished, failed, stale, missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
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
        self.failures: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self.values: dict[str, Mapping[str, Any]] = {}
        self._seen: set[tuple[str, str]] = set()
        self.refresh()

    def refresh(self) -> None:
        """Read what is new in the store."""
        for kind in ("models", "failures", "measurements"):
            for key in self.store.keys(kind):
                self.look(kind, key)

    def look(self, kind: str, key: str) -> None:
        """Read one record of the store unless it was read already."""
        if (kind, key) not in self._seen:
            body = self.store.get(kind, key)
            if body is not None:
                self._seen.add((kind, key))
                self._add(kind, body)

    def state(self, cell: Cell) -> State:
        """Return where a cell stands."""
        record = self.records.get(cell.key)
        if record is not None and not self._is_stale(cell, record):
            redo = self._has_failed(cell, record["generation"], NOT_REPRODUCIBLE)
            return "not-reproducible" if redo else "done"
        if self._has_failed(cell, self.next_generation(cell), "raised"):
            return "failed"
        return "missing" if record is None else "stale"

    def digest(self, cell: Cell | None) -> str | None:
        """Return the parameter hash of a finished, current cell, otherwise None."""
        if cell is None or self.state(cell) not in ("done", "not-reproducible"):
            return None
        return self.records[cell.key]["digest"]

    def is_lost(self, cell: Cell) -> bool:
        """Return whether a cell failed, or the original it starts from did."""
        parent = None if cell.parent is None else self.design.cells[cell.parent]
        return "failed" in (self.state(cell), parent and self.state(parent))

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
        return [row for row in self.design.rows if self._is_wanted(row)]

    def wanted_rows_of(self, cell: Cell) -> list[Row]:
        """Return the rows whose model a cell is: an original serves every forget set."""
        return [row for row in self._rows_by_cell.get(cell.key, []) if self._is_wanted(row)]

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

    def standing_failures(self) -> list[str]:
        """Return one message per failed cell and measurement of the design, the latest of each."""
        found = []
        for cell in self.pending(["failed", "not-reproducible"]):
            name = f"{self.design.label(cell)} {cell.seeds.labels()}"
            found.append(f"{name}: {self.failures[cell.key][-1]['message']}")
        keys = {failure["key"] for failures in self.failures.values() for failure in failures}
        for key in sorted(keys - set(self.values)):
            last = self.failures[key][-1]
            if last["stage"] == "measure" and last["study"] == self.design.lock.study:
                found.append(f"{last['metric']} {last['seeds']}: {last['message']}")
        return found

    def has_failed(self, key: str) -> bool:
        """Return whether a measurement was tried and raised."""
        return key not in self.values and key in self.failures

    @cached_property
    def _rows_by_cell(self) -> dict[str, list[Row]]:
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in self.design.rows:
            rows[row.cell.key].append(row)
        return rows

    def _is_wanted(self, row: Row) -> bool:
        return (
            row.cell.stage != "unlearn"
            or row.cell.seeds.unlearning == self.design.unlearning_seeds(row.method)[0]
            or self.verdict(row.task, row.method) in ("stochastic", "not")
        )

    def _add(self, kind: str, body: Mapping[str, Any]) -> None:
        if kind == "models":
            known = self.records.get(body["key"])
            if known is None or known["generation"] < body["generation"]:
                self.records[body["key"]] = body
        elif kind == "failures":
            self.failures[body["key"]].append(body)
        else:
            self.values |= {entry["key"]: entry for entry in body["entries"]}

    def _has_failed(self, cell: Cell, generation: int, kind: str) -> bool:
        return any(
            (failure["generation"], failure["kind"]) == (generation, kind)
            for failure in self.failures.get(cell.key, [])
        )

    def _is_stale(self, cell: Cell, record: Mapping[str, Any]) -> bool:
        if cell.parent is None:
            return False
        parent = self.records.get(cell.parent)
        return parent is not None and parent["digest"] != record["inputs"]["parent"]
