"""Live progress of a run: counts per stage, cost so far and time left; plain lines in a log."""

from __future__ import annotations

import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars

from seedwise.contracts import Event
from seedwise.design import Cell, Design, Snapshot
from seedwise.design.snapshot import State
from seedwise.engine.schedule import missing_rows
from seedwise.store import FileStore
from seedwise.study.lock import Lock

STAGES = ("train", "retrain", "unlearn")
_LINE_EVERY_SECONDS = 10.0


@dataclass(frozen=True)
class Remaining:
    """What is still to make, and what it will probably cost.

    Args:
        counts: Missing cells by stage and method.
        seconds: Estimated CPU seconds of those whose like was made before.
        unknown: How many have no like in the store.
        rows: Finished models that lack a measurement.
    """

    counts: dict[tuple[str, str], int]
    seconds: float
    unknown: int
    rows: int

    def lines(self) -> list[str]:
        """Return what a dry run says."""
        total = sum(self.counts.values())
        found = [f"{total} models to make"]
        found += [f"  {stage:8} {name}: {n}" for (stage, name), n in self.counts.items()]
        if total > self.unknown:
            found.append(f"about {duration(self.seconds)} of computing, by what was made before")
        if self.unknown:
            found.append(f"{self.unknown} of them have no measured time yet")
        if self.rows:
            found.append(f"{self.rows} finished models to measure again")
        return found


def remaining(snapshot: Snapshot, states: Sequence[State]) -> Remaining:
    """Return what is missing in a store, with its cost by the clocks of similar records."""
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for record in snapshot.records.values():
        times[record["stage"], record["method"]].append(sum(record["clocks"]["wall"].values()))
    label = snapshot.design.label
    kinds = [(str(cell.stage), label(cell)) for cell in snapshot.pending(states)]
    known = [statistics.median(times[kind]) for kind in kinds if kind in times]
    rows = sum(len(cells) for cells in missing_rows(snapshot, retry=False))
    return Remaining(dict(Counter(kinds)), sum(known), len(kinds) - len(known), rows)


def duration(seconds: float) -> str:
    """Return a length of time for people.

    Example:
        >>> duration(75), duration(7200), duration(0.4)
        ('1 min 15 s', '2 h 00 min', '0.4 s')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


class Progress:
    """Shows a run while it runs: bars in a terminal, a line every few seconds elsewhere.

    Args:
        console: Where to show it.
        lock: The study.
        store: What is there already.
        chosen: The `Options` of the run.
    """

    def __init__(self, console: Console, lock: Lock, store: FileStore, chosen: Any) -> None:
        self._console, self._workers = console, max(1, chosen.workers)
        self._cells = Design(lock).cells
        snapshot = Snapshot(Design(lock), store)
        pending = snapshot.pending(chosen.states)[: chosen.limit]
        self._totals = Counter(cell.stage for cell in pending)
        self._done: Counter[str] = Counter()
        self._failed = self._measured = 0
        self._seconds = 0.0
        self._waited = False
        self._begin = self._said = time.monotonic()
        self._bars = self._make_bars() if console.is_terminal else None

    def __enter__(self) -> Progress:
        if self._bars:
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bars:
            self._bars.stop()

    def observe(self, event: Event) -> None:
        """Take note of an event."""
        state = event.detail.get("state")
        cell = self._cells.get(event.detail.get("cell") or "")
        if event.kind == "lost":
            self._console.print(f"{event.detail['message'].splitlines()[0]}; its item goes on")
        elif state == "busy" and not self._waited:
            self._waited = True
            self._console.print("waiting for another run that works on this store")
        elif state == "measured":
            self._measured += event.detail["count"]
        elif cell is not None and state in ("done", "failed"):
            self._finish(cell, event)
        self._show()

    def _finish(self, cell: Cell, event: Event) -> None:
        self._done[cell.stage] += 1
        self._totals[cell.stage] = max(self._totals[cell.stage], self._done[cell.stage])
        self._seconds += event.detail.get("seconds", 0.0)
        if event.detail["state"] == "failed":
            self._failed += 1
            message = event.detail["message"].splitlines()[0][:200]
            self._console.print(f"failed: {message}", markup=False, highlight=False)

    def _status(self) -> str:
        spent = time.monotonic() - self._begin
        left = sum(self._totals.values()) - sum(self._done.values())
        done = sum(self._done.values())
        eta = f", about {duration(spent / done * left)} left" if done and left else ""
        failed = f", {self._failed} failed" if self._failed else ""
        return (
            f"{self._measured} measurements{failed}; {duration(self._seconds)} of computing in "
            f"{duration(spent)}{eta}"
        )

    def _show(self) -> None:
        if self._bars:
            for number, stage in enumerate(STAGES):
                done, total = self._done[stage], self._totals[stage]
                self._bars.update(self._bars.task_ids[number], completed=done, total=total)
            self._bars.update(self._bars.task_ids[-1], description=self._status())
        elif time.monotonic() - self._said > _LINE_EVERY_SECONDS:
            self._said = time.monotonic()
            counts = [f"{stage} {self._done[stage]}/{self._totals[stage]}" for stage in STAGES]
            line = f"{', '.join(counts)}; {self._status()}"
            self._console.print(line, highlight=False, soft_wrap=True)

    def _make_bars(self) -> Bars:
        bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self._console,
            transient=True,
        )
        for stage in STAGES:
            bars.add_task(stage, total=self._totals[stage])
        bars.add_task(self._status(), total=None)
        return bars
