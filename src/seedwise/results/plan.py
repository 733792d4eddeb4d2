"""A plan: how many seeds of each kind for a target, what they give, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from seedwise.results.problem import Problem
from seedwise.results.reasons import Why
from seedwise.results.target import Target
from seedwise.stats.demands import Demand, HalfWidth
from seedwise.stats.search import Found, Variances


@dataclass(frozen=True)
class Design:
    """How many seeds of each kind, what they cost and what they give.

    Args:
        name: Which plan: `plug-in` takes the pilot's components for the truth, `assured` allows
            for what they may be.
        P: Partitions, random or fixed; 1 where there is no such factor.
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

    @property
    def has_partitions(self) -> bool:
        """Whether designs have several partitions, random or fixed."""
        return self.problem.between is not None or self.problem.blocks > 1

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
        runs = np.array([design.J[m] for m in self.problem.methods])
        of_unit = self.problem.at(design.I).of_unit(runs, design.K)
        units = design.I if self.problem.between is None else design.P
        return np.asarray(self._t(units) * np.sqrt(of_unit / units))

    def _t(self, units: Any) -> Any:
        df = self.problem.blocks * (np.asarray(units) - 1)
        return stats.t.ppf(0.5 + self.target.level / 2, df)

    def grid(self, rows: Sequence[int], columns: Sequence[int]) -> pd.DataFrame:
        """Return half-width and cost over I x J, with J alike for all methods that draw.

        Over random partitions it is P x I instead, with the J of the plug-in plan. The half-width
        is the worst over methods; with several places it is in units of `scale`.

        Args:
            rows: The I (or P) to show.
            columns: The J (or I) to show.
        """
        problem, design = self.problem, self.design
        counts, t = np.array(rows), self._t(rows)
        found = []
        for column in columns:
            own = problem.at(column)
            runs = np.minimum(column, own.prices.most_runs)
            if problem.between is not None:
                runs = np.array([design.J[m] for m in problem.methods], dtype=float)
            worst = float((own.of_unit(runs, design.K) / self.scale**2).max())
            each = float(own.prices.of_unit(runs, design.K))
            found += [
                (int(n), int(column), float(q * math.sqrt(worst / n)), float(n * each))
                for n, q in zip(counts, t, strict=True)
            ]
        names = ["I", "J"] if problem.between is None else ["P", "I"]
        return pd.DataFrame(found, columns=[*names, "half_width", "cost"])

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


def design_of(name: str, found: Found, problem: Problem, target: Target) -> Design:
    """Return what a search found in the words of a plan."""
    runs = dict(zip(problem.methods, (int(n) for n in found.runs), strict=True))
    seeds = (problem.blocks, found.training)
    if problem.between is not None:
        seeds = (found.training, found.inside)
    wall = math.nan
    if target.workers:
        # Nothing is faster than one original with its slowest run.
        chain = (problem.prices.once + float(problem.prices.unlearn.max())) / problem.blocks
        wall = max(found.cost / target.workers, chain)
    return Design(name, *seeds, runs, found.evaluations, found.cost, wall, found.fill)


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
