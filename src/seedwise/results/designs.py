"""The designs of a plan: plug-in, assured, and one with five units beside a smaller one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from seedwise.errors import TableError
from seedwise.results.plan import Design, Plan, design_of
from seedwise.results.problem import Problem
from seedwise.results.reasons import why
from seedwise.results.target import Target
from seedwise.stats.assured import assured_cost, assured_for_budget
from seedwise.stats.demands import Demand
from seedwise.stats.planner import room_of
from seedwise.stats.search import MAX_TRAINING, Found, reachable

FEW = 5
"""Below this number of units the plan with at least so many is shown beside it."""


def plan(problem: Problem, target: Target, *, source: str = "") -> Plan:
    """Plan for a target.

    Args:
        problem: Components and prices.
        target: What is asked for.
        source: Where the costs come from.

    Raises:
        TableError: If the target is out of reach (says the closest reachable), or the budget buys
            too little.
    """
    demands = target.demands(problem.places, problem.spread, problem.blocks)
    plug_in = _plug_in(problem, target, demands, target.min_training)
    designs = [design_of("plug-in", plug_in, problem, target)]
    safe, notes = _assured(problem, target, demands, plug_in)
    more, told = _few(problem, target, demands, plug_in)
    designs += [*safe, *more]
    notes = [*problem.notes, *notes, *told]
    if plug_in.training == MAX_TRAINING:
        notes.append(
            f"Designs of up to {MAX_TRAINING} {problem.unit}s were considered, and the plan has "
            "that many: what the budget could buy beyond is not spent."
        )
    if not problem.floor.any():
        notes.append(
            f"The pilot shows no spread between {problem.unit}s: any design looks precise."
        )
    reasons = why(problem, target, demands, designs[0])
    return Plan(target, problem, tuple(designs), reasons, tuple(demands), tuple(notes), source)


def _assured(
    problem: Problem, target: Target, demands: list[Demand], plug_in: Found
) -> tuple[list[Design], list[str]]:
    """Return the assured design if there is one, and else why not."""
    if problem.draws is None:
        return [], [
            "Components are assumed, not measured: there is no assured plan. Run a pilot of 5 or "
            "more training seeds and plan again."
        ]
    assurance = problem.assurance(demands, target.assurance)
    if assurance is None:
        return [], []
    prices, fewest = problem.prices, target.min_training
    if target.kind == "budget":
        found = assured_for_budget(assurance, prices, target.money, plug_in, min_training=fewest)
    else:
        found = assured_cost(assurance, prices, min_training=fewest, start=plug_in)
    if found is None:
        return [], [
            f"No design of up to {MAX_TRAINING} {problem.unit}s meets the target with assurance "
            f"{target.assurance:g}: the pilot is too small to promise it."
        ]
    return [design_of("assured", found, problem, target)], []


def _few(
    problem: Problem, target: Target, demands: list[Demand], plug_in: Found
) -> tuple[list[Design], list[str]]:
    """Return the design with five units beside one with fewer, and why it is better."""
    count, unit = plug_in.training, problem.unit
    if count >= FEW:
        return [], []
    safer = _plug_in(problem, target, demands, FEW, optional=True)
    designs = []
    if safer is not None:
        designs = [design_of(f"at least {FEW} {unit}s", safer, problem, target)]
    if problem.between is None:
        note = f"few_training_seeds: I = {count} gives wide intervals that rest on near-normal "
        return designs, [f"{note}values; at least {FEW} are better."]
    t = float(stats.t.ppf(0.5 + target.level / 2, count - 1))
    freedom = "1 degree" if count == 2 else f"{count - 1} degrees"
    return designs, [
        f"P = {count} random partitions leave {freedom} of freedom (t = {t:.3g}), however many "
        f"training seeds they hold; at least {FEW} are better."
    ]


def _plug_in(
    problem: Problem, target: Target, demands: list[Demand], fewest: int, *, optional: bool = False
) -> Any:
    if target.kind == "budget":
        found = problem.best(demands, target.money, fewest)
        if found is None and not optional:
            least = max(2, fewest) * problem.prices.least
            raise TableError(
                f"a budget of {target.money:g} buys fewer than {max(2, fewest)} {problem.unit}s "
                f"with one run of each method, which cost {least:g}: give so much or more"
            )
        return found
    found = problem.cheapest(demands, fewest)
    if found is None and not optional:
        raise TableError(_out_of_reach(problem, target, demands))
    return found


def _out_of_reach(problem: Problem, target: Target, demands: list[Demand]) -> str:
    """Say the closest target that 2,000 units reach; a target scales with its room."""
    room = room_of(demands, np.array([MAX_TRAINING]))[0]
    factors = np.sqrt(problem.floor / room)
    name = {"half-width": "half-width", "power": "difference", "margin": "margin"}[target.kind]
    value = getattr(target, name.replace("-", "_"))
    if isinstance(value, Mapping):
        far = {p.metric: f for p, f in sorted(zip(problem.places, factors, strict=True)) if f >= 1}
        closest = ", ".join(f"{name}={reachable(value[name] * f):g}" for name, f in far.items())
        value = ", ".join(f"{name}={width:g}" for name, width in value.items())
    else:
        closest = f"{reachable(abs(value) * float(factors.max())):g}"
    inside = "unlearning seeds"
    if problem.between is not None:
        inside = "training and unlearning seeds in each"
    return (
        f"a {name} of {value} is out of reach with {MAX_TRAINING} {problem.unit}s and any number "
        f"of {inside}; the closest reachable is {closest}"
    )
