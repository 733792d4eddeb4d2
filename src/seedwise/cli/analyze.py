"""`seedwise analyze`: statistics of a study, or of any table, in the terminal or as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from seedwise.cli import options
from seedwise.errors import SeedwiseError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from seedwise.results import Results


def command(
    table: Annotated[
        Path | None,
        typer.Argument(help="A CSV with one value per row; without it, a study in the store."),
    ] = None,
    store: options.Store = options.DEFAULT_STORE,
    study: options.StudyName = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="Name of a column, e.g. training_seed=seed; repeatable."),
    ] = None,
    show: Annotated[
        Literal["summary", "components", "single-seed"], typer.Option(help="What to show.")
    ] = "summary",
    style: Annotated[
        Literal["table", "json", "csv"], typer.Option("--format", help="How to print it.")
    ] = "table",
    metric: Annotated[
        list[str] | None, typer.Option("--metric", help="Only this metric; may be repeated.")
    ] = None,
    level: options.Level = 0.95,
) -> None:
    """Analyse a study or a CSV: means, intervals, variance components, single-seed practice."""
    results = read(table, store, study, column)
    asked = {
        "summary": results.summary,
        "components": results.components,
        "single-seed": results.single_seed,
    }[show]
    frame = only(asked(level=level), metric)
    if style == "table" and show == "summary" and not metric:
        from seedwise.report import print_summary

        print_summary(results, Console(), level=level)
    else:
        typer.echo(rendered(frame, style))


def read(table: Path | None, store: Path, study: str | None, column: list[str] | None) -> Results:
    """Return the results of a table, or of a study in a store."""
    from seedwise.api import load
    from seedwise.results import Results

    if table is None:
        return load(store, study)
    return Results.from_csv(table, _mapping(column or []), metrics=known_specs())


def known_specs() -> dict[str, Any]:
    """Return the specs of all registered metrics: tables use their bounds and directions."""
    from seedwise import registry

    return {name: registry.metrics[name].spec for name in registry.metrics}


def only(frame: pd.DataFrame, metrics: list[str] | None) -> pd.DataFrame:
    """Return the rows of some metrics.

    Raises:
        SeedwiseError: If a metric does not occur.
    """
    names = set(frame["metric"])
    for metric in metrics or []:
        if metric not in names:
            raise SeedwiseError(f"no metric '{metric}' here; {did_you_mean(metric, names)}")
    return frame[frame["metric"].isin(metrics)] if metrics else frame


def rendered(frame: pd.DataFrame, style: str) -> str:
    """Return a table as JSON (every field), CSV or aligned text."""
    if style == "json":
        rows = json.loads(frame.to_json(orient="records", double_precision=15))
        return json.dumps(rows, indent=1)
    if style == "csv":
        return frame.to_csv(index=False).rstrip("\n")
    return frame.to_string(index=False, float_format="{:.4g}".format, na_rep="-")


def _mapping(pairs: list[str]) -> dict[str, str]:
    """Read `ours=theirs` pairs."""
    found = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals:
            raise SeedwiseError(
                f"--column {pair}: write it as ours=theirs, e.g. training_seed=seed"
            )
        found[ours] = theirs
    return found
