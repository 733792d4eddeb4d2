"""`seedwise plan`: how many seeds of each kind, before any run or from a pilot."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from seedwise.cli import options
from seedwise.cli.source import Source
from seedwise.errors import SeedwiseError

if TYPE_CHECKING:
    from seedwise.results import Results
    from seedwise.results.costs import Costs
    from seedwise.results.plan import Plan

What = Annotated[
    Path | None,
    typer.Argument(
        help="A study file (.yaml), or a table of a pilot (.csv, .tsv, .parquet, .jsonl); without "
        "it, the study in the store is the pilot.",
        show_default=False,
    ),
]
Numbers = list[str] | None


def command(
    what: What = None,
    store: options.Store = options.DEFAULT_STORE,
    study: options.StudyName = None,
    half_width: Annotated[
        Numbers,
        typer.Option(help="Target: greatest half-width; H, or METRIC=H for each of several."),
    ] = None,
    difference: Annotated[
        float | None, typer.Option(help="Target: a difference of two methods to be shown.")
    ] = None,
    margin: Annotated[
        float | None, typer.Option(help="Target: equivalence of two methods within this margin.")
    ] = None,
    power: Annotated[
        float | None, typer.Option(help="Power for --difference or --margin (default .8).")
    ] = None,
    between: Annotated[
        str | None,
        typer.Option(help="Two methods, A,B (or A,retrain): plan for their difference."),
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="Best for this many compute seconds (90s, 30min, 8h, 2d).")
    ] = None,
    wall: Annotated[
        str | None, typer.Option(help="Best for this wall time; needs --workers.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Runs at once: shows wall times, and serves --wall.")
    ] = None,
    weight: Annotated[
        Numbers, typer.Option(help="METRIC=W: how much a metric counts with --budget.")
    ] = None,
    metric: options.Metrics = None,
    method: Annotated[
        list[str] | None, typer.Option("--method", help="Only this method; may be repeated.")
    ] = None,
    cost_metric: Annotated[
        str | None,
        typer.Option(help="Price in a metric instead of seconds, e.g. communication/MB."),
    ] = None,
    cost_train: Annotated[
        float | None, typer.Option(help="Cost of one training seed (all that is paid once).")
    ] = None,
    cost_reference: Annotated[
        float | None, typer.Option(help="Cost of one retrained reference.")
    ] = None,
    cost_unlearn: Annotated[
        Numbers, typer.Option(help="METHOD=COST of one run, or COST for all methods.")
    ] = None,
    cost_eval: Annotated[
        float | None, typer.Option(help="Cost of one evaluation seed of one run.")
    ] = None,
    cost_partition: Annotated[
        float | None, typer.Option(help="Cost of one partition, with --partitions random.")
    ] = None,
    level: options.Level = 0.95,
    assurance: Annotated[
        float, typer.Option(help="Probability with which the assured plan meets the target.")
    ] = 0.8,
    min_training: Annotated[
        int, typer.Option(help="Fewest training seeds (fewest partitions where they are random).")
    ] = 2,
    out: Annotated[
        Path | None, typer.Option(help="Write the plan as a page (.html) or its picture (.svg).")
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            help="Write the study file with the seeds of the plan; comments stay. Without a study "
            "file to plan for, this one is amended."
        ),
    ] = None,
    style: Annotated[
        Literal["table", "json"], typer.Option("--format", help="How to print it.")
    ] = "table",
    changes: options.Set = None,
    assume: Annotated[
        str | None,
        typer.Option(
            help="With a study file: components taken for granted, rho=.5,sd=.02 (share of the "
            "training seed, standard deviation of a run); for two methods also corr=.5 (of what a "
            "training seed does to both; 0 unless given)."
        ),
    ] = None,
    calibrate: Annotated[
        bool,
        typer.Option(
            "--calibrate",
            help="With a study file: make the first training seed's models to measure times.",
        ),
    ] = False,
    column: options.Columns = None,
    wide: options.Wide = None,
    seed: options.OneSeed = None,
    reference: options.Reference = None,
    original: options.Original = None,
    percent: options.Percent = False,
    unpaired: options.Unpaired = False,
    partitions: options.Partitions = None,
    unlearning: options.Unlearning = None,
    missing: options.Missing = None,
) -> None:
    """Plan the cheapest design for a target, or the best one for a budget, from a pilot."""
    source = Source(
        column, wide, seed, reference, original, percent, unpaired, partitions, unlearning, missing
    )
    prices = {
        "train": cost_train,
        "reference": cost_reference,
        "evaluate": cost_eval,
        "partition": cost_partition,
    }
    target = {
        "half_width": _numbers(half_width, "--half-width"),
        "difference": difference,
        "margin": margin,
        "power": power,
        "budget": budget,
        "wall": wall,
        "workers": workers,
        "weights": _weights(weight),
        "level": level,
        "assurance": assurance,
        "min_training": min_training,
    }
    groups = {
        "metric": metric,
        "methods": method,
        "between": [name.strip() for name in between.split(",")] if between else None,
    }
    ask = Asked(target, groups, prices, cost_unlearn, style, cost_metric)
    if not ask.has_target and (out or write):
        raise SeedwiseError("--out and --write need a target, e.g. --half-width or --budget")
    if what is not None and what.suffix in (".yaml", ".yml"):
        source.refuse_without_table()
        found = _before(what, store, changes or [], ask, assume, calibrate=calibrate)
        _write(found, out, write, what)
        return
    for name, given in (("--assume", assume), ("--calibrate", calibrate), ("--set", changes)):
        if given:
            raise SeedwiseError(f"{name} belongs to a study file: seedwise plan study.yaml {name}")
    found = ask.plan(pilot(source, what, store, study))
    _say(ask, found)
    _write(found, out, write, None)


def _write(found: Plan | None, out: Path | None, write: Path | None, study: Path | None) -> None:
    """Write the page, the picture and the amended study that were asked for."""
    if found is None:
        return
    from seedwise.cli.amendment import amend, write_page

    if out is not None:
        typer.echo(write_page(found, out), err=True)
    if write is not None:
        typer.echo(amend(found, write, study), err=True)


@dataclass(frozen=True)
class Asked:
    """What the options ask for: target, groups, costs, and how to print it."""

    target: dict[str, Any]
    groups: dict[str, Any]
    prices: Mapping[str, float | None]
    unlearn: Sequence[str] | None
    style: str
    metric: str | None

    @property
    def has_target(self) -> bool:
        """Whether a plan is asked for, not only what a study needs."""
        names = ("half_width", "difference", "margin", "budget", "wall")
        return any(self.target[name] is not None for name in names)

    def costs(self, results: Results, methods: Sequence[str]) -> Costs | None:
        """Return what seeds cost: by the store's clocks or a metric, replaced where given."""
        base = results.costs if self.metric is None else results.costs_by(self.metric)
        return costs(base, methods, self.prices, self.unlearn)

    def plan(self, results: Results) -> Plan:
        """Plan with results as the pilot."""
        from seedwise.results.tidy import BASELINES

        names = [m for m in dict.fromkeys(results.frame()["method"]) if m not in BASELINES]
        return results.plan(**self.groups, costs=self.costs(results, names), **self.target)


