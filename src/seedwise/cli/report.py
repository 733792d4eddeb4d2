"""`seedwise report`: the HTML page of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seedwise.cli import options
from seedwise.errors import SeedwiseError

if TYPE_CHECKING:
    from seedwise.store import FileStore
    from seedwise.study.lock import Lock


def command(
    store: options.Store = options.DEFAULT_STORE,
    study: options.StudyName = None,
    out: Annotated[
        Path | None, typer.Option(help="The file to write (default: STORE/STUDY.html).")
    ] = None,
    level: options.Level = 0.95,
) -> None:
    """Write one self-contained HTML page with pictures and tables."""
    typer.echo(write(store, study, out, level))


def write(store: Path, study: str | None, out: Path | None, level: float) -> Path:
    """Write the page of a study and return its path."""
    from seedwise.interop.store import find_lock, look
    from seedwise.report import write_html
    from seedwise.store import FileStore

    opened = FileStore(store)
    lock = find_lock(opened, study)
    path = out or opened.root / f"{lock.study}.html"
    results = look(opened, lock, "report")
    try:
        return write_html(results, path, facts(opened, lock), level=level)
    except OSError as error:
        raise SeedwiseError(
            f"{path}: cannot be written: {error.strerror}; name another file with --out"
        ) from None


def facts(store: FileStore, lock: Lock) -> dict[str, Any]:
    """Return what a reader should know of the study beside its numbers."""
    from seedwise.design import Design, Snapshot

    design = Design(lock)
    records = Snapshot(design, store).records
    own = [records[key] for key in design.cells if key in records]
    signatures = [record["signature"] for record in own]
    return {
        "study": lock.study,
        "seedwise": lock.seedwise,
        "data set": lock.dataset.label,
        "model": lock.model.label,
        "forget sets": [task.name for task in lock.tasks],
        "training seeds": len(lock.seeds.training),
        "unlearning seeds": lock.seeds.said_J(lock.titles),
        "evaluation seeds": len(lock.seeds.evaluation),
        "reference": lock.reference,
        "models": len(own),
        "device": sorted({signature["device"] for signature in signatures}),
        "versions": signatures[0]["versions"] if signatures else {},
        "computing seconds": round(sum(sum(r["clocks"]["wall"].values()) for r in own), 1),
        "reproduce": f"seedwise run {lock.file}",
    }
