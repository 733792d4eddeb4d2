"""`seedwise export`: the tidy table as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from seedwise.cli import options


def command(
    out: Annotated[Path, typer.Option(help="The file to write.", show_default=False)],
    store: options.Store = options.DEFAULT_STORE,
    study: options.StudyName = None,
    style: Annotated[
        Literal["csv", "parquet", "jsonl"], typer.Option("--format", help="Kind of file.")
    ] = "csv",
) -> None:
    """Write one row per value, with seeds, status and reason."""
    from seedwise.interop.store import find_lock, load_results
    from seedwise.interop.tables import write_table
    from seedwise.store import FileStore

    opened = FileStore(store)
    frame = load_results(opened, find_lock(opened, study)).frame()
    write_table(frame, out, style)
    typer.echo(f"wrote {len(frame)} rows to {out}")
