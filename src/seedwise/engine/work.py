"""Performing one work item: the same code in this process, in a worker, on a cluster node."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
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
_CLAIM_SECONDS = 120.0
_RENEW_SECONDS = 30.0


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
        bench.ready(bench.design.cells[key])
        yield from _serve(bench, bench.design.cells[key], tick, item)
    for task, method in item["ensembles"]:
        wanted = list(wanted_of_ensemble(bench.snapshot, task, method))
        yield from _measure(bench, wanted, f"{task}-{method}", retry=item["retry"])


@lru_cache(maxsize=1)
def _bench(lock: str, lock_hash: str, store: str, device: str) -> Workbench:
    known = read_lock(Path(lock))
    if known is None or known.digest != lock_hash:
        raise StoreError(f"{lock}: the study was resolved anew while it ran; run it again")
    return Workbench(known, FileStore(store), device)


def _serve(
    bench: Workbench, cell: Cell, tick: Tick, item: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Make and measure a cell, unless its original failed or another process is at it."""
    if cell.parent and bench.snapshot.digest(bench.design.cells[cell.parent]) is None:
        return
    if not bench.store.claim(cell.key, _CLAIM_SECONDS):
        yield {"cell": cell.key, "state": "busy"}
        return
    with _held(bench.store, cell.key):
        if bench.snapshot.state(cell) in item["states"]:
            yield from _make_claimed(bench, cell, tick)
        else:
            bench.snapshot.refresh()
        if bench.snapshot.digest(cell) is not None:
            for row in bench.snapshot.wanted_rows_of(cell):
                wanted = list(wanted_of_row(bench.snapshot, row))
                yield from _measure(bench, wanted, cell.key, retry=item["retry"])


@contextmanager
def _held(store: FileStore, key: str) -> Iterator[None]:
    """Renew a claim while the block runs, so that other hosts see it alive; then give it back."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(_RENEW_SECONDS):
            with suppress(StoreError):
                store.claim(key, _CLAIM_SECONDS)

    beat = threading.Thread(target=renew, daemon=True)
    beat.start()
    try:
        yield
    finally:
        over.set()
        beat.join()
        store.release(key)


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
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a method may raise anything
        record_failure(bench, cell, error)
        message = f"{bench.design.label(cell)} {cell.seeds.labels()}: {error}"
        yield {"cell": cell.key, "state": "failed", "message": message}
    else:
        yield {"cell": cell.key, "state": "done", "seconds": time.perf_counter() - begin}


def _measure(
    bench: Workbench, wanted: list[Wanted], name: str, *, retry: bool
) -> Iterator[dict[str, Any]]:
    snapshot = bench.snapshot
    missing = {
        one.key: one
        for one in wanted
        if one.key not in snapshot.values and (retry or not snapshot.has_failed(one.key))
    }
    if missing:
        begin = time.perf_counter()
        failed = measure(bench, list(missing.values()))
        spent = time.perf_counter() - begin
        counts = {"count": len(missing), "failed": failed}
        yield {"cell": name, "state": "measured", "seconds": spent, **counts}