def _before(
    study: Path,
    store: Path,
    changes: Sequence[str],
    ask: Asked,
    assume: str | None,
    *,
    calibrate: bool,
) -> Plan | None:
    """Say what a study needs and buys, then plan if a target is given."""
    from seedwise.cli import foresight
    from seedwise.engine.run import Options

    if calibrate:
        foresight.calibrate(study, store, changes, Options(workers=0))
    seen = foresight.foresee(study, store, changes, assume)
    found = None
    if ask.has_target and assume is None and foresight.has_pilot(seen.results):
        found = ask.plan(seen.results)
    elif ask.has_target:
        own = ask.costs(seen.results, seen.methods[0])
        found = foresight.plan_assumed(seen, own, ask.target, ask.groups)
    level = ask.target["level"]
    if ask.style == "json":
        content = foresight.to_dict(seen, level)
        typer.echo(json.dumps({**content, "plan": found and found.to_dict()}, indent=1))
        return found
    typer.echo("\n".join(foresight.lines(seen, ask.target["workers"], level)))
    if found is not None:
        typer.echo()
        _say(ask, found)
    return found


def pilot(source: Source, what: Path | None, store: Path, study: str | None) -> Results:
    """Return the results to plan with: a table, or a study in a store.

    Nothing of the means is shown, so this is no look that the store would log: more seeds may
    follow it.
    """
    from seedwise.api import pilot as pilot_in

    if what is not None:
        return source.read(what, store, study, "plan")
    source.refuse_without_table()
    return pilot_in(store, study)


def _say(ask: Asked, found: Plan) -> None:
    from seedwise.report.plan import print_plan

    if ask.style == "json":
        typer.echo(json.dumps(found.to_dict(), indent=1))
    else:
        print_plan(found, Console())


def costs(
    base: Costs | None,
    methods: Sequence[str],
    given: Mapping[str, float | None],
    unlearn: Sequence[str] | None,
) -> Costs | None:
    """Return the costs of a pilot, replaced where they are given.

    Args:
        base: What is known without being given: by the clocks of a store, or by a metric.
        methods: The methods there are.
        given: What is paid for all but unlearning, None where not given.
        unlearn: Costs of runs, as typed.

    Raises:
        SeedwiseError: If some are given and others neither given nor known.
    """
    from dataclasses import replace

    from seedwise.results.costs import Costs

    known = {name: value for name, value in given.items() if value is not None}
    runs = _per_method(unlearn, methods)
    if not known and not runs:
        return base
    if base is not None:
        merged = {**base.unlearn, **runs}
        source = f"{base.source}; as given where given"
        return replace(base, **known, unlearn=merged, source=source)
    if "train" not in known or not runs:
        lacking = "--cost-train" if "train" not in known else "--cost-unlearn METHOD=COST"
        raise SeedwiseError(f"costs are given in part: {lacking} is needed as well")
    return Costs(unlearn=runs, **known)  # pyright: ignore[reportArgumentType]


def _per_method(given: Sequence[str] | None, names: Sequence[str]) -> dict[str, float]:
    from seedwise.errors import did_you_mean

    found: dict[str, float] = {}
    for pair in given or []:
        name, equals, value = pair.rpartition("=")
        number = _number(value, "--cost-unlearn")
        if equals and name not in names:
            raise SeedwiseError(f"--cost-unlearn {pair}: {did_you_mean(name, names)}")
        found |= {name: number} if equals else dict.fromkeys(names, number)
    return found


def _numbers(given: Sequence[str] | None, option: str) -> Any:
    """Read one number, or METRIC=NUMBER pairs."""
    if not given:
        return None
    pairs = [pair.rpartition("=") for pair in given]
    if len(pairs) == 1 and not pairs[0][1]:
        return _number(given[0], option)
    if any(not equals for _, equals, _ in pairs):
        raise SeedwiseError(f"{option}: give one number, or METRIC=NUMBER for each metric")
    return {name: _number(value, option) for name, _, value in pairs}


def _weights(given: Sequence[str] | None) -> dict[str, float] | None:
    found = _numbers(given, "--weight")
    if isinstance(found, float):
        raise SeedwiseError("--weight: write it as METRIC=WEIGHT")
    return found


def _number(text: str, option: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SeedwiseError(f"{option} {text}: '{text}' is not a number") from None
