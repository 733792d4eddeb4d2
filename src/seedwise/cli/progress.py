"""Live progress of a run: counts per stage, cost so far and time left; plain lines in a log."""

from __future__ import annotations

import math
import time
from collections import Counter
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars

from seedwise.cli.pace import Left, Pace
from seedwise.contracts import Event
from seedwise.design import Cell, Design, Snapshot, forecast
from seedwise.report.numbers import count, duration
from seedwise.store import FileStore
from seedwise.study.lock import Lock

STAGES = ("train", "retrain", "unlearn")
_LINE_EVERY_SECONDS = 10.0


class Progress:
    """Shows a run while it runs: bars in a terminal, a line every few seconds elsewhere.

    Args:
        console: Where to show it.
        lock: The study.
        store: What is there already.
        chosen: The `Options` of the run.
    """

    def __init__(self, console: Console, lock: Lock, store: FileStore, chosen: Any) -> None:
        self._console, self._design = console, Design(lock)
        found = forecast(Snapshot(self._design, store), chosen.states, chosen.limit)
        self._pace = Pace(found)
        self._totals: Counter[str] = Counter()
        for one in found.stages:
            self._totals[one.stage] += one.left
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
        state, key = event.detail.get("state"), event.detail.get("cell") or ""
        cell = self._design.cells.get(key)
        if event.kind == "lost":
            self._pace.lose(key)
            self._console.print(f"{event.detail['message'].splitlines()[0]}; its item goes on")
        elif state == "busy" and not self._waited:
            self._waited = True
            self._console.print("waiting for another run that works on this store")
        elif state == "measured":
            self._measured += event.detail["count"]
            self._seconds += event.detail["seconds"]
            if cell is not None:  # not an ensemble
                self._pace.measure(event.detail["count"], event.detail["seconds"], time.monotonic())
        elif cell is not None and state == "started":
            self._pace.start(key, self._kind(cell), time.monotonic())
        elif cell is not None and state in ("done", "failed"):
            self._finish(cell, event)
        self._show()

    def _kind(self, cell: Cell) -> tuple[str, str]:
        return cell.stage, self._design.label(cell)

    def _finish(self, cell: Cell, event: Event) -> None:
        seconds = event.detail.get("seconds")
        self._pace.stop(cell.key, self._kind(cell), time.monotonic(), seconds)
        self._seconds += seconds or 0.0
        self._done[cell.stage] += 1
        self._totals[cell.stage] = max(self._totals[cell.stage], self._done[cell.stage])
        if event.detail["state"] == "failed":
            self._failed += 1
            message = event.detail["message"].splitlines()[0][:200]
            self._console.print(f"failed: {message}", markup=False, highlight=False)

    def _status(self) -> str:
        now = time.monotonic()
        spent, left = now - self._begin, said(self._pace.remaining(now))
        failed = f", {self._failed} failed" if self._failed else ""
        return (
            f"{self._measured} measurements{failed}; {duration(self._seconds)} of computing in "
            f"{duration(spent)}{left and ', '}{left}"
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


def said(left: Left) -> str:
    """Say how long a run will take, and of what that is not known; empty when nothing is left.

    Example:
        >>> said(Left(185.0, 0))
        'about 3 min 5 s left'
        >>> said(Left(185.0, 90))
        'about 3 min 5 s left for what was timed, 90 models have no measured time yet'
    """
    models = count(left.unknown, "model")
    have = "has" if left.unknown == 1 else "have"
    unknown = f"{models} {have} no measured time yet" if left.unknown else ""
    if math.isnan(left.wall) or not left.wall:
        return unknown
    known = f"about {duration(left.wall)} left"
    return f"{known} for what was timed, {unknown}" if unknown else known
