"""The half-width picture as data: what each I x J buys, what it costs, and where the money ends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from seedwise.report.grids import Grid
from seedwise.report.numbers import SCREEN, count, number
from seedwise.report.plan import cost
from seedwise.results.plan import Plan
from seedwise.stats.demands import HalfWidth

_TRAINING = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000)
_UNLEARNING = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100)
_ROWS, _COLUMNS = 14, 10


class Mark(NamedTuple):
    """A design in the picture: its name, I, and the greatest J of its methods."""

    name: str
    I: int  # noqa: E741 - the vocabulary of the field
    J: int


@dataclass(frozen=True)
class PlannerPanel:
    """The picture of one plan.

    Args:
        title: What it is of.
        training: I of each row.
        unlearning: J of each column, the same for all methods that draw.
        half_widths: (rows, columns), the worst over methods; of several metrics in units of what
            each may be (or of the standard deviation of a run).
        costs: (rows, columns).
        target: The half-width that is asked for; NaN where the target is another.
        budget: What the frontier is drawn at: the budget, or the cost of the plug-in plan.
        marks: The designs.
        finding: What the picture shows, in its own numbers.
    """

    title: str
    training: tuple[int, ...]
    unlearning: tuple[int, ...]
    half_widths: np.ndarray
    costs: np.ndarray
    target: float
    budget: float
    marks: tuple[Mark, ...]
    finding: str

    def frame(self) -> pd.DataFrame:
        """Return one row per design of the grid: I, J, half_width, cost, affordable."""
        rows = [
            (i, j, self.half_widths[y, x], self.costs[y, x], self.costs[y, x] <= self.budget)
            for y, i in enumerate(self.training)
            for x, j in enumerate(self.unlearning)
        ]
        return pd.DataFrame(rows, columns=["I", "J", "half_width", "cost", "affordable"])


def planner_panel(plan: Plan, title: str = "") -> PlannerPanel:
    """Return the picture of a plan.

    Args:
        plan: The plan; over random partitions there is no such picture.
        title: What it is of; by default the metrics.
    """
    marks = tuple(Mark(one.name, one.I, max(one.J.values())) for one in plan.designs)
    training = _around(_TRAINING, [mark.I for mark in marks], _ROWS)
    unlearning = _around(_UNLEARNING, [1, 5, *(mark.J for mark in marks)], _COLUMNS)
    grid = plan.grid(training, unlearning)
    shape = (len(unlearning), len(training))
    widths = grid["half_width"].to_numpy().reshape(shape).T
    costs = grid["cost"].to_numpy().reshape(shape).T
    several = len(plan.problem.places) > 1
    first = plan.demands[0]
    target = math.nan
    if plan.target.kind == "half-width" and isinstance(first, HalfWidth):
        target = 1.0 if several else first.half_width
    budget = plan.target.money if plan.target.kind == "budget" else plan.design.cost
    name = title or ", ".join(place.name for place in plan.problem.places)
    return PlannerPanel(
        name, training, unlearning, widths, costs, target, budget, marks, _finding(plan, budget)
    )


def planner_grid(panel: PlannerPanel) -> Grid:
    """Return the half-widths as a table, one row per I."""
    head = ("training seeds", *(f"J = {j}" for j in panel.unlearning))
    rows = tuple(
        (f"I = {i}", *(number(float(width), None, SCREEN) for width in row))
        for i, row in zip(panel.training, panel.half_widths, strict=True)
    )
    return Grid(head, rows)


def _finding(plan: Plan, budget: float) -> str:
    one = plan.design
    widths = plan.half_widths(one)
    worst = float((widths / plan.scale)[np.isfinite(widths)].max())
    runs = sorted(set(one.J.values()))
    j = str(runs[0]) if len(runs) == 1 else f"{runs[0]}-{runs[-1]}"
    said = (
        f"For {cost(budget, plan)} the best is {count(one.I, 'training seed')} with J = {j}: a "
        f"half-width of {number(worst, None, SCREEN)}"
    )
    if len(plan.problem.places) > 1:
        said += " in units of what each metric is measured in"
    return f"{said}. {' '.join(plan.why.sentences()[1:2])}".strip()


def _around(usual: tuple[int, ...], own: list[int], most: int) -> tuple[int, ...]:
    """Return usual numbers around one's own, not many more than fit."""
    low, high = min(own), max(own)
    inside = [n for n in usual if 0.3 * low <= n <= 2.2 * high] or [usual[0]]
    step = -(-len(inside) // most)
    return tuple(sorted({*inside[::step], *own}))
