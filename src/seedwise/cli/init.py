"""`seedwise init`: a study file to start from."""

from __future__ import annotations

import re
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
        path.write_text(_named(path.stem), encoding="utf-8")
    except OSError as error:
        raise SeedwiseError(f"{path}: cannot be written: {error.strerror}") from None
    typer.echo(f"wrote {path}; next: seedwise validate {path}, then seedwise run {path}")


def _named(stem: str) -> str:
    """Return the quickstart study under the name of its file: in a store, the name is the study."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._") or "study"
    return quickstart().replace("study: quickstart", f"study: {name}", 1)


def quickstart() -> str:
    """Return the packaged quickstart study."""
    return (files("seedwise") / "examples" / "quickstart.yaml").read_text(encoding="utf-8")
