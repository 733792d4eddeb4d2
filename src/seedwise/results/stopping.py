"""The stopping rule that results were gathered under: its state, and its own interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from seedwise.errors import TableError, did_you_mean
from seedwise.results.groups import About, Groups
from seedwise.results.sides import Request, Side, contrast, matched, side_of
from seedwise.results.tidy import BASELINES, REFERENCE
from seedwise.stats.compare import holm, simultaneous_level
from seedwise.stats.rules import Goal, Outcome, Rule
from seedwise.stats.stopping import Interval


@dataclass(frozen=True)
class Stopping:
    """A stopping rule and what it is about.

    Args:
        rule: The rule.
        metric: The metric that it looks at.
        methods: The methods that are each to reach the goal; none for all.
        between: Two methods whose difference is to reach it, None for the methods themselves.
    """

    rule: Rule
    metric: str
    methods: tuple[str, ...] = ()
    between: tuple[str, str] | None = None


@dataclass(frozen=True)
class Interim:
    """What a rule sees of one method or pair.

    Args:
        task: The task.
        name: The method, or `A - B`.
        interval: The rule's own.
        values: (n,) what it rests on, one value per training seed in their order.
        following: Training seeds to have at the next look; those there are where it stops.
        outcome: Whether the goal is reached, excluded or open.
    """

    task: str
    name: str
    interval: Interval
    values: np.ndarray = field(repr=False, compare=False)
    following: int
    outcome: Outcome

    @property
    def count(self) -> int:
        """Training seeds with a value."""
        return self.values.size

    def words(self, goal: Goal) -> str:
        """Return it in words: the half-width, or for a test the interval."""
        low, high = self.interval
        if not np.isfinite(high - low):
            return f"{self.name} no interval yet"
        if goal.kind == "half-width":
            return f"{self.name} half-width {(high - low) / 2:.4g}"
        return f"{self.name} in [{low:.4g}, {high:.4g}]"


def at_level(stopping: Stopping, level: float) -> Stopping:
    """Return the rule whose interval is shown at a level.

    What each rule pays for its looks holds at every level; a margin's decision rests on a narrower
    interval, which is not the one that tables show.
    """
    rule = stopping.rule
    goal = replace(rule.goal, kind="half-width")
    return replace(stopping, rule=replace(rule, level=level, goal=goal))


def interims(
    groups: Groups, flags: Sequence[str], about: About, stopping: Stopping
) -> tuple[Interim, ...]:
    """Return what the rule sees of every method (or the pair) in every task.

    Args:
        groups: The grouped table.
        flags: (B) flags of the groups.
        about: What is declared of the design.
        stopping: The rule.

    Raises:
        TableError: If the metric or a method has no value.
    """
    keys = groups.keys
    if stopping.metric not in set(keys["metric"]):
        hint = did_you_mean(stopping.metric, set(keys["metric"]))
        raise TableError(f"precision.metric: no metric '{stopping.metric}' in the results; {hint}")
    found = []
    for task, members in keys[keys["metric"] == stopping.metric].groupby("task", sort=False):
        places = members.index.to_numpy()
        sides = {keys["method"][at]: side_of(groups, int(at), flags[int(at)]) for at in places}
        for name, values in _values(sides, stopping, about).items():
            found.append(_interim(str(task), name, values, stopping.rule))
    return tuple(found)


def with_rule(summary: pd.DataFrame, found: Sequence[Interim], stopping: Stopping) -> pd.DataFrame:
    """Return a summary in which the methods of a rule have the rule's own interval."""
    if stopping.between is not None:
        return summary
    table = summary.copy()
    for one in found:
        own = (
            (table["task"] == one.task)
            & (table["metric"] == stopping.metric)
            & (table["method"] == one.name)
        )
        table.loc[own, ["ci_low", "ci_high"]] = list(one.interval)
        table.loc[own, "ci_kind"] = stopping.rule.kind
        table.loc[own, "df"] = stopping.rule.df(one.count)
    return table


