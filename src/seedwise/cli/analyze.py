"""`seedwise analyze`: statistics of a study, or of any table, in the terminal or as a file."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from seedwise.cli import options
from seedwise.cli.output import only, say, say_notes
from seedwise.cli.source import Source


def command(
    table: options.Table = None,
    store: options.Store = options.DEFAULT_STORE,
    study: options.StudyName = None,
    show: Annotated[
        Literal["summary", "components", "single-seed"], typer.Option(help="What to show.")
    ] = "summary",
    style: options.Format = "table",
    prose: Annotated[bool, typer.Option("--prose", help="Write it as text for a paper.")] = False,
    metric: options.Metrics = None,
    level: options.Level = 0.95,
    column: options.Columns = None,
    wide: options.Wide = None,
    seed: options.OneSeed = None,
    reference: options.Reference = None,
    original: options.Original = None,
    percent: options.Percent = False,
    unpaired: options.Unpaired = False,
) -> None:
    """Analyse a study or any table: means, intervals, variance components, single-seed practice."""
    from seedwise.report import prose as written

    source = Source(column, wide, seed, reference, original, percent, unpaired)
    results = source.read(table, store, study)
    if prose:
        only(results.frame(), metric)
        say_notes(results)
        typer.echo(written(results, level=level, metrics=metric))
        return
    asked = {
        "summary": results.summary,
        "components": results.components,
        "single-seed": results.single_seed,
    }[show]
    say(results, only(asked(level=level), metric), show, style, level)
