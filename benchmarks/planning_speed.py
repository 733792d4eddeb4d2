"""How long a plan takes: 20 methods x 10 metrics, I <= 2,000, J <= 100, K <= 10.

Run by `python benchmarks/planning_speed.py [repeats]`; CPU seconds of one thread, the median of the
repeats. The problem has evaluation noise, so that every K is searched.
"""

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from seedwise.stats.assured import Assurance, assured_cost, assured_for_budget
from seedwise.stats.demands import Equivalence, HalfWidth, Power
from seedwise.stats.pilot import Pilot
from seedwise.stats.planner import best_for, cheapest_for, over_methods
from seedwise.stats.search import Prices, Variances

METHODS, METRICS = 20, 10
PILOT, RUNS, DRAWS = 10, 5, 3
"""I, J and K of the pilot."""


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


def timed(task: Callable[[], object]) -> float:
    """Return the CPU seconds of a task."""
    begin = time.process_time()
    task()
    return time.process_time() - begin


def times(seed: int) -> dict[str, float]:
    """Return the CPU seconds of every kind of plan for one problem."""
    variances, prices, pilot = problem(seed)
    widths = [HalfWidth(0.5)] * METRICS
    search, budget = over_methods(variances, prices), 50_000.0
    plug_in = cheapest_for(widths, search, prices.least)
    bought = best_for(widths, variances, prices, budget)
    assert plug_in is not None
    assert bought is not None
    sure = Assurance(widths, pilot.draws, 0.8)

    def cheapest(demand: Power | Equivalence) -> Callable[[], object]:
        return lambda: cheapest_for([demand] * METRICS, search, prices.least)

    return {
        "plug-in, half-width": timed(lambda: cheapest_for(widths, search, prices.least)),
        "plug-in, power": timed(cheapest(Power(1.0))),
        "plug-in, equivalence": timed(cheapest(Equivalence(1.0))),
        "plug-in, budget": timed(lambda: best_for(widths, variances, prices, budget)),
        "assured, half-width": timed(lambda: assured_cost(sure, prices, start=plug_in)),
        "assured, budget": timed(lambda: assured_for_budget(sure, prices, budget, bought)),
    }


def main(repeats: str = "3") -> None:
    """Print the median CPU seconds of each kind of plan."""
    found = [times(seed) for seed in range(int(repeats))]
    print("| plan | CPU seconds |\n|---|---:|")
    for name in found[0]:
        print(f"| {name} | {statistics.median(one[name] for one in found):.2f} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
