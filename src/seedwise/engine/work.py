"""Performing one work item: the same code in this process, in a worker, on a cluster node."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from seedwise.design import Cell, Wanted, wanted_of_ensemble, wanted_of_row
from seedwise.engine.cells import make, record_failure
from seedwise.engine.measure import measure
from seedwise.engine.workbench import Workbench
from seedwise.errors import StoreError
from seedwise.store import FileStore
from seedwise.study.lock import read_lock

Tick = Callable[[str, float], None]
_CLAIM_SECONDS = 6 * 3600.0


def perform(item: Mapping[str, Any], tick: Tick) -> Iterator[dict[str, Any]]:
    """Make the cells of an item and measure what is missing of them.

    Args:
        item: JSON: `lock` (path), `lock_hash`, `store`, `device`, `cells` (keys; those in one of
            `states` are made, all are measured), `ensembles` (task and method indices), `retry`
            (repeat failed measurements).
        tick: Receives the share of a running cell, by its key.

    Yields:
        What happens: `{"cell": key, "state": ...}` with `started`, `done`, `failed`, `busy` or
        `measured`.

    Raises:
        StoreError: If the store cannot be written; nothing recorded is lost.
    """
    bench = _bench(item["lock"], item["lock_hash"], item["store"], item["device"])
    bench.snapshot.refresh()
    for key in item["cells"]:
        cell = bench.design.cells[key]
        bench.problem(cell.task or 0, cell.seeds.partition)
        yield from _make(bench, cell, tick, item["states"])
        if bench.snapshot.digest(cell) is not None:
            for row in bench.snapshot.wanted_rows_of(cell):
                wanted = list(wanted_of_row(bench.snapshot, row))
                yield from _measure(bench, wanted, key, retry=item["retry"])
    for task, method in item["ensembles"]:
        wanted = list(wanted_of_ensemble(bench.snapshot, task, method))
        yield from _measure(bench, wanted, f"{task}-{method}", retry=item["retry"])


@lru_cache(maxsize=1)
def _bench(lock: str, lock_hash: str, store: str, device: str) -> Workbench:
    known = read_lock(Path(lock))
    if known is None or known.digest != lock_hash:
        raise StoreError(f"{lock}: the study was resolved anew while it ran; run it again")
    return Workbench(known, FileStore(store), device)


def _make(
    bench: Workbench, cell: Cell, tick: Tick, states: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Make a cell in one of these states, unless its original failed or another is at it."""
    if bench.snapshot.state(cell) not in states:
        return
    if cell.parent and bench.snapshot.digest(bench.design.cells[cell.parent]) is None:
        return
    if not bench.store.claim(cell.key, _CLAIM_SECONDS):
        yield {"cell": cell.key, "state": "busy"}
        return
    try:
        yield from _make_claimed(bench, cell, tick)
    finally:
        bench.store.release(cell.key)


def _make_claimed(bench: Workbench, cell: Cell, tick: Tick) -> Iterator[dict[str, Any]]:
    bench.snapshot.look("models", f"{cell.key}.{bench.snapshot.next_generation(cell)}")
    if bench.snapshot.state(cell) == "done":
        return
    begin = time.perf_counter()
    yield {"cell": cell.key, "state": "started"}
    try:
        make(bench, cell, lambda share: tick(cell.key, share))
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - a method may raise anything: a failed cell
        record_failure(bench, cell, error)
        message = f"{bench.design.label(cell)} {cell.seeds.labels()}: {error}"
        yield {"cell": cell.key, "state": "failed", "message": message}
    else:
        yield {"cell": cell.key, "state": "done", "seconds": time.perf_counter() - begin}


def _measure(
    bench: Workbench, wanted: list[Wanted], name: str, *, retry: bool
) -> Iterator[dict[str, Any]]:
    snapshot = bench.snapshot
    missing = [
        one
        for one in wanted
        if one.key not in snapshot.values and (retry or not snapshot.has_failed(one.key))
    ]
    if missing:
        failed = measure(bench, missing)
        yield {"cell": name, "state": "measured", "count": len(missing), "failed": failed}
