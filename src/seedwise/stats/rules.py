"""Stopping rules as a whole: when to look, what to look at, when to stop, which interval holds.

Values are the means of the training seeds in their order. The rules' parts are in `stopping`;
here they become one object that a run follows and a report quotes, so that both say the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from seedwise.stats.stopping import (
    Interval,
    anytime_interval,
    level_per_look,
    stein_interval,
    stein_training,
)

Name = Literal["stein", "looks", "anytime"]
Kind = Literal["half-width", "difference", "margin"]


@dataclass(frozen=True)
class Goal:
    """What a run is to reach.

    Args:
        kind: `half-width`: an interval no wider; `difference`: an interval that excludes 0, with
            `power` if the true difference has this size; `margin`: an interval within it.
        size: In units of the metric, positive.
        power: Power, where the rule can plan for it (Stein).
    """

    kind: Kind
    size: float
    power: float = 0.8

    def is_reached(self, found: Interval) -> bool:
        """Return whether an interval reaches the goal."""
        if self.kind == "half-width":
            return found.high - found.low <= 2 * self.size * (1 + 1e-12)
        if self.kind == "difference":
            return found.low > 0 or found.high < 0
        return -self.size < found.low and found.high < self.size


@dataclass(frozen=True)
class Rule:
    """A stopping rule.

    Args:
        name: `stein`: the pilot's spread decides once how many; `looks`: at declared numbers of
            training seeds, each at 1 - alpha / L; `anytime`: as often as wanted.
        goal: What is to be reached.
        pilot: I0, training seeds of the pilot, at least 2.
        looks: With `looks`: the declared numbers, ascending, from I0.
        level: Confidence level of the rule as a whole; for a margin 1 - size of the test.

    Example:
        >>> rule = Rule("stein", Goal("half-width", 0.5), pilot=4)
        >>> values = np.array([0.0, 1.0, 2.0, 3.0])
        >>> rule.next_count(values)
        68
    """

    name: Name
    goal: Goal
    pilot: int
    looks: tuple[int, ...] = ()
    level: float = 0.95

    @property
    def _level(self) -> float:
        """Confidence level of the interval: two one-sided tests have one of 1 - 2 alpha."""
        return 2 * self.level - 1 if self.goal.kind == "margin" else self.level

    @property
    def kind(self) -> str:
        """What tables call the interval."""
        names = {
            "stein": f"Stein, I0 = {self.pilot}",
            "looks": f"t at one of {len(self.looks)} declared looks",
            "anytime": "anytime t",
        }
        return names[self.name]

    def df(self, count: int) -> float:
        """Return the degrees of freedom of the interval."""
        return (self.pilot if self.name == "stein" else count) - 1

    def interval(self, values: np.ndarray) -> Interval:
        """Return the interval that the rule allows for the mean, infinite where it has none yet.

        Args:
            values: (n,) means of the training seeds, those of the pilot first.
        """
        count = values.size
        if count < 2 or (self.name == "stein" and count < self.pilot):
            return Interval(-math.inf, math.inf)
        mean = float(values.mean())
        if self.name == "stein":
            spread = float(values[: self.pilot].std(ddof=1))
            return stein_interval(mean, spread, self.pilot, count, level=self._level)
        spread = float(values.std(ddof=1))
        if self.name == "anytime":
            return anytime_interval(mean, spread, count, level=self._level)
        level = level_per_look(self._level, len(self.looks))
        half = float(stats.t.ppf(0.5 + level / 2, count - 1)) * spread / math.sqrt(count)
        return Interval(mean - half, mean + half)

    def is_reached(self, values: np.ndarray) -> bool:
        """Return whether the goal is reached; Stein's rule first has all the pilot asked for."""
        if self.name == "stein" and self.goal.kind != "half-width":
            return values.size >= self.stein_total(values)
        return self.goal.is_reached(self.interval(values))

    def next_count(self, values: np.ndarray) -> int | None:
        """Return how many training seeds to have at the next look; None: stop here.

        Args:
            values: (n,) means of the training seeds so far, at a look of the rule.
        """
        if self.is_reached(values):
            return None
        if self.name == "stein":
            return max(self.stein_total(values), values.size)
        if self.name == "looks":
            return next((count for count in self.looks if count > values.size), None)
        return values.size + max(1, values.size // 4)

    def stein_total(self, values: np.ndarray) -> int:
        """Return the number of training seeds that the pilot's spread asks for.

        For a test ((t(level) + t(power)) S0 / size)^2, both quantiles with I0 - 1 degrees of
        freedom: (mean - mu) sqrt(I) / S0 is exactly t(I0 - 1).
        """
        spread = float(values[: self.pilot].std(ddof=1))
        if self.goal.kind == "half-width":
            return stein_training(spread, self.pilot, self.goal.size, level=self._level)
        df = self.pilot - 1
        power = self.goal.power if self.goal.kind == "difference" else (1 + self.goal.power) / 2
        both = float(stats.t.ppf(0.5 + self._level / 2, df) + stats.t.ppf(power, df))
        needed = (both * spread / self.goal.size) ** 2
        return max(self.pilot, math.ceil(needed * (1 - 1e-12)))


def usual_looks(pilot: int, count: int = 5, factor: float = 1.5) -> tuple[int, ...]:
    """Return declared looks that grow from the pilot.

    Example:
        >>> usual_looks(5)
        (5, 8, 12, 17, 26)
    """
    return tuple(math.ceil(pilot * factor**n) for n in range(count))
