"""`seedwise validate`: hold a study file against everything that can be checked without data."""

from __future__ import annotations

import typer

from seedwise.cli import options


def command(study: options.Study, changes: options.Set = None) -> None:
    """Check a study file: keys, names, arguments, seeds. Loads no data."""
    from seedwise.study.check import check_spec
    from seedwise.study.load import load
    from seedwise.study.plugins import load_plugins

    spec = load(study, changes or ())
    folder = study.resolve().parent
    load_plugins(spec.plugins, folder)
    check_spec(spec, folder, str(study))
    seeds = spec.seeds
    typer.echo(
        f"{study}: fine. I = {len(seeds.training)} training seeds, J = {len(seeds.unlearning)} "
        f"unlearning seeds, {len(spec.methods)} methods, {len(spec.metrics)} metrics, "
        f"{len(spec.forget)} forget set{'s' if len(spec.forget) > 1 else ''}"
    )
