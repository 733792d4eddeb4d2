"""`seedwise demo`: the quickstart study, from nothing to a report."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from seedwise.cli import options, report
from seedwise.cli.init import quickstart
from seedwise.cli.run import run_with_progress
from seedwise.errors import SeedwiseError


def command(
    store: options.Store = options.DEFAULT_STORE,
    workers: Annotated[int | None, typer.Option(help="Worker processes.", min=0)] = None,
) -> None:
    """Run the quickstart study on handwritten digits; the last line is the path of the report."""
    from seedwise.api import load, workers_or_all
    from seedwise.engine.run import Options
    from seedwise.report import print_summary
    from seedwise.store import FileStore

    folder = FileStore(store, create=True).root
    study = folder / "quickstart.yaml"
    if not study.is_file() or study.read_text(encoding="utf-8") != quickstart():
        study.write_text(quickstart(), encoding="utf-8")
    failures = run_with_progress(study, store, [], Options(workers_or_all(workers)))
    if failures:
        raise SeedwiseError(f"the demo did not finish: {failures[0]}")
    print_summary(load(store, "quickstart"), Console())
    typer.echo(report.write(store, "quickstart", None, 0.95))
