"""`Results.plan`: how many seeds of each kind for a target, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from seedwise.errors import TableError
from seedwise.results.problem import Problem
from seedwise.results.reasons import Why, why
from seedwise.results.target import Target
from seedwise.stats.assured import assured_cost, assured_for_budget
from seedwise.stats.demands import Demand, HalfWidth
from seedwise.stats.planner import cheapest_for, over_partitions, room_of
from seedwise.stats.search import MAX_TRAINING, Found, Variances

FEW = 5
"""Below this number of training seeds the plan with at least so many is shown beside it."""

PLANS = ("plug-in", "assured", f"at least {FEW} training seeds")


@dataclass(frozen=True)
class Design:
    """How many seeds of each kind, what they cost and what they give.

    Args:
        name: Which plan: `plug-in` takes the pilot's components for the truth, `assured` allows
            for what they may be.
        P: Random partitions; 1 where there is no such factor.
        I: Training seeds, in each partition.
        J: Unlearning seeds per training seed, by method.
        K: Evaluation seeds per run.
        cost: In the unit of the costs.
        wall: With `workers`: about how long it takes; else NaN.
        fill: The worst variance in units of what the target allows; with a budget, of the scale.
    """

    name: str
    P: int
    I: int  # noqa: E741 - the vocabulary of the field
    J: Mapping[str, int]
    K: int
    cost: float
    wall: float
    fill: float

    @property
    def models(self) -> int:
        """Originals and unlearned models of one forget set, references not counted."""
        return self.P * self.I * (1 + sum(self.J.values()))


@dataclass(frozen=True)
class Plan:
    """A plan with everything that speaks for it.

    Args:
        target: What was asked for.
        problem: The components and prices it rests on.
        designs: The plug-in design, then the assured one and the one with 5 training seeds, where
            there are.
        why: J*, gains, flatness, softness.
        demands: The target per place.
        notes: What a reader should know.
        source: Where costs come from.
        components: Components of the pilot with their limits, one row per method and place; empty
            where they are assumed.
    """

    target: Target = field(repr=False)
    problem: Problem = field(repr=False)
    designs: tuple[Design, ...]
    why: Why = field(repr=False)
    demands: tuple[Demand, ...] = field(repr=False)
    notes: tuple[str, ...]
    source: str
    components: pd.DataFrame = field(default_factory=pd.DataFrame, compare=False, repr=False)

    @property
    def design(self) -> Design:
        """The plug-in design."""
        return self.designs[0]

    @property
    def assured(self) -> Design | None:
        """The assured design, None where the components are assumed or it is out of reach."""
        return next((one for one in self.designs if one.name == "assured"), None)

    def frame(self) -> pd.DataFrame:
        """Return one row per design and method: seeds, cost, wall time."""
        rows = [
            {
                "plan": one.name,
                "n_partitions": one.P,
                "n_training_seeds": one.I,
                "method": method,
                "n_unlearning_seeds": one.J[method],
                "n_evaluation_seeds": one.K,
                "cost": one.cost,
                "wall": one.wall,
            }
            for one in self.designs
            for method in one.J
        ]
        return pd.DataFrame(rows)

    def precision(self) -> pd.DataFrame:
        """Return one row per design, method (or pair), task and metric: expected half-width."""
        rows = []
        for one in self.designs:
            widths = self.half_widths(one)
            for name, row in zip(self.subjects, widths, strict=True):
                rows += [
                    {
                        "plan": one.name,
                        "method": name,
                        **place._asdict(),
                        "half_width": float(width),
                    }
                    for place, width in zip(self.problem.places, row, strict=True)
                    if math.isfinite(width)
                ]
        return pd.DataFrame(rows)

    @property
    def subjects(self) -> tuple[str, ...]:
        """What has a half-width: the methods, or the difference of a pair."""
        if isinstance(self.problem.variances, Variances):
            return self.problem.methods
        return (" - ".join(self.problem.methods),)

    def half_widths(self, design: Design) -> np.ndarray:
        """Return the expected half-widths (subjects, Q) of a design."""
        runs = np.array([design.J.get(m, 1) for m in self.problem.methods])
        of_unit = self.problem.of_unit(runs, design.K)
        units = design.I
        if self.problem.var_partition is not None:
            of_unit = self.problem.var_partition + of_unit / design.I
            units = design.P
        t = stats.t.ppf(0.5 + self.target.level / 2, units - 1)
        return np.asarray(t * np.sqrt(of_unit / units))

    def grid(self, training: Sequence[int], unlearning: Sequence[int]) -> pd.DataFrame:
        """Return half-width and cost over I x J, with J alike for all methods that draw.

        The half-width is the worst over methods; with several places it is in units of `scale`.

        Args:
            training: The I to show.
            unlearning: The J to show.
        """
        prices, evaluations = self.problem.prices, self.design.K
        scale = self.scale
        t = stats.t.ppf(0.5 + self.target.level / 2, np.array(training) - 1)
        rows = []
        for j in unlearning:
            runs = np.minimum(j, prices.most_runs)
            worst = float((self.problem.of_unit(runs, evaluations) / scale**2).max())
            each = float(prices.of_unit(runs, evaluations))
            rows += [
                (int(i), int(j), float(q * math.sqrt(worst / i)), i * each)
                for i, q in zip(training, t, strict=True)
            ]
        return pd.DataFrame(rows, columns=["I", "J", "half_width", "cost"])

    @property
    def scale(self) -> np.ndarray:
        """What half-widths of several places are measured in (Q,): the target, or a run's sd."""
        if len(self.problem.places) == 1:
            return np.ones(1)
        return np.array([d.half_width if isinstance(d, HalfWidth) else 1.0 for d in self.demands])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON; what does not exist is None."""
        return {
            "target": self.sentence,
            "level": self.target.level,
            "assurance": self.target.assurance,
            "designs": [_plain({**vars(one), "models": one.models}) for one in self.designs],
            "half_widths": [_plain(dict(row)) for row in self.precision().to_dict("records")],
            "components": [_plain(dict(row)) for row in self.components.to_dict("records")],
            "why": _plain(self.why.to_dict()),
            "costs": self.source,
            "notes": list(self.notes),
        }

    @property
    def sentence(self) -> str:
        """What was asked for, in words."""
        target = self.target
        if target.kind == "half-width":
            widths = {d.half_width: None for d in self.demands if isinstance(d, HalfWidth)}
            return (
                f"half-width {', '.join(f'{w:g}' for w in widths)} for {', '.join(self.subjects)}"
            )
        power = 0.8 if target.power is None else target.power
        if target.kind == "power":
            return (
                f"power {power:g} to show a difference of {target.difference:g}: {self.subjects[0]}"
            )
        if target.kind == "margin":
            return (
                f"power {power:g} to show {self.subjects[0]} within {target.margin:g} of 0, if the "
                "true difference is 0"
            )
        return f"the narrowest interval for {target.money:g} compute seconds"


def plan(
    problem: Problem, target: Target, *, partition_cost: float = 0.0, source: str = ""
) -> Plan:
    """Plan for a target.

    Args:
        problem: Components and prices.
        target: What is asked for.
        partition_cost: What is paid once per random partition.
        source: Where the costs come from.

    Raises:
        TableError: If the target is out of reach (says the closest reachable), or the budget buys
            too little.
    """
    demands = target.demands(problem.places, _spread(problem))
    notes = list(problem.notes)
    if problem.var_partition is not None:
        designs = [_over_partitions(problem, target, demands, partition_cost)]
        notes.append("Partitions are random: they are the unit of the interval; no assured plan.")
    else:
        designs, more = _designs(problem, target, demands)
        notes += more
    if not np.asarray(problem.variances.train).any() and not problem.floor.any():
        notes.append("The pilot shows no spread between training seeds: any design looks precise.")
    reasons = why(problem, target, demands, designs[0])
    return Plan(target, problem, tuple(designs), reasons, tuple(demands), tuple(notes), source)


def _designs(
    problem: Problem, target: Target, demands: list[Demand]
) -> tuple[list[Design], list[str]]:
    """Return the plug-in design, and beside it what makes it safer."""
    plug_in = _plug_in(problem, target, demands, target.min_training)
    designs, notes = [_named(PLANS[0], plug_in, problem, target)], []
    assurance = problem.assurance(demands, target.assurance)
    if problem.draws is None:
        notes.append(
            "Components are assumed, not measured: there is no assured plan. Run a pilot of 5 or "
            "more training seeds and plan again."
        )
    if assurance is None:
        pass
    elif target.kind == "budget":
        safe = assured_for_budget(
            assurance, problem.prices, target.money, plug_in, min_training=target.min_training
        )
        designs.append(_named(PLANS[1], safe, problem, target))
    else:
        found = assured_cost(
            assurance, problem.prices, min_training=target.min_training, start=plug_in
        )
        if found is None:
            notes.append(
                f"No design of up to {MAX_TRAINING} training seeds meets the target with assurance "
                f"{target.assurance:g}: the pilot is too small to promise it."
            )
        else:
            designs.append(_named(PLANS[1], found, problem, target))
    if plug_in.training == MAX_TRAINING:
        notes.append(
            f"Designs of up to {MAX_TRAINING} training seeds were considered, and the plan has "
            "that many: what the budget could buy beyond is not spent."
        )
    if plug_in.training < FEW:
        safer = _plug_in(problem, target, demands, FEW, optional=True)
        if safer is not None:
            designs.append(_named(PLANS[2], safer, problem, target))
        notes.append(
            f"few_training_seeds: I = {plug_in.training} gives wide intervals that rest on "
            f"near-normal values; at least {FEW} are better."
        )
    return designs, notes


def _plug_in(
    problem: Problem, target: Target, demands: list[Demand], fewest: int, *, optional: bool = False
) -> Any:
    if target.kind == "budget":
        found = problem.best(demands, target.money, fewest)
        if found is None and not optional:
            least = max(2, fewest) * problem.prices.least
            raise TableError(
                f"a budget of {target.money:g} buys fewer than {max(2, fewest)} training seeds "
                f"with one run of each method, which cost {least:g}"
            )
        return found
    found = cheapest_for(demands, problem.search, problem.prices.least, fewest)
    if found is None and not optional:
        raise TableError(_out_of_reach(problem, target, demands))
    return found


def _out_of_reach(problem: Problem, target: Target, demands: list[Demand]) -> str:
    """Say the closest target that 2,000 training seeds reach; a target scales with its room."""
    room = room_of(demands, np.array([MAX_TRAINING]))[0]
    factor = math.sqrt(float((problem.floor / room).max()))
    name = {"half-width": "half-width", "power": "difference", "margin": "margin"}[target.kind]
    value = getattr(target, name.replace("-", "_"))
    closest = (
        f"{value * factor:.3g}" if isinstance(value, float | int) else f"{factor:.3g} times as wide"
    )
    return (
        f"a {name} of {value} is out of reach with {MAX_TRAINING} training seeds and any number of "
        f"unlearning seeds; the closest reachable is {closest}"
    )


def _over_partitions(
    problem: Problem, target: Target, demands: list[Demand], cost: float
) -> Design:
    assert problem.var_partition is not None  # noqa: S101 - the caller looked
    if target.kind == "budget" or not isinstance(problem.variances, Variances):
        raise TableError(
            "with random partitions a plan is for a half-width of each method: give --half-width"
        )
    search = over_partitions(problem.var_partition, problem.variances, problem.prices, cost)
    found = search(demands, 2)
    if found is None:
        raise TableError(_out_of_reach(problem, target, demands))
    return _named(PLANS[0], found[1], problem, target, found[0])


def _named(
    name: str, found: Found, problem: Problem, target: Target, partitions: int = 1
) -> Design:
    runs = dict(zip(problem.methods, (int(n) for n in found.runs), strict=True))
    prices = problem.prices
    wall = math.nan
    if target.workers:
        # Nothing is faster than one original with its slowest run.
        chain = prices.once + float(prices.unlearn.max())
        wall = max(found.cost / target.workers, chain)
    return Design(
        name, partitions, found.training, runs, found.evaluations, found.cost, wall, found.fill
    )


def _spread(problem: Problem) -> np.ndarray:
    """Return the standard deviation (Q,) of a single run, the greatest over methods."""
    ones = np.ones(len(problem.methods))
    return np.sqrt(problem.of_unit(ones, 1).max(axis=0))


def _plain(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {key: _value(value) for key, value in values.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "infinite"
    return value.item() if isinstance(value, np.generic) else value