def with_rule_of_pair(
    table: pd.DataFrame, found: Sequence[Interim], stopping: Stopping
) -> pd.DataFrame:
    """Return comparisons in which the pair of a rule has the rule's own interval."""
    if stopping.between is None:
        return table
    table, (a, b) = table.copy(), stopping.between
    for one in found:
        here = (table["task"] == one.task) & (table["metric"] == stopping.metric)
        rule = stopping.rule
        level = simultaneous_level(rule.level, int(here.sum()))
        for first, second, values in ((a, b, one.values), (b, a, -one.values)):
            own = here & (table["a"] == first) & (table["b"] == second)
            table.loc[own, ["ci_low", "ci_high"]] = list(rule.interval(values))
            wider = replace(rule, level=level).interval(values)
            table.loc[own, ["ci_low_sim", "ci_high_sim"]] = list(wider)
            table.loc[own, "ci_kind"] = rule.kind
            table.loc[own, "df"] = rule.df(one.count)
            table.loc[own, "p"] = rule.p_value(values)
        table.loc[here, "p_adjusted"] = holm(table.loc[here, "p"].to_numpy())
    return table


def with_rule_of_gap(
    table: pd.DataFrame, found: Sequence[Interim], stopping: Stopping, margin: float | None
) -> pd.DataFrame:
    """Return gaps to the reference in which the method of a rule has the rule's own interval.

    So have the ends of its equivalence test, at a confidence of 1 - 2 alpha.
    """
    if stopping.between is None or stopping.between[1] != REFERENCE:
        return table
    table, rule = table.copy(), stopping.rule
    narrower = replace(rule, level=2 * rule.level - 1)
    for one in found:
        own = (
            (table["task"] == one.task)
            & (table["metric"] == stopping.metric)
            & (table["method"] == stopping.between[0])
        )
        low, high = narrower.interval(one.values)
        table.loc[own, ["ci_low", "ci_high"]] = list(rule.interval(one.values))
        table.loc[own, ["tost_low", "tost_high"]] = [low, high]
        table.loc[own, "smallest_margin"] = max(abs(low), abs(high))
        table.loc[own, "ci_kind"] = rule.kind
        table.loc[own, "df"] = rule.df(one.count)
        if margin is not None:
            p = rule.p_equivalence(one.values, margin)
            table.loc[own, "p_equivalence"] = p
            table.loc[own, "equivalent"] = pd.NA if np.isnan(p) else p < 1 - rule.level
    return table


def _values(sides: dict[str, Side], stopping: Stopping, about: About) -> dict[str, np.ndarray]:
    """Return the means of the training seeds, in their order, of each method or of the pair."""
    if stopping.between is None:
        names = stopping.methods or tuple(name for name in sides if name not in BASELINES)
        return {name: _side(sides, name).mean for name in names}
    a, b = (_side(sides, name) for name in stopping.between)
    has_reference = stopping.between[1] == REFERENCE
    request = Request(None, None, stopping.rule.level, about)
    pairing = contrast(a, b, has_reference=has_reference, request=request).pairing
    # References of their own are drawn in the same order: their differences are independent too.
    left, right = matched(a, b, "label" if pairing == "independent" else pairing)
    order = np.argsort(left.label)
    return {" - ".join(stopping.between): (left.mean - right.mean)[order]}


def _side(sides: dict[str, Side], name: str) -> Side:
    if name not in sides:
        raise TableError(f"precision: '{name}' has no value; {did_you_mean(name, sides)}")
    return sides[name]


def _interim(task: str, name: str, values: np.ndarray, rule: Rule) -> Interim:
    interval, count = rule.interval(values), values.size
    if count < 2:
        return Interim(task, name, interval, values, count, "open")
    following = rule.next_count(values)
    return Interim(task, name, interval, values, following or count, rule.outcome(values))
