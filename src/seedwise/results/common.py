"""The best design with one J for all methods: what a study file can say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seedwise.results.problem import Problem
from seedwise.results.target import Target
from seedwise.stats.assured import Assurance, PairAssurance
from seedwise.stats.demands import Demand
from seedwise.stats.planner import room_of
from seedwise.stats.search import MAX_TRAINING, TIE, Found

_MOST_RUNS = 60


def common(
    problem: Problem,
    target: Target,
    demands: Sequence[Demand],
    evaluations: int,
    share: float | None = None,
) -> Found | None:
    """Return the best design in which all methods that draw have the same J.

    Args:
        problem: Components and prices.
        target: What is asked for.
        demands: The target per place.
        evaluations: K.
        share: In what share of a pilot's draws the target must be met; None takes the components
            for the truth.

    Returns:
        The cheapest design that meets the target, or for a budget the narrowest; None if there is
        none with J up to 60.
    """

    def solve(one: Problem) -> Found | None:
        return _common(one, target, demands, evaluations, one.assurance(demands, share))

    is_budget = target.kind == "budget"
    return problem.over_training(solve, lambda found: found.fill if is_budget else found.cost)


def _common(
    problem: Problem,
    target: Target,
    demands: Sequence[Demand],
    evaluations: int,
    assurance: Assurance | PairAssurance | None,
) -> Found | None:
    fewest = max(2, target.min_training)
    best: Found | None = None
    for number in range(1, _MOST_RUNS + 1):
        runs = np.minimum(number, problem.prices.most_runs)
        each = float(problem.prices.of_unit(runs, evaluations))
        if target.kind == "budget":
            count = min(int(target.money / each * (1 + TIE)), MAX_TRAINING)
            if count < fewest:
                break
            fill = _fill(problem, demands, count, runs, evaluations, assurance)
            if best is None or fill < best.fill * (1 - TIE):
                best = Found(count, runs.astype(int), evaluations, count * each, fill)
            continue
        most = MAX_TRAINING if best is None else min(MAX_TRAINING, int(best.cost / each))
        if most < fewest:
            break
        count = _least(problem, demands, runs, evaluations, assurance, (fewest, most))
        if count is not None and (best is None or count * each < best.cost * (1 - TIE)):
            best = Found(count, runs.astype(int), evaluations, count * each, 1.0)
    return best


def _least(
    problem: Problem,
    demands: Sequence[Demand],
    runs: np.ndarray,
    evaluations: int,
    assurance: Assurance | PairAssurance | None,
    ends: tuple[int, int],
) -> int | None:
    """Return the fewest training seeds that meet the target, None if the most do not."""

    def meets(count: int) -> bool:
        return _fill(problem, demands, count, runs, evaluations, assurance) <= 1 + TIE

    low, high = ends
    if not meets(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if meets(middle) else (middle + 1, high)
    return high


def _fill(
    problem: Problem,
    demands: Sequence[Demand],
    count: int,
    runs: np.ndarray,
    evaluations: int,
    assurance: Assurance | PairAssurance | None,
) -> float:
    if assurance is not None:
        return assurance.fill(count, runs, evaluations)
    room = room_of(demands, np.array([count]))[0]
    return float((problem.of_unit(runs, evaluations) / room).max())
