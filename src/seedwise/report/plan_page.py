"""A plan as a page of its own, or as its picture alone."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from seedwise.errors import TableError
from seedwise.report.pictures import planner
from seedwise.report.plan import component_grid, design_grid, method_grid, reasons, width_grid
from seedwise.report.planner import planner_grid, planner_panel
from seedwise.report.sections import Panel, Section, environment
from seedwise.results import Results
from seedwise.results.plan import Plan
from seedwise.results.tidy import BASELINES, base_name

HOW = (
    "Each cell is a design: I training seeds (rows) with J unlearning seeds of each method on "
    "every one of them (columns). The number is the half-width of the interval it buys, the worst "
    "over methods; deterministic methods stay at one run. Left of the line is what the money buys."
)
IN_BLOCKS = "Every row has its training seeds in each of the partitions of the pilot."
OVER_PARTITIONS = (
    "Each cell is a design: P random partitions (rows) with I training seeds in each of them "
    "(columns); every method keeps the J of the plug-in plan, and the interval counts partitions, "
    "t(P - 1). The number is the half-width it buys, the worst over methods. Left of the line is "
    "what the money buys."
)
KEY = (
    ("share-train", "the darker, the narrower; bold: meets the target"),
    ("frontier", "as far as the budget goes (without one: the cost of the plug-in plan)"),
    ("chosen", "plug-in plan"),
    ("assured", "assured plan"),
)


def section(plans: list[Plan], titles: list[str] | None = None) -> Section:
    """Return the section with one picture per plan."""
    panels = []
    for place, plan in enumerate(plans):
        panel = planner_panel(plan, titles[place] if titles else "")
        picture = planner.draw(panel)
        panels.append(Panel(panel.title, "", panel.finding, picture, planner_grid(panel)))
    return Section("planner", "What more seeds would buy", how(plans[0]), KEY, tuple(panels))


def how(plan: Plan) -> str:
    """Return how to read the picture, and what is held fixed in it."""
    if plan.problem.between is not None:
        return OVER_PARTITIONS
    return HOW if plan.problem.blocks == 1 else f"{HOW} {IN_BLOCKS}"


def planner_sections(results: Results, level: float) -> tuple[Section, ...]:
    """Return what another division of the study's own cost would buy, one picture per metric.

    None where costs are not known, or a metric's components cannot be estimated.

    Args:
        results: A study with the clocks of its records.
        level: Confidence level.
    """
    if results.costs is None:
        return ()
    plans, titles = [], []
    for metric in _metrics(results):
        try:
            spent = _spent(results, metric)
            found = results.plan(metric, budget=spent, level=level, assurance=None)
        except TableError:
            continue
        plans.append(found)
        titles.append(metric)
    return (section(plans, titles),) if plans else ()


def _metrics(results: Results) -> list[str]:
    specs = results.metrics
    names = dict.fromkeys(results.frame()["metric"])
    return [m for m in names if getattr(specs.get(base_name(m)), "level", "") != "record"]


def _spent(results: Results, metric: str) -> float:
    """Return what the study cost by the prices of a plan: the budget to be divided better."""
    table = results.summary()
    own = table[(table["metric"] == metric) & ~table["method"].isin(BASELINES)]
    costs, tasks = results.costs, own["task"].nunique()
    if costs is None or own.empty:
        raise TableError("nothing was run")
    runs = own.drop_duplicates("method").set_index("method")["n_unlearning_seeds_max"]
    evaluations = int(own["n_evaluation_seeds"].max())
    each = sum(
        int(count) * (costs.unlearn[str(method)] + evaluations * costs.evaluate)
        for method, count in runs.items()
        if method in costs.unlearn
    )
    units = int(own["n_training_seeds"].max())
    partitions = int(own["n_partitions"].max()) * costs.partition
    return partitions + units * (costs.train + tasks * (costs.reference + each))


def render_plan(plan: Plan) -> str:
    """Return the page of a plan: picture, designs, half-widths, why."""
    page = environment().get_template("plan.html.j2")
    tables = [("Designs", design_grid(plan)), ("Half-widths", width_grid(plan))]
    if len(plan.problem.methods) > 1:
        tables.insert(1, ("Unlearning seeds by method", method_grid(plan)))
    if not plan.components.empty:
        tables.append(("What the pilot says", component_grid(plan)))
    return page.render(
        title=f"Plan: {plan.sentence}",
        sections=[section([plan])],
        tables=tables,
        reasons=reasons(plan),
    )


def picture_file(plan: Plan) -> str:
    """Return the picture as an SVG file that brings its own style."""
    style = (files("seedwise.report") / "templates" / "style.css.j2").read_text(encoding="utf-8")
    drawn = str(planner.draw(planner_panel(plan)))
    head, end, rest = drawn.replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1
    ).partition(">")
    return f"{head}{end}<style>{style} svg {{ background: var(--paper) }}</style>{rest}\n"


def write_plan(plan: Plan, path: Path) -> Path:
    """Write a plan as a page (.html) or its picture (.svg).

    Raises:
        ValueError: If the file has another ending.
    """
    made = {".html": render_plan, ".svg": picture_file}
    if path.suffix not in made:
        raise ValueError(f"{path}: a plan is written as .html or .svg")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(made[path.suffix](plan), encoding="utf-8")
    return path
