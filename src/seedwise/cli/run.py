"""`seedwise run`: make what a study needs and the store lacks."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from seedwise.cli import options
from seedwise.errors import SeedwiseError

if TYPE_CHECKING:
    from seedwise.engine.run import Options, Outcome
    from seedwise.store import FileStore
    from seedwise.study.lock import Lock


def command(
    study: options.Study,
    store: options.Store = options.DEFAULT_STORE,
    changes: options.Set = None,
    workers: Annotated[
        int | None,
        typer.Option(help="Worker processes (default: one a core); 0 runs in one process.", min=0),
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda", "mps"], typer.Option(help="Where to compute.")
    ] = "auto",
    limit: Annotated[
        int | None, typer.Option(help="Make at most this many models, then stop.", min=1)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be run.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Try what failed again.")] = False,
    redraw: Annotated[
        bool, typer.Option("--redraw", help="Make anew what could not be reproduced here.")
    ] = False,
) -> None:
    """Run a study: resume, amend, extend - the same command does it all."""
    from seedwise.api import workers_or_all
    from seedwise.engine.run import Options

    chosen = Options(workers_or_all(workers), device, limit, retry, redraw)
    if dry_run:
        _say_what_would_run(study, store, changes or [], chosen)
        return
    failures = run_with_progress(study, store, changes or [], chosen)
    if failures:
        raise SeedwiseError(_failure_message(failures, store))


def run_with_progress(study: Path, store: Path, changes: list[str], chosen: Options) -> list[str]:
    """Run with live progress, print a summary of what was done; return the failures.

    A study with a `precision` block is run look by look, and every look is said.
    """
    from seedwise import api

    console = Console(stderr=True)
    lock, opened = api.resolve(study, store, changes, chosen.device)
    outcomes: list[Any] = []

    def make(wanted: Lock) -> None:
        outcomes.append(_made(wanted, opened, chosen, console))

    if lock.precision is None:
        make(lock)
    else:
        for step in api.until_precise(lock, opened, make):
            console.print(step.line(), highlight=False, soft_wrap=True, markup=False)
    console.print(
        f"{lock.study}: {sum(one.made for one in outcomes)} models made, "
        f"{sum(one.measured for one in outcomes)} measurements added, "
        f"{sum(one.new for one in outcomes)} new failures; results in {store}",
        highlight=False,
        soft_wrap=True,
    )
    return outcomes[-1].failures


def _made(lock: Lock, opened: FileStore, chosen: Options, console: Console) -> Outcome:
    from seedwise.cli.progress import Progress
    from seedwise.engine.run import run

    with Progress(console, lock, opened, chosen) as progress:
        return run(lock, opened, chosen, progress.observe)


def _failure_message(failures: list[str], store: Path) -> str:
    shown = [f"  {message.splitlines()[0][:300]}" for message in failures[:5]]
    more = [f"  ... and {len(failures) - 5} more"] if len(failures) > 5 else []
    return "\n".join(
        [
            f"{len(failures)} models or measurements failed; everything else is finished and kept. "
            f"Tracebacks are in {store}/failures; 'seedwise run --retry' tries them again",
            *shown,
            *more,
        ]
    )


def _say_what_would_run(study: Path, store: Path, changes: list[str], chosen: Options) -> None:
    """Say what is missing; nothing is written, not even the store."""
    from seedwise import api
    from seedwise.cli.needs import needs
    from seedwise.design import Design, Snapshot, forecast

    with tempfile.TemporaryDirectory() as empty:
        lock, opened = api.foresee(study, store, changes, Path(empty))
        found = forecast(Snapshot(Design(lock), opened), chosen.states, chosen.limit)
    typer.echo("\n".join(needs(found, chosen.workers)))
