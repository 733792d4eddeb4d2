"""Which work items a study needs next: parts of one original's missing cells, or measurements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from seedwise.design import Cell, Snapshot, wanted_of_ensemble, wanted_of_row
from seedwise.design.snapshot import State


def next_cells(
    snapshot: Snapshot, states: Sequence[State], workers: int, skip: set[str]
) -> list[list[str]]:
    """Return the missing cells in portions, each of one original.

    An original's training, reference and runs go together, so that models are loaded once. With
    fewer originals than workers they are split: first what is trained, then the runs.

    Args:
        snapshot: What the store holds.
        states: The states to make.
        workers: How many portions can run at once.
        skip: Keys that were tried already.
    """
    pending = [cell for cell in snapshot.pending(states) if cell.key not in skip]
    pending = [cell for cell in pending if not _is_blocked(snapshot, cell, pending)]
    by_original: dict[tuple[int, int], list[Cell]] = defaultdict(list)
    for cell in pending:
        by_original[cell.original].append(cell)
    if len(by_original) >= workers:
        return [[cell.key for cell in cells] for cells in by_original.values()]
    trained = [[cell.key] for cell in pending if cell.stage != "unlearn"]
    return trained or _split([cell.key for cell in pending], workers)


def missing_rows(snapshot: Snapshot, *, retry: bool) -> list[list[str]]:
    """Return the finished cells that lack a measurement, in portions of one original."""
    by_original: dict[tuple[int, int], dict[str, None]] = defaultdict(dict)
    for row in snapshot.wanted_rows():
        if snapshot.digest(row.cell) is None:
            continue
        keys = (wanted.key for wanted in wanted_of_row(snapshot, row))
        if _is_missing(snapshot, keys, retry=retry):
            by_original[row.cell.original][row.cell.key] = None
    return [list(cells) for cells in by_original.values()]


def missing_ensembles(snapshot: Snapshot, *, retry: bool) -> list[tuple[int, int]]:
    """Return the (task, method) pairs whose ensemble measurements are missing."""
    lock = snapshot.design.lock
    if not any(metric.spec.level == "ensemble" for metric in lock.metrics):
        return []
    pairs = [(t, m) for t in range(len(lock.tasks)) for m in range(len(lock.methods))]
    return [
        (task, method)
        for task, method in pairs
        if _is_missing(
            snapshot,
            (wanted.key for wanted in wanted_of_ensemble(snapshot, task, method)),
            retry=retry,
        )
    ]


def _is_missing(snapshot: Snapshot, keys: Any, *, retry: bool) -> bool:
    return any(
        key not in snapshot.values and (retry or not snapshot.has_failed(key)) for key in keys
    )


def _is_blocked(snapshot: Snapshot, cell: Cell, pending: Sequence[Cell]) -> bool:
    """An unlearning run waits for its original, and is blocked when that failed."""
    if cell.parent is None:
        return False
    parent = snapshot.design.cells[cell.parent]
    return snapshot.digest(parent) is None and all(other.key != parent.key for other in pending)


def _split(keys: list[str], workers: int) -> list[list[str]]:
    size = -(-len(keys) // workers) if keys else 1
    return [keys[start : start + size] for start in range(0, len(keys), size)]
