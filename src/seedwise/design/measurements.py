"""Which measurements a design wants, and their keys.

A measurement is keyed by the metric and its arguments, the hashes of the models it is about, the
data and, for a stochastic metric, the evaluation stream. So a metric or a reference that is added
later only adds measurements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from seedwise.design.cells import Cell, Row
from seedwise.design.snapshot import Snapshot
from seedwise.seeds import NoStreams, SeedStreams
from seedwise.study.check import REFERENCE
from seedwise.study.lock import LockedMetric, sha256


@dataclass(frozen=True)
class Wanted:
    """One measurement: a metric on some models, against some references.

    Args:
        key: Hash of all that decides the value.
        metric: Index of the metric in the lock.
        task: Index of the forget set.
        subjects: The cells measured: one, or all runs of a method.
        against: The reference cells: none, one, or all.
        seeds: The stream of the evaluation.
        left_out: Training seed that an ensemble leaves out, for its jackknife.
        lost: Failed models that an ensemble has to do without.
    """

    key: str
    metric: int
    task: int
    subjects: tuple[Cell, ...]
    against: tuple[Cell, ...]
    seeds: SeedStreams
    left_out: tuple[int, int] | None = None
    lost: int = 0


def wanted_of_row(snapshot: Snapshot, row: Row, *, evaluations: bool = True) -> Iterator[Wanted]:
    """Yield the measurements of one row whose models are finished.

    Args:
        snapshot: What the store holds.
        row: The row.
        evaluations: False gives the first evaluation seed only.
    """
    for number, metric in enumerate(snapshot.design.lock.metrics):
        if metric.spec.level not in ("model", "pair"):
            continue
        against: tuple[Cell, ...] = ()
        if metric.spec.level == "pair":
            reference = snapshot.design.reference_of(row)
            if reference is None:
                continue
            against = (reference,)
        for seeds in _streams(snapshot, metric, row.cell.seeds, evaluations=evaluations):
            made = _wanted(snapshot, number, row.task, (row.cell,), against, seeds)
            if made is not None:
                yield made


def wanted_of_ensemble(snapshot: Snapshot, task: int, method: int) -> Iterator[Wanted]:
    """Yield the ensemble measurements of a method: on all models, and without each original.

    All models are those that did not fail; nothing is wanted while one of them is still to come.
    """
    design = snapshot.design
    if design.lock.methods[method].name == REFERENCE:
        return
    runs = [r.cell for r in snapshot.wanted_rows() if (r.task, r.method) == (task, method)]
    references = [design.retrain(task, p, i) for p, i in design.originals]
    subjects, against = (_alive(snapshot, cells) for cells in (runs, references))
    lost = len(runs) + len(references) - len(subjects) - len(against)
    for number, metric in enumerate(design.lock.metrics):
        if metric.spec.level != "ensemble":
            continue
        for left_out in (None, *dict.fromkeys(cell.original for cell in (*subjects, *against))):
            sides = (_without(subjects, left_out), _without(against, left_out))
            place = next(place for place in (*design.originals, (0, 0)) if place != left_out)
            scope = SeedStreams(runs[0].seeds.scope, place[0])
            for seeds in _streams(snapshot, metric, scope):
                made = _wanted(snapshot, number, task, *sides, seeds)
                if made is not None:
                    yield replace(made, left_out=left_out, lost=lost)


def _alive(snapshot: Snapshot, cells: Sequence[Cell]) -> tuple[Cell, ...]:
    return tuple(cell for cell in cells if not snapshot.is_lost(cell))


def _without(cells: Sequence[Cell], left_out: tuple[int, int] | None) -> tuple[Cell, ...]:
    return tuple(cell for cell in cells if cell.original != left_out)


def _streams(
    snapshot: Snapshot, metric: LockedMetric, place: SeedStreams, *, evaluations: bool = True
) -> list[SeedStreams]:
    """One stream per evaluation seed, or one closed stream for a metric that draws nothing."""
    scope = f"metric/{metric.name}/{place.scope}"
    if not metric.spec.stochastic:
        return [NoStreams(scope, place.partition, place.training, place.unlearning)]
    seeds = snapshot.design.lock.seeds.evaluation
    return [
        SeedStreams(scope, place.partition, place.training, place.unlearning, k)
        for k in (seeds if evaluations else seeds[:1])
    ]


def _wanted(
    snapshot: Snapshot,
    number: int,
    task: int,
    subjects: tuple[Cell, ...],
    against: tuple[Cell, ...],
    seeds: SeedStreams,
) -> Wanted | None:
    """Return the measurement, None while one of its models is not finished."""
    hashes = [_digests(snapshot, cells) for cells in (subjects, against)]
    if not subjects or hashes[0] is None or hashes[1] is None:
        return None
    metric = snapshot.design.lock.metrics[number]
    key = sha256(
        {
            "metric": metric.identity,
            "subjects": hashes[0],
            "against": hashes[1],
            "data": snapshot.design.lock.tasks[task].fingerprints[seeds.partition],
            "stream": {"scope": seeds.scope, **seeds.labels()} if metric.spec.stochastic else None,
        }
    )
    return Wanted(key, number, task, subjects, against, seeds)


def _digests(snapshot: Snapshot, cells: Sequence[Cell]) -> list[str] | None:
    digests = [snapshot.digest(cell) for cell in cells]
    return None if None in digests else [digest for digest in digests if digest is not None]
