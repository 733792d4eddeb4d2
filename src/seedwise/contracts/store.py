"""Where records are kept, and who runs the work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol


class Store(Protocol):
    """Immutable records and the files they name. Many processes may use one store at once.

    Records go by kind and key; weights, outputs and extras are files named by the hash of the
    model they belong to, below `root`.

    A record is written once: `put` returns False, and changes nothing, when another process was
    first. Failures are numbered attempts beside the records and never in the way of a success.
    """

    root: Path

    def file(self, folder: str, name: str) -> Path:
        """Return where a weights, outputs or extras file is, or would be."""
        ...

    def sizes(self, folder: str) -> dict[str, int]:
        """Return the bytes of the files of a folder, by the hash of the model."""
        ...

    def lock_path(self, study: str) -> Path:
        """Return where the lock of a study is."""
        ...

    def write_lock(self, study: str, text: str) -> None:
        """Write or replace the lock of a study."""
        ...

    def studies(self) -> list[str]:
        """Return the names of the studies in the store."""
        ...

    def put(self, kind: str, key: str, body: Mapping[str, Any]) -> bool:
        """Write a record; False if one exists."""
        ...

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """Return a record, None if there is none."""
        ...

    def keys(self, kind: str) -> list[str]:
        """Return the keys of all records of a kind, sorted: what is new is then read by `get`."""
        ...

    def fail(self, key: str, body: Mapping[str, Any]) -> int:
        """Add a failed attempt; returns its number."""
        ...

    def claim(self, key: str, ttl: float) -> bool:
        """Take a key for `ttl` seconds, or again; False while another live process holds it."""
        ...

    def release(self, key: str) -> None:
        """Give a claimed key back."""
        ...


class Event(NamedTuple):
    """What an executor reports: an item `done`, `failed` or `lost`, or `cell` news within it.

    `detail` of a `cell` event has the `cell`'s key and its `state`: `started`, `at` (with a
    `share`), `done` (with `seconds`), `failed` (with a `message`), `busy`, `measured` (with
    `count`, `failed` and `seconds`). `failed` and `lost` carry a `message`; `lost` also the `cell`
    that was running.
    """

    kind: Literal["cell", "done", "failed", "lost"]
    item: Mapping[str, Any]
    detail: Mapping[str, Any]


class Executor(Protocol):
    """Runs work items somewhere. An item is JSON and results go to the store alone."""

    def submit(self, item: Mapping[str, Any]) -> None:
        """Queue an item."""
        ...

    def events(self) -> Iterator[Event]:
        """Yield events until every submitted item is done, failed or lost."""
        ...

    def cancel(self) -> None:
        """Stop now: what is running is lost, what is recorded stays."""
        ...
