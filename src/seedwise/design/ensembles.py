"""Which measurements an ensemble metric wants: on all models, without each original, and its null.

The null of a distance between the unlearned and the retrained models of a study is not zero: it
depends on how many there are. So the labels are exchanged at the level of the training seed, one
run per original, and the metric is computed again on as many models; beside it stands the same
draw with the labels as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from seedwise.design.cells import Cell
from seedwise.design.measurements import Wanted, measurement, streams_of
from seedwise.design.snapshot import Snapshot
from seedwise.seeds import SeedStreams
from seedwise.study.spec import REFERENCE

NULL_DRAWS = 20
"""Exchanges of labels: the mean of the null is known to a quarter of its spread."""

_Sides = tuple[tuple[Cell, ...], tuple[Cell, ...]]


@dataclass(frozen=True)
class _Ensemble:
    """All models of a method and all references that did not fail, by their seeds.

    The order is that of the seeds, not of the study's lists: sums over models keep their bits.
    """

    task: int
    runs: tuple[Cell, ...]
    references: tuple[Cell, ...]
    lost: int

    @property
    def originals(self) -> tuple[tuple[int, int], ...]:
        return tuple(dict.fromkeys(cell.original for cell in (*self.runs, *self.references)))


def wanted_of_ensemble(snapshot: Snapshot, task: int, method: int) -> Iterator[Wanted]:
    """Yield the ensemble measurements of a method; none while one of its models is to come.

    Args:
        snapshot: What the store holds.
        task: Index of the forget set.
        method: Index of the method; the reference has none.
    """
    lock = snapshot.design.lock
    numbers = [n for n, metric in enumerate(lock.metrics) if metric.spec.level == "ensemble"]
    if not numbers or lock.methods[method].name == REFERENCE:
        return
    ensemble = _ensemble(snapshot, task, method)
    for number in numbers:
        yield from _with_jackknife(snapshot, ensemble, number)
        yield from _null(snapshot, ensemble, number)


def _ensemble(snapshot: Snapshot, task: int, method: int) -> _Ensemble:
    design = snapshot.design
    runs = [r.cell for r in snapshot.wanted_rows() if (r.task, r.method) == (task, method)]
    references = [design.retrain(task, p, i) for p, i in design.originals]
    alive = [_alive(snapshot, cells) for cells in (runs, references)]
    lost = len(runs) + len(references) - sum(map(len, alive))
    return _Ensemble(task, alive[0], alive[1], lost)


def _alive(snapshot: Snapshot, cells: Sequence[Cell]) -> tuple[Cell, ...]:
    alive = (cell for cell in cells if not snapshot.is_lost(cell))
    return tuple(sorted(alive, key=lambda cell: tuple(cell.seeds.labels().values())))


def _with_jackknife(snapshot: Snapshot, ensemble: _Ensemble, number: int) -> Iterator[Wanted]:
    for left_out in (None, *ensemble.originals):
        sides = (_without(ensemble.runs, left_out), _without(ensemble.references, left_out))
        for made in _measurements(snapshot, ensemble, number, sides):
            yield replace(made, left_out=left_out)


def _null(snapshot: Snapshot, ensemble: _Ensemble, number: int) -> Iterator[Wanted]:
    """Yield each draw twice: with the labels as they are and exchanged."""
    paired = snapshot.design.lock.reference == "paired"
    for draw in range(NULL_DRAWS):
        picked = _one_run_each(ensemble, draw)
        exchange = _swapped if paired else _dealt
        for exchanged, sides in ((False, picked), (True, exchange(*picked, draw))):
            for made in _measurements(snapshot, ensemble, number, sides):
                yield replace(made, draw=draw, exchanged=exchanged)


def _measurements(
    snapshot: Snapshot, ensemble: _Ensemble, number: int, sides: _Sides
) -> Iterator[Wanted]:
    """Yield one measurement per evaluation seed; the stream is that of the first original."""
    if not all(sides):
        return
    subjects, against = sides
    place = subjects[0].seeds
    scope = SeedStreams(ensemble.runs[0].seeds.scope, place.partition)
    for seeds in streams_of(snapshot, snapshot.design.lock.metrics[number], scope):
        made = measurement(snapshot, number, ensemble.task, subjects, against, seeds)
        if made is not None:
            yield replace(made, lost=ensemble.lost)


def _without(cells: Sequence[Cell], left_out: tuple[int, int] | None) -> tuple[Cell, ...]:
    return tuple(cell for cell in cells if cell.original != left_out)


def _one_run_each(ensemble: _Ensemble, draw: int) -> _Sides:
    """Return one drawn run and the reference of every original that has both."""
    references = {cell.original: cell for cell in ensemble.references}
    runs = [
        min(
            (cell for cell in ensemble.runs if cell.original == place),
            key=lambda cell: _number(cell, "pick", draw),
            default=None,
        )
        for place in references
    ]
    picked = tuple(cell for cell in runs if cell is not None)
    return picked, tuple(references[cell.original] for cell in picked)


def _swapped(runs: tuple[Cell, ...], references: tuple[Cell, ...], draw: int) -> _Sides:
    """Exchange labels within each original: a run and the reference that belongs to it."""
    pairs = [
        (theirs, ours) if _number(ours, "exchange", draw) < 0.5 else (ours, theirs)
        for ours, theirs in zip(runs, references, strict=True)
    ]
    return tuple(ours for ours, _ in pairs), tuple(theirs for _, theirs in pairs)


def _dealt(runs: tuple[Cell, ...], references: tuple[Cell, ...], draw: int) -> _Sides:
    """Deal all models anew into two groups as large as before."""
    cells = sorted((*runs, *references), key=lambda cell: _number(cell, "exchange", draw))
    return tuple(cells[: len(runs)]), tuple(cells[len(runs) :])


def _number(cell: Cell, purpose: str, draw: int) -> float:
    """Draw in [0, 1) for one model: whichever other models there are."""
    scope = f"null/{cell.seeds.scope}/{cell.task}"
    return float(replace(cell.seeds, scope=scope).generator(purpose, draw).random())
