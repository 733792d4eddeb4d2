"""Why a plan is what it is, as numbers and as sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from seedwise.results.problem import Problem
from seedwise.results.target import Target
from seedwise.stats.demands import Demand, HalfWidth
from seedwise.stats.planner import room_of
from seedwise.stats.search import Variances
from seedwise.stats.tradeoffs import (
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
    """J* and K* of one method and place."""

    method: str
    task: str
    metric: str
    optimum: Optimum
    share_train: float


@dataclass(frozen=True)
class Why:
    """What speaks for a plan.

    Args:
        optima: J* and K* of each method and place; empty for a pair.
        gains: One training seed more against one unlearning seed more; None over partitions.
        flat: Least and greatest common J whose best plan costs at most 5 % more; None for a pair.
        needed: 10 % and 90 % point of the training seeds that the plan's J needs, by the pilot.
        softness: Relative standard error of s_t^2 where it decides most; NaN if unknown.
    """

    optima: tuple[Best, ...]
    gains: Gains | None
    flat: tuple[int, int] | None
    needed: tuple[float, float] | None
    softness: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        content = asdict(self)
        content["optima"] = [
            {**asdict(one), "optimum": one.optimum._asdict()} for one in self.optima
        ]
        gains = self.gains
        content["gains"] = gains and {
            "half_width": gains.half_width,
            "training": gains.training._asdict(),
            "unlearning": gains.unlearning and gains.unlearning._asdict(),
        }
        return content

    def sentences(self) -> list[str]:
        """Return what speaks for the plan, in words."""
        return [*self._optimum(), *self._gain(), *self._flatness(), *self._softness()]

    def _optimum(self) -> list[str]:
        known = [one.optimum.J for one in self.optima]
        if not known:
            return []
        low, high = min(known), max(known)
        span = _number(low) if low == high else f"{_number(low)} to {_number(high)}"
        return [
            f"J* = sqrt((cost per training seed / cost per unlearning run) x (s_u^2 / s_t^2)) = "
            f"{span}; it does not depend on the budget, more money buys training seeds."
        ]

    def _gain(self) -> list[str]:
        gains = self.gains
        if gains is None:
            return []
        said = [f"one more training seed takes {_drop(gains.half_width, gains.training)}"]
        if gains.unlearning is None:
            said.append("more unlearning seeds would change nothing")
        else:
            drop = _drop(gains.half_width, gains.unlearning)
            said.append(f"one more unlearning seed on each takes {drop}")
        return [f"From here {', '.join(said)}."]

    def _flatness(self) -> list[str]:
        if self.flat is None:
            return []
        low, high = self.flat
        span = f"J = {low}" if low == high else f"any J from {low} to {high}"
        return [f"Flatness: {span} costs at most {FLAT:.0%} more than the best."]

    def _softness(self) -> list[str]:
        said = []
        if math.isfinite(self.softness):
            said.append(f"the standard error of s_t^2 is {self.softness:.0%} of it")
        if self.needed is not None:
            low, high = self.needed
            most = f"{high:.0f}" if math.isfinite(high) else "more than 2,000"
            said.append(
                f"with this J the target needs {low:.0f} to {most} training seeds (10-90 % of what "
                "the pilot allows)"
            )
        return [f"Softness: {'; '.join(said)}."] if said else []


def why(problem: Problem, target: Target, demands: Sequence[Demand], design: Design) -> Why:
    """Return what speaks for a design."""
    runs = np.array([design.J[method] for method in problem.methods])
    soft = _softness(problem, demands, runs, design.K)
    if not isinstance(problem.variances, Variances):
        return Why((), None, None, None, soft)
    optima = tuple(_optima(problem, problem.variances))
    if problem.var_partition is not None:
        return Why(optima, None, None, None, soft)
    gains = _gains(problem, problem.variances, target, demands, (design.I, runs, design.K))
    reached = _reached(target, demands, design)
    shape: Profile = profile(problem.variances, problem.prices, reached, design.K)
    needed = None
    if isinstance(problem.draws, Variances) and target.kind != "budget":
        needed = needed_range(problem.draws, runs, design.K, demands)
    best = min(design.cost, float(shape.cost.min()))
    return Why(optima, gains, shape.flat(best, FLAT), needed, soft)


def _softness(
    problem: Problem, demands: Sequence[Demand], runs: np.ndarray, evaluations: int
) -> float:
    """Return the relative standard error of s_t^2 of the method and place that need most."""
    if problem.softness is None:
        return math.nan
    room = room_of(demands, np.array([10]))[0]
    most = np.argmax(problem.of_unit(runs, evaluations) / room)
    return float(problem.softness.ravel()[most])


def _reached(target: Target, demands: Sequence[Demand], design: Design) -> Sequence[Demand]:
    """Return the target itself; with a budget, the half-widths that it bought."""
    if target.kind != "budget":
        return demands
    factor = math.sqrt(design.fill) * (1 + 1e-9)
    return [
        HalfWidth(one.half_width * factor, one.level)
        for one in demands
        if isinstance(one, HalfWidth)
    ]


def _optima(problem: Problem, variances: Variances) -> list[Best]:
    prices, found = problem.prices, []
    for row, method in enumerate(problem.methods):
        if prices.most_runs[row] == 1:
            continue
        for column, place in enumerate(problem.places):
            train, unlearn, noise = (float(part[row, column]) for part in variances)
            if train + unlearn == 0:
                continue
            # Without evaluation noise K stays 1, and its evaluation is part of a run.
            fixed = prices.evaluate if noise == 0 else 0.0
            optimum = continuous_optimum(
                var_train=train,
                var_unlearn=unlearn,
                var_eval=noise,
                cost_once=prices.once,
                cost_unlearn=float(prices.unlearn[row]) + fixed,
                cost_eval=prices.evaluate - fixed,
                methods=len(problem.methods),
            )
            share = train / (train + unlearn)
            found.append(Best(method, place.task, place.metric, optimum, share))
    return found


def _gains(
    problem: Problem,
    variances: Variances,
    target: Target,
    demands: Sequence[Demand],
    design: tuple[int, np.ndarray, int],
) -> Gains:
    t = [float(stats.t.ppf(0.5 + target.level / 2, df)) for df in (design[0] - 1, design[0])]
    several = len(problem.places) > 1
    scale = np.array(
        [d.half_width if several and isinstance(d, HalfWidth) else 1.0 for d in demands]
    )
    return marginal_gains(variances, problem.prices, scale, t, design)


def _number(value: float) -> str:
    return "infinite" if math.isinf(value) else f"{value:.2g}"


def _drop(before: float, gain: Any) -> str:
    share = (before - gain.half_width) / before if before else 0.0
    return f"{share:.1%} off the half-width at a cost of {gain.cost:.3g}"
