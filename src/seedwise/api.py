"""The public facade: run a study, load its results, write its report."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from seedwise.contracts import Event
from seedwise.interop.stopping import Step, follow
from seedwise.interop.store import find_lock, load_results, look
from seedwise.results import Results
from seedwise.store import FileStore
from seedwise.study.load import load as load_spec
from seedwise.study.lock import Lock, read_lock


def run(
    study: str | Path,
    store: str | Path = "runs",
    *,
    overrides: Sequence[str] = (),
    workers: int | None = None,
    device: str = "auto",
    limit: int | None = None,
    retry: bool = False,
    redraw: bool = False,
    observe: Callable[[Event], None] | None = None,
) -> Results:
    """Run what a study needs and the store lacks, and return its results.

    Args:
        study: The study file.
        store: Folder of the store; made when it does not exist.
        overrides: Changes such as `seeds.training=5`.
        workers: Worker processes (default: one a core); 0 runs in this process.
        device: `auto`, `cpu`, `cuda` or `mps`.
        limit: Make at most this many models.
        retry: Try what failed again.
        redraw: Make anew what could not be reproduced.
        observe: Is told of every event.

    Raises:
        SeedwiseError: If the study, the data or the store cannot be used.
    """
    from seedwise.engine.run import Options
    from seedwise.engine.run import run as run_lock

    lock, opened = resolve(study, store, overrides, device)
    options = Options(workers_or_all(workers), device, limit, retry, redraw)

    def make(lock: Lock) -> None:
        run_lock(lock, opened, options, observe or (lambda event: None))

    if lock.precision is None:
        make(lock)
        return look(opened, lock, "run")
    for _ in until_precise(lock, opened, make):
        pass
    return look(opened, find_lock(opened, lock.study), "run")


def until_precise(lock: Lock, store: FileStore, make: Callable[[Lock], None]) -> Iterator[Step]:
    """Run a study with a `precision` block until its rule stops; yield every look.

    Args:
        lock: The resolved study.
        store: The store.
        make: Makes what a lock needs.

    Raises:
        SeedwiseError: If the rule's metric or methods do not occur, or a cell cannot be made.
    """
    return follow(lock, store, lambda lock: load_results(store, lock), make)


def resolve(
    study: str | Path, store: str | Path, overrides: Sequence[str] = (), device: str = "auto"
) -> tuple[Lock, FileStore]:
    """Read a study file and return its lock and the opened store.

    Args:
        study: The study file.
        store: Folder of the store; made when it does not exist.
        overrides: Changes such as `seeds.training=5`.
        device: Where it is to run.

    Raises:
        SeedwiseError: If the study, the data, the store or the device cannot be used.
    """
    from seedwise.engine.resolve import resolve as resolve_spec

    spec = load_spec(study, overrides)
    opened = FileStore(store, create=True)
    return resolve_spec(spec, Path(study), opened, device), opened


def foresee(
    study: str | Path, store: str | Path, overrides: Sequence[str], empty: Path
) -> tuple[Lock, FileStore]:
    """Do what `resolve` does without writing anything into the store.

    Args:
        study: The study file.
        store: The store; where there is none, the empty folder stands in for it.
        overrides: Changes such as `seeds.training=5`.
        empty: An empty folder.

    Raises:
        SeedwiseError: If the study, the data or the store cannot be used.
    """
    from seedwise.engine.resolve import refuse_namesake
    from seedwise.engine.resolve import resolve as resolve_spec

    is_there = (Path(store) / "store.json").is_file()
    opened = FileStore(store) if is_there else FileStore(empty, create=True)
    spec = load_spec(study, overrides)
    refuse_namesake(opened, spec.study, Path(study))
    return _extended(resolve_spec(spec, Path(study), None), opened), opened


def _extended(lock: Lock, store: FileStore) -> Lock:
    """Return a lock with the training seeds that its stopping rule has added by now."""
    known = read_lock(store.lock_path(lock.study)) if lock.precision else None
    if known is None or known.spec_hash != lock.spec_hash:
        return lock
    return lock.model_copy(update={"seeds": known.seeds})


def load(store: str | Path, study: str | None = None, *, verb: str = "load") -> Results:
    """Return the results of a study in a store (its only one when none is named).

    This is a look at the results, which the store logs: who adds training seeds afterwards finds
    the flag `optional_stopping`.

    Args:
        store: Folder of the store.
        study: Name of the study.
        verb: What the log calls it.
    """
    opened = FileStore(store)
    return look(opened, find_lock(opened, study), verb)


def import_results(
    tool: str,
    path: str | Path,
    *,
    map: Mapping[str, int] | None = None,
    original: Sequence[str] = (),
    reference: Sequence[str] = (),
    leave_out: Sequence[str] = (),
    retrain_logs: Sequence[str | Path] = (),
    checkpoint: int | None = None,
    pattern: str | None = None,
) -> Results:
    """Read the results of another tool.

    `open-unlearning`: its folder `saves`, or a part of it. Values come from the SUMMARY and EVAL
    files, seeds and start models from the Hydra configs of the training runs; each start model is
    one training seed. `tofu`: the logs of TOFU's own code and of what grew from it, likewise.
    `muse`: its CSV. `lm-eval`: its results. The last two need `pattern`, and beside it `original`,
    `reference` and `leave_out` alone say something.
    Where truth ratios are stored, forget quality is computed anew against the retrained models.

    Args:
        tool: `open-unlearning`, `tofu`, `muse` or `lm-eval`.
        path: Folder or file.
        map: Training seed of a start model or retrained model, by its path or the end of it.
        original: Names (or patterns) of models before unlearning that nothing else tells.
        reference: The same of retrained models.
        leave_out: Patterns of names of folders (or models) that are not read.
        retrain_logs: Further logs of retrained models, for forget quality.
        checkpoint: Take the evaluations at this step instead of the finished models'.
        pattern: Tells seeds and methods by names (of folders, of models) instead of configs, such
            as `{*}/{method}_t{training_seed}[_u{unlearning_seed}]/{*}`.

    Raises:
        TableError: If there is no such folder, nothing tells what a model is, two runs are one
            cell, or a mapping names no model.
    """
    from seedwise.interop.imported import Options
    from seedwise.interop.tools import import_from

    options = Options(map, original, reference, leave_out, retrain_logs, checkpoint, pattern)
    return import_from(tool, path, options).results


def pilot(store: str | Path, study: str | None = None) -> Results:
    """Return the results of a study to plan with: as `load`, but no look that the store logs.

    A plan rests on variances and costs alone and shows no mean.
    """
    opened = FileStore(store)
    return load_results(opened, find_lock(opened, study))


def report(results: Results, path: str | Path = "report.html", **options: Any) -> Path:
    """Write the HTML report; see `seedwise.report.write_html`."""
    from seedwise.report import write_html

    return write_html(results, Path(path), **options)


def workers_or_all(workers: int | None) -> int:
    """Return a number of workers: as asked, or one for each core this process may use."""
    if workers is not None:
        return workers
    has_affinity = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
