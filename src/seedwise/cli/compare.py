"""`seedwise compare`: differences between methods, paired on their trained models."""

from __future__ import annotations

from typing import Annotated

import typer

from seedwise.cli import options
from seedwise.cli.output import only, require, say
from seedwise.cli.source import Source


def command(
    table: options.Table = None,
    store: options.Store = options.DEFAULT_STORE,
    study: options.StudyName = None,
    against: Annotated[
        str | None,
        typer.Option(help="Compare all methods with this one, e.g. retrain (default: all pairs)."),
    ] = None,
    style: options.Format = "table",
    metric: options.Metrics = None,
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
    """Compare methods: differences, intervals, and p-values adjusted for their number."""
    source = Source(
        column, wide, seed, reference, original, percent, unpaired, partitions, unlearning, missing
    )
    results = source.read(table, store, study, "compare")
    found = results.compare(against=_ours(against, reference, original), level=level)
    require(results, metric)
    say(results, only(found, metric), "compare", style, level)


def _ours(against: str | None, reference: str | None, original: str | None) -> str | None:
    """Return our name of a baseline that was named as the table names it."""
    if against is None:
        return None
    return {reference: "retrain", original: "original"}.get(against, against)
