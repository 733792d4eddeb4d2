"""`seedwise import`: results of other tools as a table, or analysed at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from seedwise.cli.output import say, say_notes
from seedwise.errors import SeedwiseError, did_you_mean

if TYPE_CHECKING:
    from seedwise.interop.imported import Imported

Tool = Literal["open-unlearning", "tofu", "muse", "lm-eval"]

_KINDS = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl"}


def command(
    tool: Annotated[Tool, typer.Argument(help="Which tool wrote the results.")],
    path: Annotated[Path, typer.Argument(help="Its folder, or its file.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(help="Table to write (.csv, .parquet, .jsonl); without it a summary."),
    ] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="Training seed of a start model or retrained model, PATH=SEED; may be repeated.",
        ),
    ] = None,
    original: Annotated[
        list[str] | None,
        typer.Option(help="Name (or pattern) of a model before unlearning; may be repeated."),
    ] = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(help="Name (or pattern) of a retrained model; may be repeated."),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option("--leave-out", help="Folder or model (or pattern) to leave out; may repeat."),
    ] = None,
    retrain_log: Annotated[
        list[Path] | None,
        typer.Option(
            "--retrain-log",
            help="Further log of a retrained model, for forget quality; may be repeated.",
        ),
    ] = None,
    checkpoint: Annotated[
        int | None, typer.Option(help="Take the evaluations at this step, not the last.", min=0)
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option(
            help="Tells seeds by names of folders or models where no config does, e.g. "
            "'{*}/{method}_t{training_seed}[_u{unlearning_seed}]/{*}'."
        ),
    ] = None,
) -> None:
    """Read the results of another tool: seeds from its configs, start models as training seeds."""
    from seedwise.interop.imported import Options
    from seedwise.interop.starts import pairs
    from seedwise.interop.tools import import_from

    _check_out(out)
    options = Options(
        map=pairs(mapped or []),
        original=original or (),
        reference=reference or (),
        leave_out=leave_out or (),
        retrain_logs=retrain_log or (),
        checkpoint=checkpoint,
        pattern=pattern,
    )
    _show(import_from(tool, path, options), out)


def _check_out(out: Path | None) -> None:
    if out is not None and out.suffix.lower() not in _KINDS:
        raise SeedwiseError(f"--out {out}: {did_you_mean(out.suffix.lower() or 'none', _KINDS)}")


def _show(found: Imported, out: Path | None) -> None:
    from seedwise.interop.tables import write_table

    if out is None:
        say(found.results, found.results.summary(), "summary", "table", 0.95)
        return
    say_notes(found.results)
    write_table(found.table, out, _KINDS[out.suffix.lower()])  # pyright: ignore[reportArgumentType]
    typer.echo(f"wrote {len(found.table)} rows to {out}; next: seedwise analyze {out}")
