"""`seedwise ls`: what methods, metrics and domains there are, and which studies a store holds."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import typer

from seedwise.cli import options


def command(
    what: Annotated[
        Literal["studies", "methods", "metrics", "domains"], typer.Argument(help="What to list.")
    ] = "studies",
    store: options.Store = options.DEFAULT_STORE,
) -> None:
    """List the studies of a store, or the methods, metrics and domains one can name."""
    lines = _studies(store) if what == "studies" else _components(what)
    typer.echo("\n".join(lines))


def _studies(store: Any) -> Iterator[str]:
    from seedwise.interop.store import find_lock
    from seedwise.store import FileStore

    opened = FileStore(store)
    for name in opened.studies():
        lock = find_lock(opened, name)
        seeds = lock.seeds
        yield (
            f"{name:24} I = {len(seeds.training)}, J = {seeds.said_J(lock.titles)}, "
            f"{', '.join(method.label for method in lock.methods)}"
        )


def _components(what: str) -> Iterator[str]:
    from seedwise import registry
    from seedwise.study.arguments import schema_of

    shelf: Any = {
        "methods": registry.methods,
        "metrics": registry.metrics,
        "domains": registry.domains,
    }[what]
    for name in shelf:
        code = registry.code_of(shelf[name])
        summary = (inspect.getdoc(code) or "").partition("\n")[0]
        yield f"{name:18} {summary}"
        if what != "domains":
            arguments = schema_of(code).model_fields
            listed = ", ".join(f"{key}={field.default!r}" for key, field in arguments.items())
            yield f"{'':18} {listed}" if listed else f"{'':18} no arguments"
