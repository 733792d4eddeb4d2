"""The stopping rule of a study, and following it: pilot, plan, extend, stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from seedwise.design import Design, Snapshot
from seedwise.errors import SeedwiseError
from seedwise.interop.costs import costs_of
from seedwise.results import Results
from seedwise.results.stopping import Interim, Stopping
from seedwise.stats.rules import Goal, Rule, usual_looks
from seedwise.stats.search import MAX_TRAINING, reachable
from seedwise.store import FileStore
from seedwise.store.looks import Look, log_look
from seedwise.study.amend import extended
from seedwise.study.lock import Lock
from seedwise.study.precision import Precision
from seedwise.study.times import seconds


@dataclass(frozen=True)
class Step:
    """One look of a rule.

    Args:
        training: I, training seeds at this look.
        goal: What is to be reached.
        interims: What was seen of each method or pair.
        planned: Training seeds at the next look; equal to `training` where the run stops.
        why: Why it goes on or stops.
    """

    training: int
    goal: Goal
    interims: tuple[Interim, ...]
    planned: int
    why: str

    def line(self) -> str:
        """Return the look in one line."""
        seen = "; ".join(one.words(self.goal) for one in self.interims)
        return f"look at I = {self.training}: {seen}. {self.why}"


def stopping_of(lock: Lock) -> Stopping | None:
    """Return the stopping rule of a study, None if it has none."""
    wanted = lock.precision
    if wanted is None:
        return None
    kind, size = wanted.goal
    looks = (wanted.looks or usual_looks(lock.pilot)) if wanted.rule == "looks" else ()
    goal = Goal(kind, size, wanted.power)
    rule = Rule(wanted.rule, goal, lock.pilot, looks, wanted.level)
    return Stopping(rule, wanted.metric, wanted.methods, wanted.between)


def follow(
    lock: Lock, store: FileStore, load: Callable[[Lock], Results], make: Callable[[Lock], None]
) -> Iterator[Step]:
    """Run a study until its rule says to stop; yield every look, which the store logs.

    The lock in the store always says how many training seeds are wanted, so that a run that was
    cut off goes on where it was. Unlearning seeds stay as they are.

    Args:
        lock: The resolved study; it has a `precision` block.
        store: The store.
        load: Returns the results of a lock.
        make: Makes what a lock needs.

    Raises:
        SeedwiseError: If the metric does not occur, or more training seeds are asked for than a
            plan holds.
    """
    stopping, wanted = stopping_of(lock), lock.precision
    if stopping is None or wanted is None:
        raise SeedwiseError(f"{lock.study}: the study has no precision block")
    while True:
        make(lock)
        if Snapshot(Design(lock), store).pending(["missing", "stale"]):
            return  # cut off by a limit: the next run goes on, and nothing was looked at
        step = _step(lock, store, load(lock), stopping, wanted)
        log_look(store, lock.study, Look("run", step.training, step.planned, stopping.rule.name))
        yield step
        if step.planned <= len(lock.seeds.training):
            return
        labels = extended(lock.seeds.training, step.planned, lock.seeds.tuning)
        seeds = lock.seeds.model_copy(update={"training": labels})
        lock = lock.model_copy(update={"seeds": seeds})
        store.write_lock(lock.study, lock.model_dump_json(indent=1))


def _step(
    lock: Lock, store: FileStore, results: Results, stopping: Stopping, wanted: Precision
) -> Step:
    interims, goal = results.interims(), stopping.rule.goal
    have = len(lock.seeds.training)
    following = max((one.following for one in interims), default=have)
    if following <= have:
        return Step(have, goal, interims, have, f"{_settled(goal, interims)}: stopped")
    most = _affordable(lock, store, wanted)
    if most <= have:
        why = f"max_cost {wanted.max_cost} allows no more training seeds: stopped"
        return Step(have, goal, interims, have, why)
    lost = any(one.count < have for one in interims)
    told = " (some training seeds have no value)" if lost else ""
    planned = min(following, most)
    if planned > MAX_TRAINING:
        raise SeedwiseError(_out_of_reach(lock.study, goal, following))
    short = f", of {following} asked for, as max_cost allows" if planned < following else ""
    return Step(have, goal, interims, planned, f"on to I = {planned}{short}{told}")


def _out_of_reach(study: str, goal: Goal, following: int) -> str:
    """Say what is within reach; the number of training seeds goes with 1 / size^2."""
    closest = reachable(goal.size * math.sqrt(following / MAX_TRAINING))
    return (
        f"{study}: a {goal.kind} of {goal.size:g} asks for {following} training seeds; at most "
        f"{MAX_TRAINING} are run, which reach about {closest:g}: ask for that in "
        "precision, or give a max_cost"
    )


def _settled(goal: Goal, interims: tuple[Interim, ...]) -> str:
    """Say how it ended: reached, excluded, or open at the last look."""
    outcomes = {one.outcome for one in interims}
    if outcomes == {"reached"}:
        return "reached"
    if "open" in outcomes:
        return "not reached at the last look"
    said = {
        "difference": f"a difference of {goal.size:g} is excluded",
        "margin": f"the difference is outside the margin of {goal.size:g}",
    }
    return said[goal.kind]


def _affordable(lock: Lock, store: FileStore, wanted: Precision) -> int:
    """Return how many training seeds the greatest cost allows, by the clocks so far."""
    costs = costs_of(Snapshot(Design(lock), store))
    if wanted.max_cost is None or costs is None:
        return 2**31
    tasks, evaluations = len(lock.tasks), len(lock.seeds.evaluation)
    runs = [
        (1 if m.deterministic else len(lock.seeds.unlearning_of(m.label)))
        * (costs.unlearn[m.label] + evaluations * costs.evaluate)
        for m in lock.methods
        if m.label in costs.unlearn
    ]
    each = costs.train + tasks * (costs.reference + sum(runs))
    return int(seconds(wanted.max_cost) / each)
