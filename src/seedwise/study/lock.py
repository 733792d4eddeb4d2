"""The lock: a study with nothing left open. Whoever reads it needs neither torch nor data."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from seedwise._version import __version__
from seedwise.contracts import ForgetSet, MetricSpec, Part, Task
from seedwise.errors import StoreError
from seedwise.study.precision import Precision
from seedwise.study.seeds import Seeds
from seedwise.study.spec import ORIGINAL, REFERENCE

FORMAT = 1


def canonical(content: Any) -> str:
    """Return JSON with sorted keys and no spaces: equal content, equal text.

    Example:
        >>> canonical({"b": 1, "a": [0.001, None]})
        '{"a":[0.001,null],"b":1}'
    """
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(content: Any) -> str:
    """Return the SHA-256 of canonical JSON."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


class _Locked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LockedPart(_Locked):
    """A component with every argument filled in; `changed` are those that decide its key."""

    name: str
    label: str
    fingerprint: str
    arguments: dict[str, Any]
    changed: dict[str, Any]

    @property
    def identity(self) -> dict[str, Any]:
        """What of it enters a key: never the label, never a default."""
        return {"name": self.name, "fingerprint": self.fingerprint, "arguments": self.changed}


class LockedMethod(LockedPart):
    """A method; `deterministic` is what it declares under these arguments."""

    deterministic: bool
    needs: tuple[str, ...]


class LockedMetric(LockedPart):
    """A metric with its spec."""

    spec: MetricSpec


class LockedTask(_Locked):
    """One forget set: its name in tables and the split fingerprints under each partition seed."""

    name: str
    forget: ForgetSet
    fingerprints: dict[int, dict[str, str]]
    notes: tuple[str, ...]


class Checkpoint(_Locked):
    """An existing checkpoint, a file or a directory, adopted as an original or a reference.

    `hub` is `organisation/model@commit` of one that was downloaded.
    """

    path: str
    sha256: str
    hub: str | None = None


class Lock(_Locked):
    """A resolved study.

    `spec_hash`, `sources` (plug-in files by hash) and `files` (data files by size and time) tell
    whether it still describes the study file, which is `file` in `folder`.
    """

    format: int = FORMAT
    seedwise: str
    study: str
    spec_hash: str
    sources: dict[str, str]
    files: dict[str, tuple[int, int]]
    folder: str
    file: str
    plugins: tuple[str, ...]
    domain: LockedPart
    dataset: LockedPart
    model: LockedPart
    train: LockedPart
    tasks: tuple[LockedTask, ...]
    methods: tuple[LockedMethod, ...]
    metrics: tuple[LockedMetric, ...]
    seeds: Seeds
    reference: Literal["independent", "paired"]
    partitions: Literal["fixed", "random"] = "fixed"
    keep: str
    originals: dict[str, Checkpoint]
    references: dict[str, Checkpoint]
    precision: Precision | None = None
    pilot: int = 0

    @property
    def task(self) -> Task:
        """What the domain is asked for."""
        return Task(
            self.domain.name,
            Part(self.dataset.name, self.dataset.arguments),
            Part(self.model.name, self.model.arguments),
            self.train.arguments,
        )

    @property
    def titles(self) -> tuple[str, ...]:
        """What the methods are called that unlearn."""
        return tuple(m.label for m in self.methods if m.name not in (ORIGINAL, REFERENCE))

    @property
    def digest(self) -> str:
        """Hash of the whole lock: workers make sure that they work on the same one."""
        return sha256(self.model_dump(mode="json"))

    def is_current(self, spec_hash: str, sources: dict[str, str], folder: Path) -> bool:
        """Return whether study, folder, plug-ins, read files and seedwise are as they were."""
        same = (self.spec_hash, self.sources, self.folder, self.seedwise) == (
            spec_hash,
            sources,
            str(folder),
            __version__,
        )
        return same and all(stamp(Path(path)) == known for path, known in self.files.items())


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def checkpoint_files(path: Path) -> list[Path]:
    """Return the files of an existing checkpoint: itself, or what a directory's weights are in."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix in (".safetensors", ".json"))


def checkpoint_sha256(path: Path) -> str:
    """Return the SHA-256 of a checkpoint: of a file, or of a directory's weights by their names."""
    if not path.is_dir():
        return file_sha256(path)
    return sha256([[file.name, file_sha256(file)] for file in checkpoint_files(path)])


def stamp(path: Path) -> tuple[int, int] | None:
    """Return size and modification time of a file, None if it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def read_lock(path: Path) -> Lock | None:
    """Read a lock; None if there is none or another version of seedwise wrote its format."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        problem = f"{path}: the lock cannot be read ({error}); delete it to resolve again"
        raise StoreError(problem) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return None
    try:
        return Lock.model_validate(content)
    except ValidationError:
        return None
