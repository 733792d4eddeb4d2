"""`seedwise schema`: the JSON schema of a study file, for editors."""

from __future__ import annotations

import json

import typer


def command() -> None:
    """Print the JSON schema of a study file."""
    from seedwise.study.spec import Spec

    typer.echo(json.dumps(Spec.model_json_schema(by_alias=True), indent=1))
