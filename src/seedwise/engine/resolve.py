"""From a study file to its lock: the one planning step that may load torch and data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seedwise._version import __version__
from seedwise.contracts import Domain, ForgetSet
from seedwise.engine.checkpoints import checkpoints
from seedwise.engine.signature import find_device
from seedwise.errors import DataError, ForgetError, StudyError
from seedwise.seeds import SeedStreams
from seedwise.store import FileStore
from seedwise.study import yaml
from seedwise.study.check import Checked, check_columns, check_spec, check_splits
from seedwise.study.load import problems_error
from seedwise.study.lock import (
    Lock,
    LockedTask,
    checkpoint_files,
    read_lock,
    sha256,
    stamp,
)
from seedwise.study.plugins import load_plugins
from seedwise.study.spec import Forget, Spec


def resolve(spec: Spec, path: Path, store: FileStore | None, device: str = "auto") -> Lock:
    """Return the lock of a study, from the store when nothing has changed since.

    Args:
        spec: The validated spec.
        path: The study file; relative paths in it are relative to its folder.
        store: Where the lock is kept; None writes nothing.
        device: Where the study is to run: a run that cannot begin leaves the lock as it was.

    Raises:
        SeedwiseError: If the device is not there.
        StudyError: If a name, an argument or a checkpoint is wrong.
        DataError: If the data or a forget set cannot be used.
    """
    place = path.resolve()
    if store:
        refuse_namesake(store, spec.study, path)
    sources = load_plugins(spec.plugins, place.parent)
    spec_hash = sha256(spec.model_dump(mode="json"))
    known = read_lock(store.lock_path(spec.study)) if store else None
    if known is not None and known.is_current(spec_hash, sources, place.parent):
        lock = known.model_copy(update={"file": place.name})
    else:
        checked = check_spec(spec, place.parent, str(path))
        lock = _resolve(checked, place, str(path), spec_hash, sources)
        _check_splits(lock, str(path))
    if store and lock != known:
        find_device(device)
        store.write_lock(spec.study, lock.model_dump_json(indent=1))
    return lock


def refuse_namesake(store: FileStore, study: str, path: Path) -> None:
    """Refuse a second study file under one name: in a store, the name is the study.

    A file that was moved, copied as it is, or is called otherwise by now is none.

    Args:
        store: The store.
        study: Name of the study.
        path: The study file.

    Raises:
        StudyError: If the study in the store comes from another file that says something else.
    """
    known = read_lock(store.lock_path(study))
    other = Path(known.folder) / known.file if known else path
    if not other.is_file() or other.samefile(path) or other.read_bytes() == path.read_bytes():
        return
    try:
        content = yaml.read(other)
    except StudyError:
        content = {"study": study}
    if isinstance(content, dict) and content.get("study") == study:
        raise StudyError(
            f"{path}: the study '{study}' in {store.root} comes from another file, {other}; give "
            "this one another name (study: ...) or another --store, or delete the other file"
        )


@contextmanager
def _placed(where: str, number: int) -> Iterator[None]:
    """Say in which part of the study file the data or the forget set are wrong."""
    try:
        yield
    except ForgetError as error:
        raise ForgetError(f"{where}: forget[{number}]: {error}") from error
    except DataError as error:
        raise DataError(f"{where}: task: {error}") from error


def _resolve(
    checked: Checked, path: Path, where: str, spec_hash: str, sources: dict[str, str]
) -> Lock:
    spec, parts, folder = checked.spec, checked.parts, path.parent
    draft = Lock(
        seedwise=__version__,
        study=spec.study,
        spec_hash=spec_hash,
        sources=sources,
        files={},
        folder=str(path.parent),
        file=path.name,
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
        partitions=spec.partitions,
        keep=spec.keep,
        originals=checkpoints(checked, spec.originals, folder, [""]),
        references={},
        precision=spec.precision,
        pilot=len(spec.seeds.training) if spec.precision else 0,
    )
    tasks = tuple(_tasks(checked, draft, folder, where))
    names = [f"{task.name}:" for task in tasks]
    references = checkpoints(checked, spec.references, folder, names)
    found = (*draft.originals.values(), *references.values())
    adopted = [file for one in found for file in checkpoint_files(Path(one.path))]
    files = {path for task in tasks for path in checked.domain.files(draft.task, task.forget)}
    return draft.model_copy(
        update={
            "tasks": tuple(tasks),
            "references": references,
            "files": _stamps({*files, *adopted}),
        }
    )


def _tasks(checked: Checked, draft: Lock, folder: Path, where: str) -> Iterator[LockedTask]:
    for number, wish in enumerate(checked.spec.forget):
        with _placed(where, number):
            task = _task(checked.domain, draft, wish, folder, where)
        yield task


def _task(domain: Domain, draft: Lock, wish: Forget, folder: Path, where: str) -> LockedTask:
    value = wish.value
    if wish.selector in domain.file_selectors and isinstance(value, str):
        value = str((folder / Path(value).expanduser()).resolve())
    forget = ForgetSet(wish.selector, value, wish.seed)
    name = f"{draft.dataset.label}-{draft.model.label}/{wish.title}"
    prints, notes, found = {}, {}, {}
    for partition in draft.seeds.partition:
        problem = domain.problem(draft.task, forget, SeedStreams("data", partition))
        prints[partition] = dict(problem.fingerprints)
        notes |= dict.fromkeys(problem.notes)
        absent = {split: problem.absent(split) for split in problem.fingerprints}
        found |= dict.fromkeys(check_columns(draft.metrics, absent, name))
    if found:
        raise problems_error(where, list(found))
    return LockedTask(name=name, forget=forget, fingerprints=prints, notes=tuple(notes))


def _check_splits(lock: Lock, where: str) -> None:
    """Refuse metrics on splits that the data do not have."""
    found = {
        problem: None
        for task in lock.tasks
        for prints in task.fingerprints.values()
        for problem in check_splits(lock.metrics, prints, task.name)
    }
    if found:
        raise problems_error(where, list(found))


def _stamps(paths: set[Path]) -> dict[str, tuple[int, int]]:
    stamps = {str(path): stamp(path) for path in sorted(paths)}
    return {path: known for path, known in stamps.items() if known is not None}
