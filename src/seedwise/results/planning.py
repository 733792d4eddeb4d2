"""From a table of results to a plan: which groups are meant, what they cost, what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from seedwise.errors import TableError, did_you_mean
from seedwise.results.assumed import Assumed, problem_of, problem_of_pair
from seedwise.results.chosen import Chosen, choose
from seedwise.results.costs import Costs, with_reference
from seedwise.results.designs import plan
from seedwise.results.groups import About, Groups
from seedwise.results.pilots import of_methods, of_pair
from seedwise.results.plan import Plan
from seedwise.results.target import Target
from seedwise.results.tidy import BASELINES, REFERENCE, Spec, base_name

_ENDS = ("", "_low", "_high")
_FIXED = ("declared", "verified")


def plan_from_pilot(
    groups: Groups,
    table: Mapping[str, Any],
    about: About,
    target: Target,
    *,
    metrics: Sequence[str] | None,
    methods: Sequence[str] | None,
    between: Sequence[str] | None,
    costs: Costs | None,
    specs: Mapping[str, Spec],
    deterministic: Mapping[str, str],
) -> Plan:
    """Plan with the components of a pilot.

    Args:
        groups: The grouped table.
        table: The fitted groups.
        about: What is declared of the design.
        target: What is asked for.
        metrics: Metrics to plan for; None for all that are computed on models.
        methods: Methods to plan for; None for all but the baselines.
        between: Two methods whose difference is meant.
        costs: What seeds cost.
        specs: Metric specs by base name.
        deterministic: What is known of each method's determinism.

    Raises:
        TableError: If something does not occur, is contradictory, or cannot be estimated.
    """
    if costs is None:
        raise TableError(
            "what seeds cost is not known for this table: give --cost-train SECONDS and "
            "--cost-unlearn METHOD=SECONDS (and --cost-reference, --cost-eval)"
        )
    chosen = _chosen(groups, target, metrics, methods, between, specs)
    fixed = [deterministic.get(method) in _FIXED for method in chosen.methods]
    tasks = len({place.task for place in chosen.places})
    if chosen.methods[-1] == REFERENCE:
        costs = with_reference(costs)
    prices = costs.prices(chosen.methods, fixed, tasks)
    build = of_methods if between is None else of_pair
    problem = build(groups, table, chosen, prices, about)
    if costs.partition and problem.between is None:
        note = (
            "The cost of a partition is not counted: they are planned for with --partitions random."
        )
        problem = replace(problem, notes=(*problem.notes, note))
    found = plan(problem, target, source=costs.source)
    return replace(found, components=_components(table, chosen))


def plan_from_assumption(
    assumed: Assumed,
    known: Mapping[str, bool],
    target: Target,
    *,
    metrics: Sequence[str] | None = None,
    methods: Sequence[str] | None = None,
    between: Sequence[str] | None = None,
    costs: Costs,
    tasks: int = 1,
    is_paired: bool = False,
) -> Plan:
    """Plan a study before any run with components that are taken for granted.

    Args:
        assumed: The components.
        known: The methods of the study that unlearn, and whether they are deterministic.
        target: What is asked for.
        metrics: What the assumption is of: one metric at most.
        methods: Methods to plan for; None for all.
        between: Two methods whose difference is meant.
        costs: What seeds cost.
        tasks: Number of forget sets.
        is_paired: Whether references belong to the originals.

    Raises:
        TableError: If something does not occur or is contradictory.
    """
    if metrics and len(metrics) > 1:
        raise TableError(
            f"--assume is of one metric, given {', '.join(metrics)}; plan for one at a time"
        )
    assumed = replace(assumed, metric=metrics[0]) if metrics else assumed
    _known("method", methods, list(known), "the study")
    _known("method", between, [*known, REFERENCE], "the study")
    pair = _pair(target, methods, between, list(known))
    if pair is None:
        if assumed.corr is not None:
            raise TableError(
                "--assume corr= is about two methods: name them with --between A,B, or leave it out"
            )
        names = tuple(methods or known)
        problem = problem_of([assumed], names, [known[name] for name in names], costs, tasks)
    else:
        fixed = (known[pair[0]], known.get(pair[1], False))
        together = is_paired or pair[1] != REFERENCE
        problem = problem_of_pair(assumed, pair, fixed, costs, tasks, is_paired=together)
    return plan(problem, target, source=costs.source)


def _components(table: Mapping[str, Any], chosen: Chosen) -> pd.DataFrame:
    """Return the variance components that a plan rests on, with their limits."""
    parts = ("partition", "train", "unlearn", "eval")
    names = [f"var_{part}{end}" for part in parts for end in _ENDS]
    rows = [
        {
            "method": method,
            **place._asdict(),
            **{name: float(table[name][at]) for name in (*names, "icc", "icc_low", "icc_high")},
        }
        for method, places in zip(chosen.methods, chosen.group, strict=True)
        for place, at in zip(chosen.places, places, strict=True)
        if at >= 0
    ]
    return pd.DataFrame(rows)


def _chosen(
    groups: Groups,
    target: Target,
    metrics: Sequence[str] | None,
    methods: Sequence[str] | None,
    between: Sequence[str] | None,
    specs: Mapping[str, Spec],
) -> Chosen:
    keys = groups.keys
    known_metrics, known_methods = (list(dict.fromkeys(keys[n])) for n in ("metric", "method"))
    usual = [m for m in known_metrics if getattr(specs.get(base_name(m)), "level", "") != "record"]
    contestants = [method for method in known_methods if method not in BASELINES]
    _known("metric", metrics, known_metrics, "the pilot")
    for asked in (methods, between):
        _known("method", asked, known_methods, "the pilot")
    pair = _pair(target, methods, between, contestants)
    chosen = choose(groups, pair or methods or contestants, metrics or usual)
    if not chosen.methods:
        raise TableError("the pilot holds no method but the baselines: nothing is to be unlearned")
    if target.is_of_difference and len({p.metric for p in chosen.places}) > 1:
        names = ", ".join(sorted({p.metric for p in chosen.places}))
        raise TableError(f"a difference or margin is in units of one metric; name one of {names}")
    return chosen


def _known(what: str, asked: Sequence[str] | None, known: Sequence[str], where: str) -> None:
    for name in asked or ():
        if name not in known:
            raise TableError(f"no {what} '{name}' in {where}; {did_you_mean(name, known)}")


def _pair(
    target: Target,
    methods: Sequence[str] | None,
    between: Sequence[str] | None,
    contestants: Sequence[str],
) -> tuple[str, str] | None:
    """Return the two methods of a difference, None where each method counts by itself."""
    if between is None:
        if target.is_of_difference:
            raise TableError(
                "a difference or margin is about two methods: name them with --between A,B "
                f"(or --between A,{REFERENCE} for the gap to the reference); methods here: "
                f"{', '.join(contestants)}"
            )
        return None
    if methods:
        raise TableError("--method and --between contradict each other; give one of them")
    if len(between) != 2 or between[0] == between[1]:
        raise TableError(f"--between {','.join(between)}: name two different methods, as A,B")
    if between[0] in BASELINES:
        raise TableError(
            f"--between {','.join(between)}: the first is a method, the second a method or "
            f"'{REFERENCE}'"
        )
    return between[0], between[1]
