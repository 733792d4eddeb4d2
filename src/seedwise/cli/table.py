"""`seedwise table`: the summary as LaTeX, Markdown or CSV."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from seedwise.cli import options


def command(
    store: options.Store = options.DEFAULT_STORE,
    study: options.StudyName = None,
    style: Annotated[
        Literal["latex", "markdown", "csv"], typer.Option("--format", help="Kind of table.")
    ] = "markdown",
    metric: Annotated[
        list[str] | None, typer.Option("--metric", help="Only this metric; may be repeated.")
    ] = None,
    level: options.Level = 0.95,
) -> None:
    """Print the summary table for a paper: means with intervals over training seeds."""
    from seedwise.api import load
    from seedwise.report import render_table

    typer.echo(render_table(load(store, study, verb="table"), style, level=level, metrics=metric))
