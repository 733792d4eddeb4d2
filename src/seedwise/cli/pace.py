"""How fast a run is, and how long what is left of it will take."""

from __future__ import annotations

import math
from collections import Counter
from typing import NamedTuple

from seedwise.design import Forecast
from seedwise.design.forecast import Kind, price

MEASURING: Kind = ("measure", "")
"""Measurements are a kind of their own."""


class Left(NamedTuple):
    """What is left of a run.

    Attributes:
        wall: Seconds that what has a like will take, NaN before anything is known.
        unknown: Models whose like was not made yet.
    """

    wall: float
    unknown: int


class Pace:
    """Counts what a run has done, by kind, and prices what is left.

    A kind costs what its like has cost in this run, before that what it has cost in the store.
    Workers are as busy as they were so far: what they do now counts, their start does not.

    Args:
        found: What the run has to do.
    """

    def __init__(self, found: Forecast) -> None:
        self.left: Counter[Kind] = Counter(found.left)
        self.left[MEASURING] = found.measurements
        self._before = dict(found.each)
        if found.measuring and not found.unmeasured:
            self._before[MEASURING] = found.measuring / found.measurements
        self._seconds: dict[Kind, float] = {}
        self._made: Counter[Kind] = Counter()
        self._running: dict[str, tuple[Kind, float]] = {}
        self._begin = math.inf
        self._busy = 0.0

    def start(self, key: str, kind: Kind, now: float) -> None:
        """A worker begins a model."""
        self._running[key] = kind, now
        self._begin = min(now, self._begin)

    def stop(self, key: str, kind: Kind, now: float, seconds: float | None = None) -> None:
        """A model is made, or failed; `seconds` is what it took if it is made."""
        self._busy += now - self._running.pop(key, (kind, now))[1]
        self.left[kind] -= 1
        if seconds is not None:
            self._count(kind, 1, seconds)

    def lose(self, key: str) -> None:
        """The worker that made a model is gone."""
        self._running.pop(key, None)

    def measure(self, count: int, seconds: float, now: float) -> None:
        """A worker has measured so many values."""
        self._begin = min(now - seconds, self._begin)
        self._busy += seconds
        self.left[MEASURING] -= count
        self._count(MEASURING, count, seconds)

    def remaining(self, now: float) -> Left:
        """Return what is left.

        Args:
            now: The time, by the clock of the other calls.
        """
        own = {kind: self._seconds[kind] / made for kind, made in self._made.items()}
        each = self._before | own
        seconds, unknown = price({kind: n for kind, n in self.left.items() if n > 0}, each)
        busy = self._busy
        for kind, began in self._running.values():
            busy += now - began
            seconds -= min(now - began, each.get(kind, 0.0))
        wall = max(seconds, 0.0) * (now - self._begin) / busy if busy > 0 else math.nan
        return Left(wall, sum(n for kind, n in unknown.items() if kind != MEASURING))

    def _count(self, kind: Kind, number: int, seconds: float) -> None:
        self._made[kind] += number
        self._seconds[kind] = self._seconds.get(kind, 0.0) + seconds
