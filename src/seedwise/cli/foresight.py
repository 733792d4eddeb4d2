"""What `seedwise plan study.yaml` says before a run: cells, costs, what the design buys."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seedwise.cli.needs import needs
from seedwise.errors import SeedwiseError

if TYPE_CHECKING:
    from seedwise.design import Forecast
    from seedwise.results import Results
    from seedwise.results.assumed import Assumed
    from seedwise.results.costs import Costs
    from seedwise.study.lock import Lock

_TRAINING, _UNLEARNING = (5, 10, 20, 30), (1, 3, 5, 10)


@dataclass(frozen=True)
class Foresight:
    """A study before a run.

    Args:
        lock: The resolved study.
        forecast: What it still needs.
        results: What the store has of it.
        assumed: Components taken for granted, given, shipped or by default.
        is_given: Whether they were given.
    """

    lock: Lock
    forecast: Forecast
    results: Results
    assumed: Sequence[Assumed]
    is_given: bool

    @property
    def runs(self) -> dict[str, int]:
        """J by method, as the study says it."""
        return {title: len(self.lock.seeds.unlearning_of(title)) for title in self.lock.titles}

    @property
    def methods(self) -> tuple[tuple[str, ...], tuple[bool, ...]]:
        """Labels of the methods that unlearn, and whether they are deterministic."""
        own = [m for m in self.lock.methods if m.label in self.lock.titles]
        return tuple(m.label for m in own), tuple(m.deterministic for m in own)

    @property
    def designs(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The I and J that are shown: the study's own among usual ones."""
        training = len(self.lock.seeds.training)
        return (
            tuple(sorted({training, *_TRAINING})),
            tuple(sorted({*self.runs.values(), *_UNLEARNING})),
        )


def foresee(study: Path, store: Path, changes: Sequence[str], assume: str | None) -> Foresight:
    """Look at a study and its store; nothing is written.

    Raises:
        SeedwiseError: If the study, the store or the assumption cannot be used.
    """
    from seedwise import api
    from seedwise.design import Design, Snapshot, forecast
    from seedwise.interop.store import load_results
    from seedwise.results import assumed

    with tempfile.TemporaryDirectory() as empty:
        lock, opened = api.foresee(study, store, changes, Path(empty))
        found = forecast(Snapshot(Design(lock), opened))
        results = load_results(opened, lock)
    if assume is not None:
        return Foresight(lock, found, results, [assumed.parse(assume)], is_given=True)
    known = assumed.measured(lock.domain.name, [metric.name for metric in lock.metrics])
    usual = [
        assumed.Assumed(rho, 1.0, f"any, rho = {rho:g}", "in units of the sd of a run")
        for rho in assumed.SHARES
    ]
    return Foresight(lock, found, results, known or usual, is_given=False)


def calibrate(study: Path, store: Path, changes: Sequence[str], chosen: Any) -> None:
    """Make the first training seed's cells of every stage, so that their clocks are known.

    They are cells of the study: nothing made here is made again.
    """
    from seedwise import api
    from seedwise.engine.run import run

    lock, opened = api.resolve(study, store, changes)
    small = lock.model_copy(update={"seeds": lock.seeds.first()})
    opened.write_lock(lock.study, small.model_dump_json(indent=1))
    try:
        outcome = run(small, opened, chosen, lambda event: None)
    finally:
        opened.write_lock(lock.study, lock.model_dump_json(indent=1))
    if outcome.failures:
        raise SeedwiseError(f"the calibration did not finish: {outcome.failures[0]}")


def has_pilot(results: Results) -> bool:
    """Return whether some method has values under two training seeds."""
    frame = results.frame()
    own = frame[frame["value"].notna() & frame["unlearning_seed"].notna()]
    return bool((own.groupby("method")["training_seed"].nunique() >= 2).any())


