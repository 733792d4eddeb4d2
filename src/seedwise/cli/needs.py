"""What a run would make, as `plan` and `run --dry-run` say it: cells, time, memory, disk."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedwise.design import Forecast

_PARTS = {
    "weights": "of weights",
    "outputs": "of outputs per example",
    "history": "of training history",
}


def needs(found: Forecast, workers: int | None) -> list[str]:
    """Return a table of the cells, and what those that are left take.

    Args:
        found: What the study needs.
        workers: Processes that would share the work, None if that is not known.
    """
    left = sum(found.left.values())
    nothing = not left and not found.measurements
    said = ["Nothing is left to make."] if nothing else [*_time(found, workers), *_room(found)]
    return [*_table(found), *said]


def _table(found: Forecast) -> Iterator[str]:
    from seedwise.report.grids import Grid
    from seedwise.report.numbers import duration
    from seedwise.report.plan import aligned

    rows = tuple(
        (
            f"{one.stage} {one.method}",
            str(one.total),
            str(one.done),
            str(one.left),
            duration(one.seconds),
            _bytes(one.memory),
            _bytes(one.disk),
        )
        for one in found.stages
    )
    head = ("cells", "wanted", "in the store", "to make", "time each", "memory", "kept each")
    return iter(aligned(Grid(head, rows)))


def _time(found: Forecast, workers: int | None) -> Iterator[str]:
    from seedwise.report.numbers import count, duration

    models = count(sum(found.left.values()), "model")
    said = f"Left: {models}, {count(found.measurements, 'measurement')}"
    if found.again:
        said += f" ({count(found.again, 'finished model')} among those to measure)"
    if found.seconds:
        said += f"; about {duration(found.seconds)} of computing"
        if workers:
            said += f" (about {duration(found.seconds / workers)} on {workers} workers)"
        said += ", by what was made before"
    yield f"{said}."
    if found.unknown:
        names = ", ".join(found.unknown)
        yield f"No measured time yet: {names}; plan --calibrate makes one of each and measures."
    if found.seconds and found.measurements and found.unmeasured:
        yield f"Not in it: metrics never measured here ({', '.join(found.unmeasured)})."


def _room(found: Forecast) -> Iterator[str]:
    kept = {words: found.bytes(part) for part, words in _PARTS.items()}
    said = [f"{_bytes(size)} {words}" for words, size in kept.items() if size]
    if said:
        yield f"Kept of what is left: {', '.join(said)}."
    if not math.isnan(found.memory):
        yield f"Memory of a worker: up to {_bytes(found.memory)}."


def _bytes(value: float) -> str:
    if math.isnan(value):
        return "-"
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.0f} B"
