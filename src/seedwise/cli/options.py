"""The options that several verbs share: one name, one meaning, everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Study = Annotated[Path, typer.Argument(help="The study file (YAML).", show_default=False)]
Store = Annotated[Path, typer.Option("--store", help="Folder that holds the results.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change the study, e.g. seeds.training=5; may be repeated."),
]
Level = Annotated[float, typer.Option("--level", help="Confidence level.", min=0.5, max=0.999)]
StudyName = Annotated[
    str | None, typer.Option("--study", help="Which study of the store (if it holds several).")
]

DEFAULT_STORE = Path("runs")
