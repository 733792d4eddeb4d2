"""What a study still needs: cells by stage, and by the records of their like time, memory, disk."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, NamedTuple

from seedwise.design.cells import Row
from seedwise.design.keeping import keeps_weights
from seedwise.design.measurements import wanted_of_row
from seedwise.design.snapshot import Snapshot, State
from seedwise.study.lock import LockedMetric
from seedwise.study.spec import ORIGINAL

Kind = tuple[str, str]
"""Stage and method: models of a kind cost alike."""


class Price(NamedTuple):
    """What is left to do.

    Attributes:
        seconds: Of computing, for what has a like.
        unknown: How many of each kind have none.
    """

    seconds: float
    unknown: dict[Kind, int]


def price(left: Mapping[Kind, int], each: Mapping[Kind, float]) -> Price:
    """Price what is left by the mean time of its like.

    Args:
        left: How many of each kind are left.
        each: Seconds of one, of the kinds that were made before.

    Example:
        >>> price({("unlearn", "npo"): 10, ("unlearn", "rmu"): 3}, {("unlearn", "npo"): 2.5})
        Price(seconds=25.0, unknown={('unlearn', 'rmu'): 3})
    """
    seconds = sum(count * each[kind] for kind, count in left.items() if kind in each)
    return Price(seconds, {kind: count for kind, count in left.items() if kind not in each})


@dataclass(frozen=True)
class Stage:
    """The cells of one stage and method.

    Args:
        stage: `train`, `retrain` or `unlearn`.
        method: What tables call the maker.
        total: Cells that the study wants.
        done: Those the store has.
        left: Those that a run would make.
        seconds: Mean wall seconds of one, NaN where none was made yet.
        memory: Greatest peak memory in bytes, NaN where not known.
        weights: Mean bytes of the weights that will be kept of one, NaN where not known.
        outputs: Mean bytes of the outputs per example that are kept of one, likewise.
        history: Mean bytes of the training history that is kept of one, likewise.
    """

    stage: str
    method: str
    total: int
    done: int
    left: int
    seconds: float
    memory: float
    weights: float
    outputs: float
    history: float

    @property
    def kind(self) -> Kind:
        """Stage and method."""
        return self.stage, self.method

    @property
    def disk(self) -> float:
        """Bytes that will be kept of one."""
        return self.weights + self.outputs + self.history


@dataclass(frozen=True)
class Forecast:
    """What a study still needs.

    Args:
        stages: One entry per stage and method.
        measurements: Measurements that are missing, those of models still to make included.
        again: Finished models that lack some.
        measuring: Seconds of the missing measurements, of metrics measured before.
        unmeasured: Metrics that were never measured here.
    """

    stages: tuple[Stage, ...]
    measurements: int
    again: int
    measuring: float
    unmeasured: tuple[str, ...]

    @property
    def left(self) -> dict[Kind, int]:
        """How many cells of each kind are to be made."""
        return {one.kind: one.left for one in self.stages if one.left}

    @property
    def each(self) -> dict[Kind, float]:
        """Seconds of one cell, of the kinds that were made before."""
        return {one.kind: one.seconds for one in self.stages if not math.isnan(one.seconds)}

    @property
    def seconds(self) -> float:
        """Compute seconds of what is left and has a like; measuring included."""
        return self.measuring + price(self.left, self.each).seconds

    def bytes(self, part: str) -> float:
        """Return the bytes of a part that what is left will keep, as far as known.

        Args:
            part: `weights`, `outputs`, `history`, or `disk` for all of them.
        """
        each = [(one.left, getattr(one, part)) for one in self.stages if one.left]
        return sum(left * size for left, size in each if not math.isnan(size))

    @property
    def memory(self) -> float:
        """Greatest peak memory in bytes of one worker, NaN where nothing was made yet."""
        return max((one.memory for one in self.stages if one.memory > 0), default=math.nan)

    @property
    def unknown(self) -> tuple[str, ...]:
        """What is left and has no like in the store."""
        return tuple(method for _, method in price(self.left, self.each).unknown)


def forecast(
    snapshot: Snapshot,
    states: Collection[State] = ("missing", "stale"),
    limit: int | None = None,
) -> Forecast:
    """Return what a study still needs, by the clocks of the records in its store.

    Args:
        snapshot: The study and what the store holds.
        states: The states of the cells that a run would make.
        limit: Most cells that it would make, None for all.
    """
    label = snapshot.design.label
    wanted = snapshot.wanted_cells()
    retry = "failed" in states
    making = [
        cell
        for cell in wanted
        if snapshot.state(cell) in states and (retry or not snapshot.is_lost(cell))
    ][:limit]
    total = Counter((cell.stage, label(cell)) for cell in wanted)
    left = Counter((cell.stage, label(cell)) for cell in making)
    done = Counter((c.stage, label(c)) for c in wanted if snapshot.state(c) == "done")
    made = _made(snapshot)
    kept = _kept(snapshot, made)
    stages = tuple(
        Stage(*kind, total[kind], done[kind], left[kind], *_each(made[kind]), *kept[kind])
        for kind in total
    )
    missing, again = _missing(snapshot, {cell.key for cell in making}, retry=retry)
    return Forecast(stages, missing.total(), again, *_measuring(snapshot, missing))


def _made(snapshot: Snapshot) -> dict[Kind, list[Mapping[str, Any]]]:
    """Return the records of a study by kind; other studies may have other models."""
    design = snapshot.design
    made: dict[Kind, list[Mapping[str, Any]]] = defaultdict(list)
    for key, record in snapshot.records.items():
        if key in design.cells:  # by the label it has now
            made[record["stage"], design.label(design.cells[key])].append(record)
        elif record["study"] == design.lock.study:
            made[record["stage"], record["method"]].append(record)
    return made


def _each(records: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Return mean wall seconds and greatest peak memory."""
    seconds = [sum(record["clocks"]["wall"].values()) for record in records]
    peaks = [record["peak_memory"] for record in records if record["peak_memory"] is not None]
    return _mean(seconds), max(peaks, default=math.nan)


