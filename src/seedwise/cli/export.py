"""`seedwise export`: the tidy table as a file, or the study as another tool's commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from seedwise.cli import options
from seedwise.errors import SeedwiseError


def command(
    out: Annotated[Path, typer.Option(help="The file to write.", show_default=False)],
    what: Annotated[
        Literal["table", "open-unlearning"],
        typer.Argument(help="The table, or the study as commands of OpenUnlearning."),
    ] = "table",
    file: Annotated[
        Path | None, typer.Argument(help="The study file, for open-unlearning.")
    ] = None,
    store: options.Store = options.DEFAULT_STORE,
    study: options.StudyName = None,
    style: Annotated[
        Literal["csv", "parquet", "jsonl"] | None,
        typer.Option("--format", help="Kind of file of a table (default: csv)."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="open-unlearning: name of one of its model configs.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="open-unlearning: forget10, MUSE-News, WMDP-bio, ...")
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(help="open-unlearning: GPUs that share a training run (default: 2).", min=1),
    ] = None,
) -> None:
    """Write one row per value, with seeds, status and reason; or a study as commands."""
    others = {"--model": model, "--split": split, "--processes": processes, "STUDY": file}
    if what == "table":
        _refuse({k: v for k, v in others.items() if v is not None}, "'export open-unlearning'")
        _table(out, store, study, style or "csv")
        return
    _refuse({k: v for k, v in {"--format": style, "--study": study}.items() if v}, "tables")
    if file is None:
        raise SeedwiseError(
            "export open-unlearning: name the study file, e.g. "
            "'seedwise export open-unlearning study.yaml --out sweep.sh'"
        )
    _commands(file, out, model, split, processes or 2)


def _refuse(given: dict[str, object], whose: str) -> None:
    if given:
        raise SeedwiseError(f"{', '.join(given)}: only for {whose}")


def _table(
    out: Path, store: Path, study: str | None, style: Literal["csv", "parquet", "jsonl"]
) -> None:
    from seedwise.api import load
    from seedwise.interop.tables import write_table

    frame = load(store, study).frame()
    write_table(frame, out, style)
    typer.echo(f"wrote {len(frame)} rows to {out}")


def _commands(file: Path, out: Path, model: str | None, split: str | None, processes: int) -> None:
    from seedwise.interop.open_unlearning.commands import sweep
    from seedwise.interop.open_unlearning.targets import Checkout
    from seedwise.store.atomic import replace_with
    from seedwise.study.load import load

    found = sweep(load(file), Checkout(model, split, processes, file.parent))
    replace_with(out, lambda path: path.write_text(found.script(), encoding="utf-8"))
    count = sum(len(stage.commands) for stage in found.stages)
    typer.echo(f"wrote {count} commands to {out}; its head says how to import the results")