def lines(seen: Foresight, workers: int | None, level: float) -> list[str]:
    """Return what is said before a run."""
    lock, tasks = seen.lock, len(seen.lock.tasks)
    said = [
        f"{lock.study}: I = {len(lock.seeds.training)} training seeds, J = "
        f"{lock.seeds.said_J(lock.titles)} unlearning seeds, K = {len(lock.seeds.evaluation)}, "
        f"{len(lock.titles)} methods, {tasks} forget "
        f"set{'s' if tasks > 1 else ''}",
        *needs(seen.forecast, workers),
        "",
        *_widths(seen, level),
    ]
    if not has_pilot(seen.results):
        from seedwise.results.assumed import ADVICE

        said += ["", *ADVICE]
    return said


def to_dict(seen: Foresight, level: float) -> dict[str, Any]:
    """Return the same as plain values; what is not known is None."""
    from seedwise.results.assumed import half_widths

    table = half_widths(seen.assumed, *seen.designs, level=level)
    return {
        "study": seen.lock.study,
        "seeds": {
            "I": len(seen.lock.seeds.training),
            "J": seen.runs,
            "K": len(seen.lock.seeds.evaluation),
        },
        "stages": [_plain({**vars(one), "disk": one.disk}) for one in seen.forecast.stages],
        "left": _plain(
            {
                "seconds": seen.forecast.seconds,
                "disk": seen.forecast.bytes("disk"),
                "weights": seen.forecast.bytes("weights"),
                "outputs": seen.forecast.bytes("outputs"),
                "history": seen.forecast.bytes("history"),
                "memory": seen.forecast.memory,
                "unknown": list(seen.forecast.unknown),
                "unmeasured": list(seen.forecast.unmeasured),
            }
        ),
        "half_widths": [_plain(dict(row)) for row in table.to_dict("records")],
    }


def _widths(seen: Foresight, level: float) -> list[str]:
    from seedwise.report.grids import Grid
    from seedwise.report.numbers import level_name, number
    from seedwise.report.plan import aligned

    training, unlearning = seen.designs
    said = [f"Half-width of the {level_name(level)} interval that a design buys"]
    for one in seen.assumed:
        said.append(f"{one.metric}: rho = {one.rho:.2g}, sd = {one.sd:.3g} ({one.source})")
        rows = tuple(
            (
                _own("  I", i, [len(seen.lock.seeds.training)]),
                *(number(one.half_width(i, j, level)) for j in unlearning),
            )
            for i in training
        )
        head = ("", *(_own("J", j, seen.runs.values()) for j in unlearning))
        said += list(aligned(Grid(head, rows)))
    return said


def _own(name: str, value: int, own: Collection[int]) -> str:
    return f"{name} = {value}" + (" (study)" if value in own else "")


def plan_assumed(
    seen: Foresight, costs: Costs | None, target: Mapping[str, Any], groups: Mapping[str, Any]
) -> Any:
    """Plan for a target under the assumption that was given.

    Raises:
        SeedwiseError: If none was given, or costs are not known.
    """
    from seedwise.results.planning import plan_from_assumption
    from seedwise.results.target import Target

    if not seen.is_given:
        raise SeedwiseError(
            "a target needs a pilot (this study has none in the store yet: run it with "
            "seeds.training=5) or an assumption: --assume rho=.5,sd=.02"
        )
    wanted = Target(**target)
    if costs is None:
        raise SeedwiseError(
            "what seeds cost is not known yet: --calibrate measures it, or give --cost-train and "
            "--cost-unlearn"
        )
    return plan_from_assumption(
        seen.assumed[0],
        dict(zip(*seen.methods, strict=True)),
        wanted,
        metrics=groups["metric"],
        methods=groups["methods"],
        between=groups["between"],
        costs=costs,
        tasks=len(seen.lock.tasks),
        is_paired=seen.lock.reference == "paired",
    )


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(key): None if isinstance(value, float) and math.isnan(value) else value
        for key, value in row.items()
    }
