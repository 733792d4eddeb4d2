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
    anytime_p_value,
    level_per_look,
    stein_interval,
    stein_training,
)

Name = Literal["stein", "looks", "anytime"]
Kind = Literal["half-width", "difference", "margin"]
Outcome = Literal["open", "reached", "excluded"]


@dataclass(frozen=True)
class Goal:
    """What a run is to reach.

    Args:
        kind: `half-width`: an interval no wider; `difference`: an interval that excludes 0;
            `margin`: an interval within it.
        size: In units of the metric, positive: the half-width, the difference that matters, the
            margin.
        power: Power to show a difference of this size, or equality within the margin, where the
            rule plans for it (Stein).
    """

    kind: Kind
    size: float
    power: float = 0.8

    def outcome(self, found: Interval) -> Outcome:
        """Return whether an interval settles the goal.

        A difference is excluded by an interval within its size, equivalence by one outside the
        margin: more training seeds would not change the claim, so that a rule stops there too.
        """
        if self.kind == "half-width":
            return "reached" if found.high - found.low <= 2 * self.size * (1 + 1e-12) else "open"
        is_within = -self.size < found.low and found.high < self.size
        if self.kind == "difference":
            if found.low > 0 or found.high < 0:
                return "reached"
            return "excluded" if is_within else "open"
        if is_within:
            return "reached"
        return "excluded" if found.low > self.size or found.high < -self.size else "open"


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

    def p_value(self, values: np.ndarray) -> float:
        """Return the two-sided p-value of a mean of 0: the error at which the interval excludes it.

        Stein's statistic is t(I0 - 1); declared looks pay L times the plain p; the anytime interval
        is solved for its error, sqrt(1 + n g) ((T^2 + v) / (v + T^2 / (1 + n g)))^(-n / 2).

        Args:
            values: (n,) means of the training seeds, those of the pilot first.

        Example:
            >>> rule = Rule("looks", Goal("half-width", 0.5), pilot=4, looks=(4, 8))
            >>> round(rule.p_value(np.array([1.0, 2.0, 3.0, 4.0])), 3)
            0.061
        """
        count = values.size
        spread = float(values[: self.pilot if self.name == "stein" else count].std(ddof=1))
        if not spread > 0 or not np.isfinite(self.interval(values)).all():
            return math.nan
        t = abs(float(values.mean())) * math.sqrt(count) / spread
        if self.name == "anytime":
            return anytime_p_value(t, count)
        plain = 2 * float(stats.t.sf(t, self.df(count)))
        return min(1.0, plain * max(1, len(self.looks)))

    def p_equivalence(self, values: np.ndarray, margin: float) -> float:
        """Return the p-value of the two one-sided tests against a margin."""
        ends = []
        for sign in (1, -1):
            shifted = margin - sign * values
            one_sided = self.p_value(shifted) / 2
            ends.append(one_sided if shifted.mean() > 0 else 1 - one_sided)
        return max(ends)

    def outcome(self, values: np.ndarray) -> Outcome:
        """Return whether the goal is settled; a test by Stein's rule first has all its seeds."""
        is_test = self.goal.kind != "half-width"
        if self.name == "stein" and is_test and values.size < self.stein_total(values):
            return "open"
        return self.goal.outcome(self.interval(values))

    def next_count(self, values: np.ndarray) -> int | None:
        """Return how many training seeds to have at the next look; None: stop here.

        Args:
            values: (n,) means of the training seeds so far, at a look of the rule.
        """
        if self.outcome(values) != "open":
            return None
        if self.name == "stein":
            total = self.stein_total(values)
            return total if total > values.size else None
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
