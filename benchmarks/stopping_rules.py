"""How often stopping rules err: 3 rules x goals x populations, by simulation.

Run by `python benchmarks/stopping_rules.py [studies]`; the pilot has 6 training seeds, and a run
ends at 200. An error is an interval that misses the true mean, a difference claimed where there is
none or excluded where it is as large as said, equivalence claimed at the margin or excluded in it.
"""

import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from seedwise.stats.rules import Goal, Kind, Name, Rule, usual_looks
from seedwise.stats.stopping import Interval

PILOT, MOST, SIZE = 6, 200, 0.7
POPULATIONS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "exponential": lambda rng, n: rng.exponential(size=n) - 1.0,
}


class Case(NamedTuple):
    """A goal, the true mean in units of the goal's size, and the outcome that is an error."""

    kind: Kind
    mean: float
    error: str


CASES = (
    Case("half-width", 0.0, "missed"),
    Case("difference", 0.0, "reached"),
    Case("difference", 1.0, "excluded"),
    Case("margin", 1.0, "reached"),
    Case("margin", 0.999, "excluded"),
    Case("margin", 0.0, "excluded"),
)


class Row(NamedTuple):
    """What a rule did in one case: shares of studies, and the mean number of training seeds."""

    error: float
    reached: float
    training: float


def simulate(name: Name, case: Case, population: str, studies: int) -> Row:
    """Follow a rule in many studies."""
    looks = usual_looks(PILOT) if name == "looks" else ()
    rule = Rule(name, Goal(case.kind, SIZE), PILOT, looks)
    rng, mean = np.random.default_rng(17), case.mean * SIZE
    errors, reached, training = 0, 0, 0
    for _ in range(studies):
        values = mean + POPULATIONS[population](rng, MOST)
        count = end(rule, values)
        found = rule.outcome(values[:count])
        missed = not covers(rule.interval(values[:count]), mean)
        errors += missed if case.error == "missed" else found == case.error
        reached += found == "reached"
        training += count
    return Row(errors / studies, reached / studies, training / studies)


def end(rule: Rule, values: np.ndarray) -> int:
    """Return the number of training seeds at which a run stops."""
    count = rule.pilot
    while (following := rule.next_count(values[:count])) is not None:
        if following > values.size:
            break
        count = following
    return count


def covers(found: Interval, mean: float) -> bool:
    """Return whether an interval holds the true mean."""
    return found.low <= mean <= found.high


def main(studies: str = "4000") -> None:
    """Print one row per rule, goal and true mean, for each population."""
    print("| rule | goal | true mean | error is | population | error | reached | mean I |")
    print("|---|---|---:|---|---|---:|---:|---:|")
    for name in ("stein", "looks", "anytime"):
        for case in CASES:
            for population in POPULATIONS:
                row = simulate(name, case, population, int(studies))
                print(
                    f"| {name} | {case.kind} | {case.mean:g} | {case.error} | {population} | "
                    f"{row.error:.3f} | {row.reached:.3f} | {row.training:.0f} |"
                )


if __name__ == "__main__":
    main(*sys.argv[1:])
