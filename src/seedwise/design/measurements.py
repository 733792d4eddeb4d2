"""Which measurements a design wants, and their keys.

A measurement is keyed by the metric and its arguments, the hashes of the models it is about, the
data and, for a stochastic metric, the evaluation stream. So a metric or a reference that is added
later only adds measurements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seedwise.design.cells import Cell, Row
from seedwise.design.snapshot import Snapshot
from seedwise.seeds import NoStreams, SeedStreams
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
        left_out: The original that an ensemble leaves out, for its jackknife.
        lost: Failed models that an ensemble has to do without.
        draw: Number of the draw that an ensemble of one run per original comes from.
        exchanged: Whether that draw exchanged the labels unlearned and retrained.
    """

    key: str
    metric: int
    task: int
    subjects: tuple[Cell, ...]
    against: tuple[Cell, ...]
    seeds: SeedStreams
    left_out: tuple[int, int] | None = None
    lost: int = 0
    draw: int | None = None
    exchanged: bool = False


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
        for seeds in streams_of(snapshot, metric, row.cell.seeds, evaluations=evaluations):
            made = measurement(snapshot, number, row.task, (row.cell,), against, seeds)
            if made is not None:
                yield made


def streams_of(
    snapshot: Snapshot, metric: LockedMetric, place: SeedStreams, *, evaluations: bool = True
) -> list[SeedStreams]:
    """Return one stream per evaluation seed, or a closed one for a metric that draws nothing."""
    scope = f"metric/{metric.name}/{place.scope}"
    if not metric.spec.stochastic:
        return [NoStreams(scope, place.partition, place.training, place.unlearning)]
    seeds = snapshot.design.lock.seeds.evaluation
    return [
        SeedStreams(scope, place.partition, place.training, place.unlearning, k)
        for k in (seeds if evaluations else seeds[:1])
    ]


def measurement(
    snapshot: Snapshot,
    number: int,
    task: int,
    subjects: tuple[Cell, ...],
    against: tuple[Cell, ...],
    seeds: SeedStreams,
) -> Wanted | None:
    """Return a measurement with its key, None while one of its models is not finished."""
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
