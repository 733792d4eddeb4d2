"""What a study still needs: cells by stage, and by the records of their like time, memory, disk."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from seedwise.design.measurements import wanted_of_row
from seedwise.design.snapshot import Snapshot


@dataclass(frozen=True)
class Stage:
    """The cells of one stage and method.

    Args:
        stage: `train`, `retrain` or `unlearn`.
        method: What tables call the maker.
        total: Cells that the study wants.
        done: Those the store has.
        seconds: Mean wall seconds of one, NaN where none was made yet.
        memory: Greatest resident memory of a worker in bytes, libraries and data included, NaN
            where not known.
        disk: Mean bytes kept of one (weights), NaN where none was made yet.
    """

    stage: str
    method: str
    total: int
    done: int
    seconds: float
    memory: float
    disk: float

    @property
    def left(self) -> int:
        """Cells to make."""
        return self.total - self.done


@dataclass(frozen=True)
class Forecast:
    """What a study still needs.

    Args:
        stages: One entry per stage and method.
        measuring: Seconds of the measurements that are missing, of metrics measured before.
        unmeasured: Metrics that were never measured here.
    """

    stages: tuple[Stage, ...]
    measuring: float
    unmeasured: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """Compute seconds of what is left and has a like; measuring included."""
        return self.measuring + sum(
            one.left * one.seconds for one in self.stages if one.left and one.seconds == one.seconds
        )

    @property
    def disk(self) -> float:
        """Bytes that what is left will keep, as far as known."""
        return sum(one.left * one.disk for one in self.stages if one.left and one.disk == one.disk)

    @property
    def memory(self) -> float:
        """Greatest resident memory in bytes of one worker, NaN where nothing was made yet."""
        return max(
            (one.memory for one in self.stages if one.memory == one.memory), default=math.nan
        )

    @property
    def unknown(self) -> tuple[str, ...]:
        """What is left and has no like in the store."""
        return tuple(one.method for one in self.stages if one.left and one.seconds != one.seconds)


def forecast(snapshot: Snapshot) -> Forecast:
    """Return what a study still needs, by the clocks of the records in its store.

    Args:
        snapshot: The study and what the store holds.
    """
    design = snapshot.design
    cells = snapshot.wanted_cells()
    kinds = [(str(cell.stage), design.label(cell)) for cell in cells]
    total = Counter(kinds)
    done = Counter(
        kind for cell, kind in zip(cells, kinds, strict=True) if snapshot.state(cell) == "done"
    )
    made: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for record in snapshot.records.values():
        made[record["stage"], record["method"]].append(record)
    stages = tuple(_stage(kind, total[kind], done[kind], made[kind]) for kind in total)
    return Forecast(stages, *_measuring(snapshot))


def _stage(kind: tuple[str, str], total: int, done: int, records: list[Mapping[str, Any]]) -> Stage:
    if not records:
        return Stage(*kind, total, done, math.nan, math.nan, math.nan)
    peaks = [record["resident_memory"] for record in records if record["resident_memory"]]
    kept = [(record["artifact"] or {"bytes": 0})["bytes"] for record in records]
    seconds = fmean(sum(record["clocks"]["wall"].values()) for record in records)
    return Stage(*kind, total, done, seconds, max(peaks, default=math.nan), fmean(kept))


def _measuring(snapshot: Snapshot) -> tuple[float, tuple[str, ...]]:
    """Return seconds of missing measurements and the metrics without a like."""
    design = snapshot.design
    times: dict[str, list[float]] = defaultdict(list)
    for entry in snapshot.values.values():
        times[entry["metric"]].append(entry["wall"])
    own = {m.label: m for m in design.lock.metrics if m.spec.level in ("model", "pair")}
    left = 0.0
    for label, count in _missing(snapshot).items():
        left += count * fmean(times.get(own[label].name, [0.0]))
    return left, tuple(label for label, m in own.items() if not times.get(m.name))


def _missing(snapshot: Snapshot) -> Counter[str]:
    """Return how many measurements each metric lacks, those of models still to make included."""
    metrics = snapshot.design.lock.metrics
    draws = len(snapshot.design.lock.seeds.evaluation)
    found: Counter[str] = Counter()
    for row in snapshot.wanted_rows():
        if snapshot.digest(row.cell) is None:
            found.update(
                {
                    m.label: draws if m.spec.stochastic else 1
                    for m in metrics
                    if m.spec.level in ("model", "pair")
                }
            )
            continue
        for wanted in wanted_of_row(snapshot, row):
            found[metrics[wanted.metric].label] += wanted.key not in snapshot.values
    return found
