"""Why a plan is what it is, as numbers and as sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from seedwise.results.problem import Problem
from seedwise.results.target import Target
from seedwise.stats.demands import Demand, HalfWidth
from seedwise.stats.planner import PairVariances, room_of
from seedwise.stats.tradeoffs import (
    Gain,
    Gains,
    Optimum,
    Profile,
    continuous_optimum,
    marginal_gains,
    needed_range,
    profile,
)

if TYPE_CHECKING:
    from seedwise.results.plan import Design

FLAT = 0.05
"""Plans that cost so much more than the best are called as good."""


@dataclass(frozen=True)
class Best:
    """J* and K* of one method and place, and I* in each random partition; NaN if not known."""

    method: str
    task: str
    metric: str
    optimum: Optimum
    share_train: float
    inside: float


@dataclass(frozen=True)
class Why:
    """What speaks for a plan.

    Args:
        unit: What an interval counts: `training seed`, or `partition` where these are random.
        optima: J* and K* of each method that draws, by place.
        gains: One unit more against one seed more of the levels inside it.
        flat: Least and greatest common J whose best plan costs at most 5 % more.
        needed: 10 % and 90 % point of the units that the plan's J needs, by the pilot.
        softness: Relative standard error of the variance between units where it decides most; NaN
            if unknown.
    """

    unit: str
    optima: tuple[Best, ...]
    gains: Gains
    flat: tuple[int, int] | None
    needed: tuple[float, float] | None
    softness: float

    @property
    def over_partitions(self) -> bool:
        """Whether partitions are what an interval counts."""
        return self.unit == "partition"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        content = asdict(self)
        content["optima"] = [
            {**asdict(one), "optimum": one.optimum._asdict()} for one in self.optima
        ]
        gains = self.gains
        content["gains"] = {
            "half_width": gains.half_width,
            self.unit.replace(" seed", ""): gains.unit._asdict(),
            "unlearning": gains.unlearning and gains.unlearning._asdict(),
        }
        if gains.inside is not None:
            content["gains"]["training"] = gains.inside._asdict()
        return content

    def sentences(self) -> list[str]:
        """Return what speaks for the plan, in words."""
        return [*self._optimum(), self.gain, *self._flatness(), *self._softness()]

    def _optimum(self) -> list[str]:
        if not self.optima:
            return []
        root = "J* = sqrt((cost per training seed / cost per unlearning run) x (s_u^2 / s_t^2))"
        said = [
            f"{root} = {_span([one.optimum.J for one in self.optima])}; it does not depend on the "
            f"budget, more money buys {self.unit}s."
        ]
        if self.over_partitions:
            said += self._inside([one.inside for one in self.optima])
        return said

    @staticmethod
    def _inside(known: Sequence[float]) -> list[str]:
        said = []
        if not min(known) >= 1:
            said = [
                "With one training seed in a partition, its cost and variance in J* are those of "
                "both together."
            ]
        if math.isnan(known[0]):
            return said
        if max(known) == 0:
            return [
                *said,
                "One training seed in each partition: where a partition costs nothing by itself, "
                "more of them lower every part of the variance.",
            ]
        root = "I* = sqrt((cost per partition / cost per training seed) x (s_t^2 / s_p^2))"
        return [*said, f"{root} = {_span(known)} training seeds in each partition."]

    @property
    def gain(self) -> str:
        """What one seed more of each kind buys, in words."""
        gains = self.gains
        said = [f"one more {self.unit} takes {_drop(gains.half_width, gains.unit)}"]
        if gains.inside is not None:
            drop = _drop(gains.half_width, gains.inside)
            said.append(f"one more training seed in each takes {drop}")
        if gains.unlearning is None:
            said.append("more unlearning seeds would change nothing")
        else:
            drop = _drop(gains.half_width, gains.unlearning)
            said.append(f"one more unlearning seed on each training seed takes {drop}")
        return f"From here {', '.join(said)}."

    def _flatness(self) -> list[str]:
        if self.flat is None:
            return []
        low, high = self.flat
        span = f"J = {low}" if low == high else f"any J from {low} to {high}"
        held = " with this I" if self.over_partitions else ""
        return [f"Flatness: {span} costs at most {FLAT:.0%} more than the best{held}."]

    def _softness(self) -> list[str]:
        said = []
        if math.isfinite(self.softness):
            name = "s_p^2" if self.over_partitions else "s_t^2"
            said.append(f"the standard error of {name} is {self.softness:.0%} of it")
        if self.needed is not None:
            low, high = self.needed
            most = f"{high:.0f}" if math.isfinite(high) else "more than 2,000"
            span = most if low == high else f"{low:.0f} to {most}"
            said.append(
                f"with this J the target needs {span} {self.unit}s (10-90 % of what the pilot "
                "allows)"
            )
        return [f"Softness: {'; '.join(said)}."] if said else []


def why(problem: Problem, target: Target, demands: Sequence[Demand], design: Design) -> Why:
    """Return what speaks for a design."""
    own = problem.at(design.I)
    units = design.I if problem.between is None else design.P
    runs = np.array([design.J[method] for method in problem.methods])
    reached = _reached(target, demands, design)
    shape: Profile = profile(own.variances, own.prices, reached, design.K)
    needed = None
    if own.draws is not None and target.kind != "budget":
        needed = needed_range(own.draws, runs, design.K, demands)
    best = min(design.cost, float(shape.cost.min()))
    return Why(
        problem.unit,
        tuple(_optima(problem)),
        _gains(problem, target, demands, (units, runs, design.K), design.I),
        shape.flat(best, FLAT),
        needed,
        _softness(problem, demands, own.of_unit(runs, design.K)),
    )


def _softness(problem: Problem, demands: Sequence[Demand], of_unit: np.ndarray) -> float:
    """Return the relative standard error of the variance that needs most, by method and place."""
    if problem.softness is None:
        return math.nan
    room = room_of(demands, np.array([10]))[0]
    return float(problem.softness.ravel()[np.argmax(of_unit / room)])


def _reached(target: Target, demands: Sequence[Demand], design: Design) -> Sequence[Demand]:
    """Return the target itself; with a budget, the half-widths that it bought."""
    if target.kind != "budget":
        return demands
    factor = math.sqrt(design.fill) * (1 + 1e-9)
    return [
        replace(one, half_width=one.half_width * factor)
        for one in demands
        if isinstance(one, HalfWidth)
    ]


def _optima(problem: Problem) -> list[Best]:
    found = []
    for row, method in enumerate(problem.methods):
        if problem.prices.most_runs[row] == 1:
            continue
        for column, place in enumerate(problem.places):
            inside = _inside(problem, row, column)
            # Where I stays 1, what a partition costs and varies counts like a training seed's.
            own = problem if inside >= 1 else problem.at(1)  # NaN too
            parts = [_component(part, row, column) for part in own.variances]
            if parts[0] + parts[1] == 0:
                continue
            optimum = _optimum_of(own, row, parts)
            share = parts[0] / (parts[0] + parts[1])
            own_i = math.nan if problem.between is None else inside
            found.append(Best(method, place.task, place.metric, optimum, share, own_i))
    return found


def _component(part: np.ndarray, row: int, column: int) -> float:
    """Return one component; the difference of a pair has one variance between units for both."""
    return float(part[column] if part.ndim == 1 else part[row, column])


def _optimum_of(problem: Problem, row: int, components: Sequence[float]) -> Optimum:
    """Return J* and K* of one method; in a pair each method has a root of its own."""
    train, unlearn, noise = components
    prices, is_pair = problem.prices, isinstance(problem.variances, PairVariances)
    # Without evaluation noise K stays 1, and its evaluation is part of a run.
    fixed = prices.evaluate if noise == 0 else 0.0
    return continuous_optimum(
        var_train=train,
        var_unlearn=unlearn,
        var_eval=noise,
        cost_once=prices.once,
        cost_unlearn=float(prices.unlearn[row]) + fixed,
        cost_eval=prices.evaluate - fixed,
        methods=1 if is_pair else len(problem.methods),
    )


def _inside(problem: Problem, row: int, column: int) -> float:
    """Return I* in a partition, sqrt((c_p / (c_t + c_r)) (s_t^2 / s_p^2)); infinite without them.

    It is 0 where a partition costs nothing, and NaN where the pilot cannot tell s_t^2.
    """
    if problem.between is None:
        return math.inf
    prices = problem.prices
    if prices.most_inside == 1:
        return 0.0 if prices.partition == 0 else math.nan
    train = _component(problem.variances.train, row, column)
    between = _component(problem.between.variance, row, column)
    return math.sqrt(prices.partition / prices.once * train / between) if between else math.inf


def _gains(
    problem: Problem,
    target: Target,
    demands: Sequence[Demand],
    design: tuple[int, np.ndarray, int],
    inside: int,
) -> Gains:
    units, runs, evaluations = design
    df = problem.blocks * np.array([units - 1, units])
    t = np.asarray(stats.t.ppf(0.5 + target.level / 2, df)).tolist()
    several = len(problem.places) > 1
    scale = np.array(
        [d.half_width if several and isinstance(d, HalfWidth) else 1.0 for d in demands]
    )
    own = problem.at(inside)
    found = marginal_gains(own.variances, own.prices, scale, t, design)
    if problem.between is None or problem.prices.most_inside == 1:
        return found
    more = problem.at(inside + 1)
    cost = units * float(more.prices.of_unit(runs, evaluations))
    cost -= units * float(own.prices.of_unit(runs, evaluations))
    width = marginal_gains(more.variances, more.prices, scale, t, design).half_width
    return found._replace(inside=Gain(cost, width))


def _span(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    return _number(low) if low == high else f"{_number(low)} to {_number(high)}"


def _number(value: float) -> str:
    return "infinite" if math.isinf(value) else f"{value:.2g}"


def _drop(before: float, gain: Any) -> str:
    share = (before - gain.half_width) / before if before else 0.0
    return f"{share:.1%} off the half-width at a cost of {gain.cost:.3g}"
