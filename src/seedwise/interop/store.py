"""From the records of a store to `Results`; neither torch nor data are needed."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from seedwise import registry
from seedwise.contracts import Context, Metric
from seedwise.design import Cell, Design, Row, Snapshot, Wanted, wanted_of_ensemble, wanted_of_row
from seedwise.errors import StoreError, did_you_mean
from seedwise.interop.costs import costs_of
from seedwise.interop.stopping import stopping_of
from seedwise.results import Results
from seedwise.results.core import Determinism
from seedwise.results.ensembles import COLUMNS as ENSEMBLE_COLUMNS
from seedwise.results.tidy import COLUMNS, REFERENCE
from seedwise.seeds import NoStreams
from seedwise.store import FileStore
from seedwise.store.looks import Look, log_look, looks_at, outside_rules
from seedwise.study.lock import Lock, LockedMetric, read_lock
from seedwise.study.plugins import load_plugins

CHECK_COLUMNS = ("task", "method", "training_seed", "unlearning_seed", "check", "message")


def find_lock(store: FileStore, study: str | None = None) -> Lock:
    """Return the lock of a study; without a name, of the only study in the store.

    Raises:
        StoreError: If the store has no such study, or several and none was named.
    """
    names = store.studies()
    if not names:
        raise StoreError(f"{store.root}: no study was run here yet; see 'seedwise run'")
    if study is None and len(names) > 1:
        raise StoreError(f"{store.root}: holds several studies; name one: {', '.join(names)}")
    name = study or names[0]
    if name not in names:
        raise StoreError(f"{store.root}: no study '{name}' here; {did_you_mean(name, names)}")
    lock = read_lock(store.lock_path(name))
    if lock is None:
        raise StoreError(
            f"{store.root}: the lock of '{name}' was written by another version of seedwise; "
            "'seedwise run' resolves the study again"
        )
    return lock


def load_results(store: FileStore, lock: Lock) -> Results:
    """Return the tidy table of a study with everything its statistics need to know.

    Every cell that the study asks for has its rows: values, or NaN with status and reason.
    """
    if any(m.spec.level == "record" and m.name not in registry.metrics for m in lock.metrics):
        load_plugins(lock.plugins, Path(lock.folder))
    snapshot = Snapshot(Design(lock), store)
    frame = pd.DataFrame(list(_rows(snapshot)), columns=list(COLUMNS))
    looks = outside_rules(looks_at(store, lock.study), _trained(frame)[0])
    return Results(
        frame,
        metrics={metric.label: metric.spec for metric in lock.metrics},
        reference=lock.reference,
        partitions=lock.partitions,
        complete=True,
        looks=looks,
        deterministic=_verdicts(snapshot),
        notes=_notes(lock),
        checks=pd.DataFrame(list(_checks(snapshot)), columns=list(CHECK_COLUMNS)),
        ensembles=pd.DataFrame(list(_ensembles(snapshot)), columns=list(ENSEMBLE_COLUMNS)),
        costs=costs_of(snapshot),
        stopping=stopping_of(lock),
    )


def look(store: FileStore, lock: Lock, verb: str) -> Results:
    """Return what `load_results` returns to someone who looks at it, and log the look.

    Results without any value are no look. In a store that cannot be written a note says so.

    Args:
        store: The store.
        lock: The lock of the study.
        verb: What is done with the results, e.g. `analyze`.
    """
    results = load_results(store, lock)
    trained, planned = _trained(results.frame())
    try:
        if trained:
            log_look(store, lock.study, Look(verb, trained, planned))
    except StoreError as error:
        results.notes += (f"this look at the results could not be logged: {error}",)
    return results


def _trained(frame: pd.DataFrame) -> tuple[int, int]:
    """Return how many original models have results by now, and how many the study asks for."""
    own = frame[frame["method"] != REFERENCE]
    models = frame if own.empty else own
    tried = models[models["status"] != "missing"]
    seeds = ["partition_seed", "training_seed"]
    return len(tried.drop_duplicates(seeds)), len(models.drop_duplicates(seeds))


def _notes(lock: Lock) -> tuple[str, ...]:
    """Return what a reader should know of the data and the design."""
    found = dict.fromkeys(note for task in lock.tasks for note in task.notes)
    pairs = [metric.label for metric in lock.metrics if metric.spec.level == "pair"]
    if pairs and len(lock.seeds.training) == 1:
        named = ", ".join(pairs)
        found[f"{named}: no floor, which is the value between two retrained models"] = None
    return tuple(found)


@dataclass(frozen=True)
class _Recorded:
    """The subject of a `record` metric: nothing but the record."""

    record: Mapping[str, Any]


def _rows(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    names = _names(snapshot)
    for row in snapshot.wanted_rows():
        yield from _row(snapshot, row, names)


def _ensembles(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """Yield the values of ensemble metrics; a failed one is NaN."""
    lock, places = snapshot.design.lock, snapshot.design.originals
    for task, method in itertools.product(range(len(lock.tasks)), range(len(lock.methods))):
        for wanted in wanted_of_ensemble(snapshot, task, method):
            metric = lock.metrics[wanted.metric]
            values = snapshot.values.get(wanted.key, {}).get("values", {metric.name: None})
            for name, value in values.items():
                yield {
                    "task": lock.tasks[task].name,
                    "method": lock.methods[method].label,
                    "metric": _label(metric, name),
                    "evaluation_seed": wanted.seeds.evaluation,
                    "left_out": wanted.left_out and places.index(wanted.left_out),
                    "draw": wanted.draw,
                    "exchanged": wanted.exchanged,
                    "n_failed": wanted.lost + (wanted.key not in snapshot.values),
                    "value": float("nan") if value is None else value,
                }


def _row(snapshot: Snapshot, row: Row, names: Mapping[int, list[str]]) -> Iterator[dict[str, Any]]:
    """Yield the values of one row, or why they are not there."""
    lock = snapshot.design.lock
    base = _base(snapshot, row)
    for wanted in wanted_of_row(snapshot, row):
        yield from _values(snapshot, wanted, base, names)
    reference = snapshot.design.reference_of(row)
    for number, metric in enumerate(lock.metrics):
        if metric.spec.level == "record" and snapshot.digest(row.cell):
            yield from _recorded(snapshot, row, metric, base)
            continue
        needed = {"model": [row.cell], "pair": [row.cell, reference], "record": [row.cell]}
        absent = _absence(snapshot, needed.get(metric.spec.level, []))
        for name in names[number] if absent else ():
            yield {**base, "metric": name, **absent}


def _values(
    snapshot: Snapshot, wanted: Wanted, base: dict[str, Any], names: Mapping[int, list[str]]
) -> Iterator[dict[str, Any]]:
    metric = snapshot.design.lock.metrics[wanted.metric]
    base = {**base, "evaluation_seed": wanted.seeds.evaluation}
    entry = snapshot.values.get(wanted.key)
    if entry is None:
        failures = snapshot.failures.get(wanted.key, [])
        status = "failed" if failures else "missing"
        reason = failures[-1]["message"] if failures else "not measured yet"
        for name in names[wanted.metric]:
            yield {**base, "metric": name, "status": status, "reason": reason}
        return
    for name, value in entry["values"].items():
        fine = {"value": value, "status": "ok"}
        bad = {"status": "failed", "reason": "the metric gave a value that is not finite"}
        yield {**base, "metric": _label(metric, name), **(bad if value is None else fine)}


def _recorded(
    snapshot: Snapshot, row: Row, locked: LockedMetric, base: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    metric: Metric = registry.metrics[locked.name]
    subject: Any = _Recorded(snapshot.records[row.cell.key])
    streams = NoStreams(f"metric/{locked.name}")
    for name, value in metric.function([subject], [], streams, Context()).items():
        yield {**base, "metric": _label(locked, name), "value": value, "status": "ok"}


def _base(snapshot: Snapshot, row: Row) -> dict[str, Any]:
    lock, seeds = snapshot.design.lock, row.cell.seeds
    original = snapshot.records.get(row.cell.parent or row.cell.key, {})
    return {
        "task": lock.tasks[row.task].name,
        "method": lock.methods[row.method].label,
        "partition_seed": seeds.partition,
        "training_seed": seeds.training,
        "unlearning_seed": seeds.unlearning,
        "evaluation_seed": None,
        "value": None,
        "original": None if row.cell.stage == "retrain" else original.get("digest"),
        "reason": "",
    }


def _absence(snapshot: Snapshot, cells: Iterable[Cell | None]) -> dict[str, str]:
    """Return status and reason of a value whose models are not all there; empty if they are.

    The floor of a pair metric has no second cell where there is one reference: it is not wanted.
    """
    cells = list(cells)
    gone = [cell for cell in cells if cell and snapshot.digest(cell) is None]
    if None in cells or not gone:
        return {}
    status, reason = _why(snapshot, gone[0])
    whose = "" if gone[0] is cells[0] else "its reference: "
    return {"status": status, "reason": whose + reason}


def _why(snapshot: Snapshot, cell: Cell) -> tuple[str, str]:
    state = snapshot.state(cell)
    if state == "failed":
        return "failed", snapshot.failures[cell.key][-1]["message"]
    if cell.parent and snapshot.state(snapshot.design.cells[cell.parent]) == "failed":
        return "failed", "its original failed to train"
    return "missing", "its original was made anew" if state == "stale" else "not run yet"


def _names(snapshot: Snapshot) -> dict[int, list[str]]:
    """Return the value names of each metric, as far as a measurement of this study shows them."""
    lock = snapshot.design.lock
    seen: dict[int, dict[str, None]] = defaultdict(dict)
    for row in snapshot.wanted_rows():
        for wanted in wanted_of_row(snapshot, row, evaluations=False):
            entry = snapshot.values.get(wanted.key)
            seen[wanted.metric] |= dict.fromkeys(entry["values"] if entry else ())
    return {
        number: [_label(metric, name) for name in seen[number]] or [metric.label]
        for number, metric in enumerate(lock.metrics)
    }


def _label(metric: LockedMetric, name: str) -> str:
    return metric.label + name.removeprefix(metric.name)


def _verdicts(snapshot: Snapshot) -> dict[str, Determinism]:
    """Return per method whether it is deterministic; the least sure of several tasks counts."""
    order: tuple[Determinism, ...] = ("verified", "declared", "not")
    verdicts: dict[str, Determinism] = {}
    for task, method in snapshot.design.checks:
        label = snapshot.design.lock.methods[method].label
        found = order.index(snapshot.verdict(task, method))  # pyright: ignore[reportArgumentType]
        known = order.index(verdicts.get(label, "verified"))
        verdicts[label] = order[max(found, known)]
    return verdicts


def _checks(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    starts = {
        (record["stage"], record["start"])
        for cell in snapshot.design.cells.values()
        if (record := snapshot.records.get(cell.key)) and record["start"]
    }
    originals = {
        record["digest"]
        for cell in snapshot.design.cells.values()
        if cell.stage == "train" and (record := snapshot.records.get(cell.key))
    }
    for row in snapshot.wanted_rows():
        record = snapshot.records.get(row.cell.key)
        if record is None:
            continue
        base = _base(snapshot, row)
        found = {key: base[key] for key in CHECK_COLUMNS if key in base}
        if row.cell.stage == "unlearn" and record["digest"] == record["inputs"]["parent"]:
            message = "the parameters are those of the original: the method did nothing"
            yield {**found, "check": "did_nothing", "message": message}
        if row.cell.stage == "retrain" and record["digest"] in originals:
            message = "the reference is an original: it was not trained without the forget set"
            yield {**found, "check": "reference_is_original", "message": message}
        if _shares_start(snapshot, row, record, starts):
            message = "the reference starts from the same parameters as an original"
            yield {**found, "check": "shared_initialisation", "message": message}
        if snapshot.state(row.cell) == "not-reproducible":
            message = snapshot.failures[row.cell.key][-1]["message"]
            yield {**found, "check": "not_reproducible", "message": message}


def _shares_start(
    snapshot: Snapshot, row: Row, record: Mapping[str, Any], starts: set[tuple[str, str]]
) -> bool:
    """A reference from scratch starts elsewhere; one start for all of them is a pretrained one."""
    originals = {start for stage, start in starts if stage == "train"}
    return (
        row.cell.stage == "retrain"
        and snapshot.design.lock.reference == "independent"
        and len(originals) == len(snapshot.design.originals)
        and record["start"] in originals
    )
