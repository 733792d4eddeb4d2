"""`seedwise analyze`: statistics of a study, or of any table, in the terminal or as a file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from seedwise.cli import options
from seedwise.cli.output import only, require, say, say_notes
from seedwise.cli.source import Source
from seedwise.errors import SeedwiseError

if TYPE_CHECKING:
    import pandas as pd

    from seedwise.results import Results

Show = Literal[
    "summary",
    "components",
    "rank",
    "closeness",
    "single-seed",
    "ensembles",
    "robust",
    "failures",
    "labels",
]


def command(
    table: options.Table = None,
    store: options.Store = options.DEFAULT_STORE,
    study: options.StudyName = None,
    show: Annotated[Show, typer.Option(help="What to show.")] = "summary",
    style: options.Format = "table",
    prose: Annotated[bool, typer.Option("--prose", help="Write it as text for a paper.")] = False,
    metric: options.Metrics = None,
    margin: Annotated[
        float | None,
        typer.Option(
            help="With --show closeness and one --metric: the greatest difference to the reference "
            "that does not matter, in units of the metric (of shares with --percent)."
        ),
    ] = None,
    direction: Annotated[
        Literal["higher", "lower", "closer-to-reference"] | None,
        typer.Option(help="With --show rank: which values are good (default: as the metric says)."),
    ] = None,
    within: Annotated[
        list[str] | None,
        typer.Option(
            help="With --show failures: what values of a metric are acceptable, e.g. "
            "'accuracy/test=0.9:1'; others count as failures; may be repeated."
        ),
    ] = None,
    level: options.Level = 0.95,
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
    """Analyse a study or any table: means, intervals, variances, ranks, closeness, practice."""
    belongs = (
        ("margin", margin, "closeness"),
        ("direction", direction, "rank"),
        ("within", within, "failures"),
    )
    for name, given, where in belongs:
        if given is not None and (prose or show != where):
            raise SeedwiseError(f"--{name} belongs to --show {where}")
    source = Source(
        column, wide, seed, reference, original, percent, unpaired, partitions, unlearning, missing
    )
    results = source.read(table, store, study, "analyze")
    require(results, metric)
    if prose:
        from seedwise.report.prose import prose as written

        say_notes(results)
        typer.echo(written(results, level=level, metrics=metric))
        return
    if show == "failures":
        say(results, results.failures(limits(within or []), level=level), show, style, level)
        return
    found = only(_asked(results, show, metric, margin, direction, level), metric)
    say(results, found, show, style, level)
    if show == "rank" and found["direction"].isna().any():
        names = ", ".join(dict.fromkeys(found.loc[found["direction"].isna(), "metric"]))
        typer.echo(f"{names}: which values are good is not known; give --direction", err=True)


def limits(pairs: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Read `metric=low:high`; an end that is left out has no limit.

    Raises:
        SeedwiseError: If one is written otherwise.

    Example:
        >>> limits(["accuracy/test=0.9:"])
        {'accuracy/test': (0.9, inf)}
    """
    found = {}
    for pair in pairs:
        metric, _, ends = pair.rpartition("=")
        low, colon, high = ends.partition(":")
        try:
            least, most = float(low or -math.inf), float(high or math.inf)
        except ValueError:
            least = most = math.nan
        if not (metric and colon and least <= most):
            raise SeedwiseError(
                f"--within {pair}: write it as metric=low:high, e.g. accuracy/test=0.9:1"
            )
        found[metric] = (least, most)
    return found


def _asked(
    results: Results,
    show: Show,
    metrics: Sequence[str] | None,
    margin: float | None,
    direction: str | None,
    level: float,
) -> pd.DataFrame:
    one = metrics[0] if metrics and len(metrics) == 1 else None
    if show == "closeness":
        return results.closeness(one, margin, level=level)
    if show == "rank":
        return results.rank(one, direction, level=level)
    if show == "ensembles":
        return results.ensemble_null()
    if show == "robust":
        return results.robust(one, level=level)
    if show == "labels":
        return results.label_effects()
    if show == "components":
        return results.components(level=level)
    return (
        results.single_seed(level=level) if show == "single-seed" else results.summary(level=level)
    )
