"""A store as a folder of files; nothing else is needed to read it.

Layout:
    store.json                      format of the store
    studies/<study>.lock.json       the resolved study
    models/<kk>/<key>.json          one finished cell
    measurements/<kk>/<key>.json    metrics of one pass over one model
    failures/<kk>/<key>.<n>.json    the n-th failed attempt at a cell or a measurement
    weights/<dd>/<digest>.safetensors
    outputs/<dd>/<digest>.<data>.npz
    extras/<dd>/<digest>.<name>.npz
    looks/<kk>/<key>.json           a look at a study's results, with its I
    claims/<key>.json               who works on what now
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from seedwise.errors import StoreError
from seedwise.store.atomic import replace_with, sweep, write_once
from seedwise.store.writers import is_running

FORMAT = 1


class FileStore:
    """The `Store` of `seedwise.contracts` on a local or shared file system.

    Args:
        root: The folder.
        create: Make the folder when it does not exist; otherwise that is an error.

    Raises:
        StoreError: If the folder is not a store, cannot be made, or has another format.
    """

    def __init__(self, root: str | Path, *, create: bool = False) -> None:
        self.root = Path(root).resolve()
        self._open(create=create)

    def put(self, kind: str, key: str, body: Mapping[str, Any]) -> bool:
        """Write a record once; False if one exists."""
        return write_once(self._path(kind, key), _encode(body))

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """Return a record, None if there is none."""
        return _decode(self._path(kind, key))

    def keys(self, kind: str) -> list[str]:
        """Return the keys of all records of a kind, sorted."""
        names = [entry.name for entry in self._entries(kind)]
        return sorted(name.removesuffix(".json") for name in names if name.endswith(".json"))

    def sizes(self, folder: str) -> dict[str, int]:
        """Return the bytes of the files of a folder, by the hash of the model."""
        found: dict[str, int] = {}
        for entry in self._entries(folder):
            digest = entry.name.partition(".")[0]
            with suppress(FileNotFoundError):  # a temporary file of a running study
                found[digest] = found.get(digest, 0) + entry.stat().st_size
        return found

    def fail(self, key: str, body: Mapping[str, Any]) -> int:
        """Add a failed attempt at a cell or measurement; returns its number, from 1."""
        attempt = 1
        while not self.put("failures", f"{key}.{attempt}", {**body, "key": key}):
            attempt += 1
        return attempt

    def claim(self, key: str, ttl: float) -> bool:
        """Take a key for `ttl` seconds, or again; False while another live process holds it."""
        path = self.root / "claims" / f"{key}.json"
        body = {"host": socket.gethostname(), "pid": os.getpid(), "until": time.time() + ttl}
        if write_once(path, _encode(body)):
            return True
        held = _decode(path)
        if held is not None and (held["pid"], held["host"]) == (body["pid"], body["host"]):
            replace_with(path, lambda file: file.write_bytes(_encode(body)))
            return True
        if held is not None and _is_alive(held):
            return False
        path.unlink(missing_ok=True)
        return write_once(path, _encode(body))

    def release(self, key: str) -> None:
        """Give a claimed key back."""
        (self.root / "claims" / f"{key}.json").unlink(missing_ok=True)

    def lock_path(self, study: str) -> Path:
        """Return where the lock of a study is."""
        return self.root / "studies" / f"{study}.lock.json"

    def write_lock(self, study: str, text: str) -> None:
        """Write or replace the lock of a study."""
        replace_with(self.lock_path(study), lambda path: path.write_text(text, encoding="utf-8"))

    def studies(self) -> list[str]:
        """Return the names of the studies in the store."""
        locks = (self.root / "studies").glob("*.lock.json")
        return sorted(path.name.removesuffix(".lock.json") for path in locks)

    def sweep(self) -> int:
        """Remove what killed processes left half written; return how many files."""
        return sweep(self.root)

    def file(self, folder: str, name: str) -> Path:
        """Return where a weights, outputs or extras file is, or would be."""
        return self.root / folder / name[:2] / name

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            shelves = [entry.path for entry in os.scandir(self.root / folder) if entry.is_dir()]
            return [entry for shelf in shelves for entry in os.scandir(shelf)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"{error.filename}: cannot be read: {error.strerror}") from None

    def _path(self, kind: str, key: str) -> Path:
        return self.root / kind / key[:2] / f"{key}.json"

    def _open(self, *, create: bool) -> None:
        marker = self.root / "store.json"
        body = _decode(marker)
        if body is None and create:
            write_once(marker, _encode({"format": FORMAT}))
        elif body is None:
            raise StoreError(f"{self.root}: there is no store here; name one with --store DIR")
        elif body.get("format") != FORMAT:
            raise StoreError(
                f"{self.root}: this store has format {body.get('format')}, this seedwise reads "
                f"format {FORMAT}; use the version of seedwise that wrote it"
            )


def _encode(body: Mapping[str, Any]) -> bytes:
    return (json.dumps(body, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def _decode(path: Path) -> dict[str, Any] | None:
    try:
        body = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise StoreError(
            f"{path}: is not a record ({error}); move the file away and run the study again"
        ) from None
    if not isinstance(body, dict) or not body:
        raise StoreError(f"{path}: is not a record; move the file away and run the study again")
    return body


def _is_alive(held: Mapping[str, Any]) -> bool:
    """A claim is over when its process on this host is gone, elsewhere when its time is up."""
    if held["host"] != socket.gethostname() or sys.platform == "win32":
        return held["until"] > time.time()  # it cannot be asked
    return is_running(held["pid"])
