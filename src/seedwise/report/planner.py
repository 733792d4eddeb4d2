"""The half-width picture as data: what each design buys, what it costs, and where the money ends.

Rows are training seeds and columns unlearning seeds; over random partitions rows are partitions and
columns training seeds in each, with the unlearning seeds of the plug-in plan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from seedwise.report.grids import Grid
from seedwise.report.numbers import SCREEN, count, number
from seedwise.report.plan import cost
from seedwise.results.plan import Design, Plan
from seedwise.stats.demands import HalfWidth

_TRAINING = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000)
_UNLEARNING = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100)
_ROWS, _COLUMNS = 14, 10


class Axis(NamedTuple):
    """What rows or columns count: its letter, and in words."""

    letter: str
    words: str


ROWS = {"training seed": Axis("I", "training seeds"), "partition": Axis("P", "partitions")}
COLUMNS = {
    "training seed": Axis("J", "unlearning seeds per training seed"),
    "partition": Axis("I", "training seeds in each partition"),
}


class Mark(NamedTuple):
    """A design in the picture: its name, and its row and column (the greatest J)."""

    name: str
    row: int
    column: int


@dataclass(frozen=True)
class PlannerPanel:
    """The picture of one plan.

    Args:
        title: What it is of.
        unit: What an interval counts: `training seed` or `partition`.
        rows: I of each row; P over random partitions.
        columns: J of each column, the same for all methods that draw; I over random partitions.
        half_widths: (rows, columns), the worst over methods; of several metrics in units of what
            each may be (or of the standard deviation of a run).
        costs: (rows, columns).
        target: The half-width that is asked for; NaN where the target is another.
        budget: What the frontier is drawn at: the budget, or the cost of the plug-in plan.
        marks: The designs.
        finding: What the picture shows, in its own numbers.
    """

    title: str
    unit: str
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    half_widths: np.ndarray
    costs: np.ndarray
    target: float
    budget: float
    marks: tuple[Mark, ...]
    finding: str

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """What rows and columns count."""
        return ROWS[self.unit], COLUMNS[self.unit]

    def frame(self) -> pd.DataFrame:
        """Return one row per design of the grid: I, J (or P, I), half_width, cost, affordable."""
        rows = [
            (i, j, self.half_widths[y, x], self.costs[y, x], self.costs[y, x] <= self.budget)
            for y, i in enumerate(self.rows)
            for x, j in enumerate(self.columns)
        ]
        names = [axis.letter for axis in self.axes]
        return pd.DataFrame(rows, columns=[*names, "half_width", "cost", "affordable"])


def planner_panel(plan: Plan, title: str = "") -> PlannerPanel:
    """Return the picture of a plan.

    Args:
        plan: The plan.
        title: What it is of; by default the metrics.
    """
    marks = tuple(_mark(plan, one) for one in plan.designs)
    rows = _around(_TRAINING, [mark.row for mark in marks], _ROWS)
    columns = _around(_UNLEARNING, [1, 5, *(mark.column for mark in marks)], _COLUMNS)
    if plan.problem.between is not None and not plan.problem.variances.train.any():
        columns = (1,)  # what more training seeds in a partition buy is not known
    grid = plan.grid(rows, columns)
    shape = (len(columns), len(rows))
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
        name,
        plan.problem.unit,
        rows,
        columns,
        widths,
        costs,
        target,
        budget,
        marks,
        _finding(plan, budget),
    )


def _mark(plan: Plan, one: Design) -> Mark:
    if plan.problem.between is not None:
        return Mark(one.name, one.P, one.I)
    return Mark(one.name, one.I, max(one.J.values()))


def planner_grid(panel: PlannerPanel) -> Grid:
    """Return the half-widths as a table, one row per I (or P)."""
    (letter, words), column = panel.axes
    head = (words, *(f"{column.letter} = {j}" for j in panel.columns))
    rows = tuple(
        (f"{letter} = {i}", *(number(float(width), None, SCREEN) for width in row))
        for i, row in zip(panel.rows, panel.half_widths, strict=True)
    )
    return Grid(head, rows)


def _finding(plan: Plan, budget: float) -> str:
    one = plan.design
    widths = plan.half_widths(one)
    worst = float((widths / plan.scale)[np.isfinite(widths)].max())
    runs = sorted(set(one.J.values()))
    j = str(runs[0]) if len(runs) == 1 else f"{runs[0]}-{runs[-1]}"
    seeds = count(one.I, "training seed")
    if plan.has_partitions:
        seeds = f"{count(one.P, 'partition')} with {seeds} in each, each"
    said = (
        f"For {cost(budget, plan)} the best is {seeds} with J = {j}: a half-width of "
        f"{number(worst, None, SCREEN)}"
    )
    if len(plan.problem.places) > 1:
        said += " in units of what each metric is measured in"
    return f"{said}. {plan.why.gain}"


def _around(usual: tuple[int, ...], own: list[int], most: int) -> tuple[int, ...]:
    """Return usual numbers around one's own, not many more than fit."""
    low, high = min(own), max(own)
    inside = [n for n in usual if 0.3 * low <= n <= 2.2 * high] or [usual[0]]
    step = -(-len(inside) // most)
    return tuple(sorted({*inside[::step], *own}))
