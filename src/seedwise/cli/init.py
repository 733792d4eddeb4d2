"""`seedwise init`: a study file to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from seedwise.errors import SeedwiseError


def command(
    path: Annotated[Path, typer.Argument(help="The file to write.")] = Path("study.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write a commented study file to start from."""
    if path.exists() and not force:
        raise SeedwiseError(f"{path} exists already; name another file, or give --force")
    try:
        path.write_text(quickstart(), encoding="utf-8")
    except OSError as error:
        raise SeedwiseError(f"{path}: cannot be written: {error.strerror}") from None
    typer.echo(f"wrote {path}; next: seedwise validate {path}, then seedwise run {path}")


def quickstart() -> str:
    """Return the packaged quickstart study."""
    return (files("seedwise") / "examples" / "quickstart.yaml").read_text(encoding="utf-8")
