"""A plan in words: the table of designs, what they give, and why."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from seedwise.report.grids import Grid
from seedwise.report.numbers import duration, number, percent, percent_range, span
from seedwise.results.plan import Design, Plan
from seedwise.results.problem import Place


def design_grid(plan: Plan) -> Grid:
    """Return one row per design: seeds, models, cost, wall time, the worst half-width."""
    head = ["plan", "I", "J", "K", "models", "cost", "expected half-width"]
    several = plan.has_partitions
    if several:
        head.insert(1, "P")
    if plan.target.workers:
        head.append(f"wall, {plan.target.workers} workers")
    return Grid(tuple(head), tuple(_row(plan, one, several=several) for one in plan.designs))


def _row(plan: Plan, one: Design, *, several: bool) -> tuple[str, ...]:
    cells = [one.name, str(one.I), _runs(one.J), str(one.K), str(one.models)]
    if several:
        cells.insert(1, str(one.P))
    widths = plan.half_widths(one)
    known = [float(width) for width in widths[widths == widths]]
    low, high = min(known), max(known)
    shown = number(low) if low == high else f"{number(low)} to {number(high)}"
    cells += [cost(one.cost, plan), shown]
    if plan.target.workers:
        cells.append(f"about {duration(one.wall)}")
    return tuple(cells)


def cost(value: float, plan: Plan) -> str:
    """Return a cost: a time where the costs are seconds, else a number."""
    return duration(value) if "seconds" in plan.source else f"{value:,.4g}"


def _runs(runs: Mapping[str, int]) -> str:
    """Return J: one number, or a range with the methods that differ."""
    values = sorted(set(runs.values()))
    return span(values[0], values[-1])


def method_grid(plan: Plan) -> Grid:
    """Return one row per method: its J in every design."""
    head = ("method", *(f"J, {one.name}" for one in plan.designs))
    rows = tuple(
        (method, *(str(one.J[method]) for one in plan.designs)) for method in plan.problem.methods
    )
    return Grid(head, rows)


def width_grid(plan: Plan) -> Grid:
    """Return one row per method (or pair), task and metric: its half-width in every design."""
    table = [plan.half_widths(one) for one in plan.designs]
    head = ("half-width of", "metric", *(one.name for one in plan.designs))
    rows = []
    for line, subject in enumerate(plan.subjects):
        for column, place in enumerate(plan.problem.places):
            cells = [number(float(widths[line, column])) for widths in table]
            if math.isfinite(float(table[0][line, column])):
                rows.append((subject, place.name, *cells))
    return Grid(head, tuple(rows))


def component_grid(plan: Plan) -> Grid:
    """Return one row per method and place: standard deviations of the pilot with their limits."""
    levels = {"train": "training", "unlearn": "unlearning", "eval": "evaluation"}
    if plan.problem.between is not None:
        levels = {"partition": "partition", **levels}
    head = ("pilot", "metric", *(f"sd {name}" for name in levels.values()), "rho")
    rows = []
    for row in plan.components.to_dict("records"):
        place = Place(str(row["task"]), str(row["metric"]))
        spread = (_sd(row, part) for part in levels)
        share = f"{percent(row['icc'])} {percent_range(row['icc_low'], row['icc_high'])}".rstrip()
        rows.append((str(row["method"]), place.name, *spread, share))
    return Grid(head, tuple(rows))


def _sd(row: Mapping[Hashable, Any], part: str) -> str:
    """Return a standard deviation with its limits, a dash where the pilot cannot tell it."""
    value, low, high = (
        math.sqrt(row[f"var_{part}{end}"]) if row[f"var_{part}{end}"] >= 0 else math.nan
        for end in ("", "_low", "_high")
    )
    if not math.isfinite(low + high):
        return number(value)
    return f"{number(value)} [{number(low)}, {number(high)}]"


def print_plan(plan: Plan, console: Console) -> None:
    """Print a plan: designs, runs per method, half-widths, why, notes."""
    console.print(Text(f"Plan: {plan.sentence}", style="bold"), soft_wrap=True)
    grids = [design_grid(plan), width_grid(plan)]
    if len(plan.problem.methods) > 1:
        grids.insert(1, method_grid(plan))
    if not plan.components.empty:
        grids.append(component_grid(plan))
    for grid in grids:
        for line in aligned(grid):
            console.print(Text(line), soft_wrap=True)
        console.print()
    for sentence in reasons(plan):
        console.print(Text(sentence), soft_wrap=True)


def reasons(plan: Plan) -> list[str]:
    """Return why the plan is what it is, and what a reader should know."""
    source = [f"Costs: {plan.source}."] if plan.source else []
    promise = []
    if plan.assured is not None:
        promise = [
            "A plug-in plan takes the pilot for the truth and meets its target about half of the "
            f"time; the assured one with probability {plan.target.assurance:g}."
        ]
    return [*plan.why.sentences(), *promise, *source, *(f"! {note}" for note in plan.notes)]


def aligned(grid: Grid) -> Iterable[str]:
    """Yield the lines of a table of text, first column to the left, the others to the right."""
    columns = list(zip(grid.head, *grid.rows, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns]
    for row in (grid.head, *grid.rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "  ".join(cells).rstrip()
