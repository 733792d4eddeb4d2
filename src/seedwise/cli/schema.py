"""`seedwise schema`: the JSON schema of a study file, for editors."""

from __future__ import annotations

import json

import typer


def command() -> None:
    """Print the JSON schema of a study file."""
    from seedwise.study.schema import study_schema

    typer.echo(json.dumps(study_schema(), indent=1))
