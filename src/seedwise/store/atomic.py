"""Writing a file so that others see all of it or nothing."""

from __future__ import annotations

import contextlib
import errno
import os
import uuid
from collections.abc import Callable
from pathlib import Path

from seedwise.errors import StoreError
from seedwise.store.writers import is_abandoned, mark

_SUFFIX = ".tmp"


def write_once(path: Path, content: bytes) -> bool:
    """Create a file with this content unless it exists.

    The content is on disk (fsync) before the name appears, and the name appears atomically.

    Returns:
        False, with nothing changed, when the file exists already.

    Raises:
        StoreError: If the disk is full or the folder cannot be written.
    """
    temporary = _temporary(path, lambda file: file.write_bytes(content))
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP):
            raise _store_error(path, error) from None
        return _link_without_links(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def replace_with(path: Path, write: Callable[[Path], object]) -> None:
    """Create or replace a file by what `write` puts into a temporary one beside it.

    Raises:
        StoreError: If the disk is full or the folder cannot be written.
    """
    temporary = _temporary(path, write)
    try:
        temporary.replace(path)
    except OSError as error:
        raise _store_error(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def sweep(root: Path) -> int:
    """Remove the temporary files below a folder that killed writers left; return how many."""
    found = 0
    for path in root.rglob(f".*{_SUFFIX}"):
        with contextlib.suppress(OSError):  # its writer, or another sweep, was faster
            if is_abandoned(path):
                path.unlink()
                found += 1
    return found


def _temporary(path: Path, write: Callable[[Path], object]) -> Path:
    temporary = path.with_name(f".{path.name}.{mark()}{uuid.uuid4().hex}{_SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        with temporary.open("r+b") as handle:
            os.fsync(handle.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise _store_error(path, error) from None
    return temporary


def _link_without_links(temporary: Path, path: Path) -> bool:
    """Some file systems have no hard links: reserve the name, then move the content onto it."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return False
    temporary.replace(path)
    return True


def _store_error(path: Path, error: OSError) -> StoreError:
    hint = {
        errno.ENOSPC: "the disk is full; free some space and run the same command again",
        errno.EDQUOT: "the disk quota is used up; free some space and run the same command again",
        errno.EACCES: "no permission to write here; choose another place",
        errno.EROFS: "the file system is read-only; choose another place",
        errno.EISDIR: "this is a folder; name a file",
        errno.EEXIST: "a file stands where its folder should be",
        errno.ENOTDIR: "a file stands where its folder should be",
    }.get(error.errno or 0, str(error.strerror or error))
    return StoreError(f"{path}: cannot be written: {hint}")
