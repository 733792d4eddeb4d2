"""From a study file to its lock: the one planning step that may load torch and data."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

from seedwise._version import __version__
from seedwise.contracts import Domain, ForgetSet
from seedwise.errors import StudyError
from seedwise.seeds import SeedStreams
from seedwise.store import FileStore
from seedwise.study.check import Checked, check_spec
from seedwise.study.lock import (
    Checkpoint,
    Lock,
    LockedTask,
    checkpoint_files,
    checkpoint_sha256,
    read_lock,
    sha256,
    stamp,
)
from seedwise.study.plugins import load_plugins
from seedwise.study.spec import Forget, Spec


def resolve(spec: Spec, path: Path, store: FileStore | None) -> Lock:
    """Return the lock of a study, from the store when nothing has changed since.

    Args:
        spec: The validated spec.
        path: The study file; relative paths in it are relative to its folder.
        store: Where the lock is kept; None writes nothing.

    Raises:
        StudyError: If a name, an argument or a checkpoint is wrong.
        DataError: If the data or a forget set cannot be used.
    """
    folder = path.resolve().parent
    sources = load_plugins(spec.plugins, folder)
    spec_hash = sha256(spec.model_dump(mode="json"))
    known = read_lock(store.lock_path(spec.study)) if store else None
    if known is not None and known.is_current(spec_hash, sources, folder):
        return known
    checked = check_spec(spec, folder, str(path))
    lock = _resolve(checked, folder, spec_hash, sources)
    if store:
        store.write_lock(spec.study, lock.model_dump_json(indent=1))
    return lock


def _resolve(checked: Checked, folder: Path, spec_hash: str, sources: dict[str, str]) -> Lock:
    spec, parts = checked.spec, checked.parts
    draft = Lock(
        seedwise=__version__,
        study=spec.study,
        spec_hash=spec_hash,
        sources=sources,
        files={},
        folder=str(folder),
        plugins=spec.plugins,
        domain=parts["domain"],
        dataset=parts["dataset"],
        model=parts["model"],
        train=parts["train"],
        tasks=(),
        methods=checked.methods,
        metrics=checked.metrics,
        seeds=spec.seeds,
        reference=spec.reference,
        keep=spec.keep,
        originals=_checkpoints(spec, spec.originals, folder, [""]),
        references={},
    )
    tasks = tuple(_task(checked.domain, draft, wish, folder) for wish in spec.forget)
    names = [f"{task.name}:" for task in tasks]
    references = _checkpoints(spec, spec.references, folder, names)
    checkpoints = (*draft.originals.values(), *references.values())
    adopted = [file for one in checkpoints for file in checkpoint_files(Path(one.path))]
    files = {path for task in tasks for path in checked.domain.files(draft.task, task.forget)}
    return draft.model_copy(
        update={"tasks": tasks, "references": references, "files": _stamps({*files, *adopted})}
    )


def _task(domain: Domain, draft: Lock, wish: Forget, folder: Path) -> LockedTask:
    value = wish.value
    if wish.selector in domain.file_selectors and isinstance(value, str):
        value = str((folder / Path(value).expanduser()).resolve())
    forget = ForgetSet(wish.selector, value, wish.seed)
    prints, notes = {}, {}
    for partition in draft.seeds.partition:
        problem = domain.problem(draft.task, forget, SeedStreams("data", partition))
        prints[partition] = dict(problem.fingerprints)
        notes |= dict.fromkeys(problem.notes)
    name = f"{draft.dataset.label}-{draft.model.label}/{wish.title}"
    return LockedTask(name=name, forget=forget, fingerprints=prints, notes=tuple(notes))


def _stamps(paths: set[Path]) -> dict[str, tuple[int, int]]:
    stamps = {str(path): stamp(path) for path in sorted(paths)}
    return {path: known for path, known in stamps.items() if known is not None}


def _checkpoints(
    spec: Spec, pattern: str | None, folder: Path, prefixes: list[str]
) -> dict[str, Checkpoint]:
    """Find one existing checkpoint for every (forget set,) partition and training seed."""
    if pattern is None:
        return {}
    found = {}
    for prefix in prefixes:
        for partition in spec.seeds.partition:
            for training in spec.seeds.training:
                path = folder / _fill(pattern, prefix, partition, training)
                found[f"{prefix}{partition}/{training}"] = _checkpoint(path)
    return found


def _fill(pattern: str, prefix: str, partition: int, training: int) -> str:
    values: dict[str, Any] = {
        "training_seed": training,
        "partition_seed": partition,
        "task": prefix.rstrip(":").rpartition("/")[2],
    }
    used = {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}
    if not used <= set(values):
        raise StudyError(f"'{pattern}': allowed in braces: {', '.join(values)}")
    return pattern.format(**values)


def _checkpoint(path: Path) -> Checkpoint:
    if not path.exists():
        raise StudyError(f"there is no checkpoint '{path}'; each training seed needs its own")
    return Checkpoint(path=str(path.resolve()), sha256=checkpoint_sha256(path))
