"""Making one cell and writing its record."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seedwise.contracts import Clock, Trained
from seedwise.design import Cell
from seedwise.design.keeping import keeps_weights
from seedwise.engine.signature import PeakMemory, git_state
from seedwise.engine.workbench import Workbench, count_history
from seedwise.store.atomic import replace_with


def make(bench: Workbench, cell: Cell, tick: Callable[[float], None]) -> None:
    """Make a cell and record it; another process's record counts if that was first.

    Raises:
        Exception: Whatever the domain or the method raised.
    """
    clock = Clock()
    with bench.context(clock, tick) as ctx, PeakMemory(bench.device) as memory:
        if cell.stage == "unlearn":
            done: Trained[Any] = Trained(bench.unlearn(cell, ctx), start="")
        else:
            done = bench.train(cell, ctx, _captures(bench, cell))
            count_history(clock, done.extras)
    digest = bench.problem(cell.task or 0, cell.seeds.partition).digest(done.model)
    bench.keep_extras(digest, done)
    record = _record(bench, cell, done, digest, clock, memory)
    name = f"{cell.key}.{record['generation']}"
    bench.remember(digest, done.model)
    bench.store.put("models", name, record)
    bench.snapshot.look("models", name)


def record_failure(bench: Workbench, cell: Cell, error: BaseException) -> None:
    """Write a failed attempt with its traceback."""
    failure = {
        "kind": "raised",
        "generation": bench.snapshot.next_generation(cell),
        "message": f"{type(error).__name__}: {error}",
        "traceback": "".join(traceback.format_exception(error)),
        "stage": cell.stage,
        "seeds": cell.seeds.labels(),
        "study": bench.lock.study,
        "method": bench.design.label(cell),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    attempt = bench.store.fail(cell.key, failure)
    bench.snapshot.look("failures", f"{cell.key}.{attempt}")


def _captures(bench: Workbench, cell: Cell) -> tuple[str, ...]:
    """Training keeps no more history than the study's methods need."""
    if cell.stage != "train":
        return ()
    return tuple(sorted({name for method in bench.lock.methods for name in method.needs}))


def _record(
    bench: Workbench, cell: Cell, done: Trained[Any], digest: str, clock: Clock, memory: PeakMemory
) -> dict[str, Any]:
    parent = bench.snapshot.records[cell.parent]["digest"] if cell.parent else None
    return {
        "key": cell.key,
        "generation": bench.snapshot.next_generation(cell),
        "study": bench.lock.study,
        "stage": cell.stage,
        "task": None if cell.task is None else bench.lock.tasks[cell.task].name,
        "method": bench.design.label(cell),
        "seeds": cell.seeds.labels(),
        "ingredients": cell.ingredients,
        "digest": digest,
        "start": done.start,
        "adopted": _adopted(bench, cell),
        "inputs": {"parent": parent, "data": cell.ingredients["data"]},
        "clocks": {"wall": clock.wall, "cpu": clock.cpu},
        "counts": clock.counts,
        "peak_memory": memory.bytes,
        "resident_memory": memory.resident,
        "signature": bench.signature(),
        "git": git_state(bench.lock.folder),
        "artifact": _keep(bench, cell, done.model, digest),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _adopted(bench: Workbench, cell: Cell) -> str | None:
    """Return where a finished checkpoint came from: commit on the hub, or path."""
    found = bench.adopted(cell)
    return found and (found.hub or found.path)


def _keep(bench: Workbench, cell: Cell, model: Any, digest: str) -> dict[str, Any] | None:
    """Write the weights where the study keeps them: beside the records, named by their hash."""
    parent = bench.snapshot.records[cell.parent]["artifact"] if cell.parent else None
    if not keeps_weights(bench.design, cell.stage, parent and parent["bytes"]):
        return None
    problem = bench.problem(cell.task or 0, cell.seeds.partition)
    path = bench.store.file("weights", f"{digest}.safetensors")
    saved: list[Any] = []

    def write(temporary: Path) -> None:
        saved.append(problem.save(model, temporary))

    replace_with(path, write)
    return {
        "path": str(path.relative_to(bench.store.root)),
        "sha256": saved[0].sha256,
        "base": saved[0].base,
        "bytes": path.stat().st_size,
    }