def _kept(
    snapshot: Snapshot, made: Mapping[Kind, Sequence[Mapping[str, Any]]]
) -> Mapping[Kind, Sequence[float]]:
    """Return what will be kept of one model of each kind: weights, outputs, history.

    Weights by what `keep` says now, as large as those of its like, or else of an original.
    """
    outputs, history = (snapshot.store.sizes(folder) for folder in ("outputs", "extras"))
    has_outputs = snapshot.design.lock.keep != "none"
    of_original = _mean(_weights(made.get(("train", ORIGINAL), ())))
    found = defaultdict(lambda: (math.nan,) * 3)
    for (stage, method), records in made.items():
        weights = _mean(_weights(records) or [of_original])
        is_kept = keeps_weights(snapshot.design, stage, of_original)
        found[stage, method] = (
            weights if is_kept else 0.0,
            _mean([outputs.get(record["digest"], 0) * has_outputs for record in records]),
            _mean([history.get(record["digest"], 0) for record in records]),
        )
    return found


def _weights(records: Iterable[Mapping[str, Any]]) -> list[float]:
    return [record["artifact"]["bytes"] for record in records if record["artifact"]]


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else math.nan


def _measuring(snapshot: Snapshot, missing: Counter[str]) -> tuple[float, tuple[str, ...]]:
    """Return seconds of missing measurements and the metrics without a like."""
    times: dict[str, list[float]] = defaultdict(list)
    for entry in snapshot.values.values():
        times[entry["metric"]].append(entry["wall"])
    own = {metric.label: metric.name for metric in _metrics(snapshot)}
    seconds = sum(
        count * fmean(times[own[label]]) for label, count in missing.items() if times[own[label]]
    )
    return seconds, tuple(label for label, name in own.items() if not times[name])


def _missing(snapshot: Snapshot, making: set[str], *, retry: bool) -> tuple[Counter[str], int]:
    """Return how many measurements each metric lacks, and how many finished models lack some.

    Args:
        snapshot: What the store holds.
        making: Keys of the cells to make: their measurements are missing as well.
        retry: Whether those that failed are tried again.
    """
    metrics = snapshot.design.lock.metrics
    found: Counter[str] = Counter()
    again: set[str] = set()
    for row in snapshot.wanted_rows():
        is_made = snapshot.digest(row.cell) is not None
        if not is_made and row.cell.key not in making:
            continue
        due = _due(snapshot, row, making)
        for one in wanted_of_row(snapshot, row):
            is_settled = one.key in snapshot.values or (not retry and snapshot.has_failed(one.key))
            due[metrics[one.metric].label] -= is_settled
        found += due
        if is_made and due.total():
            again.add(row.cell.key)
    return found, len(again)


def _due(snapshot: Snapshot, row: Row, making: set[str]) -> Counter[str]:
    """Return how many measurements a row is to have in the end, by metric."""
    draws = len(snapshot.design.lock.seeds.evaluation)
    reference = snapshot.design.reference_of(row)
    has_pair = snapshot.digest(reference) is not None or getattr(reference, "key", "") in making
    return Counter(
        {
            metric.label: draws if metric.spec.stochastic else 1
            for metric in _metrics(snapshot)
            if has_pair or metric.spec.level != "pair"
        }
    )


def _metrics(snapshot: Snapshot) -> list[LockedMetric]:
    """Return the metrics that are measured model by model."""
    return [m for m in snapshot.design.lock.metrics if m.spec.level in ("model", "pair")]
