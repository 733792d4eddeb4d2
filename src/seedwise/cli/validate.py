"""`seedwise validate`: hold a study file against everything that can be checked before a run."""

from __future__ import annotations

import typer

from seedwise.cli import options


def command(study: options.Study, changes: options.Set = None) -> None:
    """Check a study file: keys, names, arguments, seeds, then the data and the forget sets."""
    from seedwise.engine.resolve import resolve
    from seedwise.study.load import load

    spec = load(study, changes or ())
    resolve(spec, study, None)
    seeds = spec.seeds
    typer.echo(
        f"{study}: fine. I = {len(seeds.training)} training seeds, J = "
        f"{seeds.said_J(spec.titles)} unlearning seeds, {len(spec.methods)} methods, "
        f"{len(spec.metrics)} metrics, "
        f"{len(spec.forget)} forget set{'s' if len(spec.forget) > 1 else ''}"
    )
