"""Who wrote a file: a mark in names of temporary files, and whether that writer is still there."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import sys
import time
from functools import cache
from pathlib import Path

_MARK = re.compile(r"([0-9a-f]{8})-(\d+)-")
_OLD_SECONDS = 86_400.0
"""No write of a file takes a day."""


def mark() -> str:
    """Return what names of temporary files begin with: this host and this process."""
    return f"{_host()}-{os.getpid()}-"


def is_running(pid: int) -> bool:
    """Return whether a process of this host lives; True where it cannot be asked."""
    if sys.platform == "win32":
        return True  # signal 0 would end it
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def has_ended(name: str) -> bool | None:
    """Return whether the process that marked a name is gone, None where that is not known."""
    found = _MARK.search(name)
    return None if found is None or found[1] != _host() else not is_running(int(found[2]))


def is_abandoned(path: Path) -> bool:
    """Return whether the writer of a file is gone, or the file old where that is not known.

    Raises:
        OSError: If it is not there any more.
    """
    ended = has_ended(path.name)
    return time.time() - path.lstat().st_mtime > _OLD_SECONDS if ended is None else ended


@cache
def _host() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
