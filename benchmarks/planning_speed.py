"""How long a plan takes: 20 methods x 10 metrics, I <= 2,000, J <= 100, K <= 10.

Run by `python benchmarks/planning_speed.py [repeats]`; CPU seconds of one thread, the median of the
repeats. The problem has evaluation noise, so that every K is searched. Over random partitions P and
I are both searched up to 2,000.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from seedwise.results.problem import Between, Place, Problem
from seedwise.stats.assured import assured_cost, assured_for_budget
from seedwise.stats.demands import Demand, Equivalence, HalfWidth, Power
from seedwise.stats.pilot import Pilot
from seedwise.stats.search import MAX_TRAINING, Found, Prices, Variances

METHODS, METRICS = 20, 10
PILOT, RUNS, DRAWS = 10, 5, 3
"""I, J and K of the pilot."""
BUDGET = 50_000.0


def problem(seed: int) -> tuple[Variances, Prices, Pilot]:
    """Return components and prices of one draw, and a pilot that estimates them exactly."""
    rng = np.random.default_rng(seed)
    shape = (METHODS, METRICS)
    variances = Variances(*(rng.gamma(2.0, 1.0, shape) for _ in range(3)))
    prices = Prices(50.0, rng.uniform(1.0, 5.0, METHODS), 0.3, np.full(METHODS, np.inf))
    inner = variances.within(DRAWS)

    def alike(value: float) -> np.ndarray:
        return np.full(shape, value)

    pilot = Pilot(
        variances.train + inner / RUNS,
        alike(PILOT - 1),
        inner,
        alike(PILOT * (RUNS - 1)),
        variances.evaluation,
        alike(PILOT * RUNS * (DRAWS - 1)),
        alike(RUNS),
        alike(DRAWS),
    )
    return variances, prices, pilot


def timed(task: Callable[[], Found | None]) -> tuple[Found, float]:
    """Return what a task finds, and its CPU seconds."""
    begin = time.process_time()
    found = task()
    seconds = time.process_time() - begin
    assert found is not None
    return found, seconds


def over_partitions(variances: Variances, prices: Prices, pilot: Pilot) -> Problem:
    """Return the problem with random partitions whose draw costs four training seeds."""
    priced = prices._replace(partition=4 * prices.once, most_inside=MAX_TRAINING)
    between = Between(0.3 * variances.train, 0.3 * pilot.draws.train)
    names = tuple(str(m) for m in range(METHODS))
    places = tuple(Place("", str(q)) for q in range(METRICS))
    return Problem(names, places, variances, priced, pilot.draws, between)


def times(seed: int) -> dict[str, tuple[float, float]]:
    """Return the CPU seconds of every kind of plan for one problem, plug-in and assured."""
    variances, prices, pilot = problem(seed)
    nested = over_partitions(variances, prices, pilot)
    places = {"": replace(nested, prices=prices, between=None), " over partitions": nested}
    targets = {
        "half-width": HalfWidth(0.5),
        "power": Power(1.0),
        "equivalence": Equivalence(1.0),
    }
    found: dict[str, tuple[float, float]] = {}
    for where, one in places.items():
        for name, demand in targets.items():
            found |= _cheapest(one, [demand] * METRICS, f"{name}{where}")
        found |= _for_budget(one, [HalfWidth(0.5)] * METRICS, f"budget{where}")
    return found


def _cheapest(one: Problem, demands: Sequence[Demand], name: str) -> dict[str, tuple[float, float]]:
    plug_in, seconds = timed(lambda: one.cheapest(demands, 2))
    sure = one.assurance(demands, 0.8)
    assert sure is not None
    _, more = timed(lambda: assured_cost(sure, one.prices, start=plug_in))
    return {name: (seconds, more)}


def _for_budget(
    one: Problem, demands: Sequence[Demand], name: str
) -> dict[str, tuple[float, float]]:
    bought, seconds = timed(lambda: one.best(demands, BUDGET, 2))
    sure = one.assurance(demands, 0.8)
    assert sure is not None
    _, more = timed(lambda: assured_for_budget(sure, one.prices, BUDGET, bought))
    return {name: (seconds, more)}


def main(repeats: str = "3") -> None:
    """Print the median CPU seconds of each kind of plan."""
    found = [times(seed) for seed in range(int(repeats))]
    print("| plan | plug-in, CPU seconds | assured |\n|---|---:|---:|")
    for name in found[0]:
        plug_in, sure = (statistics.median(one[name][n] for one in found) for n in (0, 1))
        print(f"| {name} | {plug_in:.2f} | {sure:.2f} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
