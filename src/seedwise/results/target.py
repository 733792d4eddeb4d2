"""What is asked of a plan: exactly one target, checked, in units of each metric."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from seedwise.errors import TableError, did_you_mean
from seedwise.results.problem import Place
from seedwise.stats.demands import Demand, Equivalence, HalfWidth, Power
from seedwise.stats.search import MAX_TRAINING
from seedwise.study import times

Kind = Literal["half-width", "power", "margin", "budget"]


@dataclass(frozen=True)
class Target:
    """What a plan must reach.

    Args:
        half_width: Greatest half-width, one number or one per metric.
        power: Power of the paired test, or of the equivalence test; with `difference` or `margin`.
        difference: True difference of two methods that should be shown.
        margin: Equivalence margin, in units of the metric.
        budget: What may be spent: a number, or a time such as `8h`.
        wall: Wall time that may pass, such as `2h`; needs `workers`.
        workers: How many runs go on at once.
        weights: How much each metric counts when a budget serves several.
        level: Confidence level.
        assurance: Probability with which the assured plan meets the target; None makes no such
            plan.
        min_training: Fewest training seeds; fewest partitions where these are random.

    Raises:
        TableError: If no target or several are given, or one makes no sense.

    Example:
        >>> Target(half_width=0.02).kind
        'half-width'
        >>> Target(budget="8h").money
        28800.0
    """

    half_width: float | Mapping[str, float] | None = None
    power: float | None = None
    difference: float | None = None
    margin: float | None = None
    budget: float | str | None = None
    wall: float | str | None = None
    workers: int | None = None
    weights: Mapping[str, float] | None = None
    level: float = 0.95
    assurance: float | None = 0.8
    min_training: int = 2

    def __post_init__(self) -> None:
        given = [
            name
            for name in ("half_width", "difference", "margin", "budget", "wall")
            if getattr(self, name) is not None
        ]
        if len(given) != 1:
            what = (
                f"{' and '.join(_option(n) for n in given)} contradict each other"
                if given
                else ("no target is given")
            )
            raise TableError(
                f"{what}; give exactly one of --half-width, --difference (with --power), --margin "
                "(with --power), --budget, or --wall (with --workers)"
            )
        self._check_parts()

    @property
    def kind(self) -> Kind:
        """What is asked for."""
        if self.half_width is not None:
            return "half-width"
        if self.difference is not None:
            return "power"
        return "margin" if self.margin is not None else "budget"

    @property
    def money(self) -> float:
        """The budget in compute seconds (or the unit of the costs)."""
        if self.wall is not None:
            return seconds(self.wall, "--wall") * (self.workers or 1)
        return seconds(self.budget if self.budget is not None else math.nan, "--budget")

    @property
    def is_of_difference(self) -> bool:
        """Whether it is about two methods."""
        return self.kind in ("power", "margin")

    def demands(self, places: Sequence[Place], spread: np.ndarray, blocks: int = 1) -> list[Demand]:
        """Return the target per place.

        Args:
            places: (Q,) tasks and metrics.
            spread: (Q,) standard deviation of a run: what a budget's half-widths are measured in
                where there are several metrics, so that units do not matter.
            blocks: Number of fixed partitions.
        """
        if self.kind == "half-width":
            widths = [self._width(place, places) for place in places]
            return [HalfWidth(width, self.level, blocks=blocks) for width in widths]
        power = 0.8 if self.power is None else self.power
        if self.kind == "power":
            one = Power(self.difference or math.nan, power, self.level, blocks=blocks)
            return [one] * len(places)
        if self.kind == "margin":
            margin = self.margin or math.nan
            return [Equivalence(margin, power, 0.0, self.level, blocks=blocks)] * len(places)
        return [
            HalfWidth(float(size) / self._weight(place, places), self.level, blocks=blocks)
            for place, size in zip(places, self.scale(spread), strict=True)
        ]

    @staticmethod
    def scale(spread: np.ndarray) -> np.ndarray:
        """Return what half-widths of several metrics are measured in; 1 for a single one."""
        if spread.size == 1:
            return np.ones(1)
        return np.where(spread > 0, spread, 1.0)

    def _width(self, place: Place, places: Sequence[Place]) -> float:
        if not isinstance(self.half_width, Mapping):
            metrics = sorted({one.metric for one in places})
            if len(metrics) > 1:
                raise TableError(
                    "a half-width is in units of one metric: name it with --metric, or give "
                    f"--half-width METRIC=H for each of {', '.join(metrics)}"
                )
            return float(self.half_width or math.nan)
        return _of_metric(self.half_width, place, places, "--half-width")

    def _weight(self, place: Place, places: Sequence[Place]) -> float:
        if self.weights is None:
            return 1.0
        return _of_metric(self.weights, place, places, "--weight")

    def _check_parts(self) -> None:
        widths = self.half_width if isinstance(self.half_width, Mapping) else {"": self.half_width}
        positive: dict[str, float | None] = {
            **{f"--half-width {metric}".strip(): value for metric, value in widths.items()},
            **{f"--weight {metric}": value for metric, value in (self.weights or {}).items()},
            "--margin": self.margin,
        }
        for name, value in positive.items():
            if value is not None and not (math.isfinite(value) and value > 0):
                raise TableError(f"{name} is {value:g}; it must be a number above 0")
        if self.difference is not None and not (math.isfinite(self.difference) and self.difference):
            raise TableError(
                f"--difference is {self.difference:g}; it must be a number other than 0"
            )
        if self.power is not None and not self.is_of_difference:
            raise TableError("--power belongs to --difference or --margin")
        if self.weights is not None and self.kind != "budget":
            raise TableError("--weight belongs to --budget; other targets are met on every metric")
        if self.wall is not None and self.workers is None:
            raise TableError(
                "--wall needs --workers: the wall time depends on how many runs go on at once"
            )
        for name in ("power", "level", "assurance"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                raise TableError(f"--{name} is {value:g}; it must lie between 0 and 1")
        for name in ("workers", "min_training"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise TableError(f"{_option(name)} is {value}; it must be at least 1")
        if self.min_training > MAX_TRAINING:
            raise TableError(
                f"--min-training is {self.min_training}; a plan holds at most {MAX_TRAINING}"
            )
        if self.kind == "budget" and not self.money > 0:
            raise TableError(f"the budget is {self.money:g}; it must be above 0")


def seconds(given: float | str, option: str) -> float:
    """Read a number or a time such as `90`, `30min`, `8h`, `2d`.

    Raises:
        TableError: If it is neither.

    Example:
        >>> seconds("1.5h", "--budget")
        5400.0
    """
    try:
        return times.seconds(given)
    except ValueError as error:
        raise TableError(f"{option} {error}") from None


def _of_metric(
    given: Mapping[str, float], place: Place, places: Sequence[Place], option: str
) -> float:
    known = {one.metric for one in places}
    for metric in given:
        if metric not in known:
            raise TableError(f"{option} {metric}=...: {did_you_mean(metric, known)}")
    if place.metric not in given:
        raise TableError(
            f"{option}: give {place.metric}=... as well, or name the metrics to plan for: "
            + " ".join(f"--metric {metric}" for metric in given)
        )
    return float(given[place.metric])


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
