"""Scratch folders of running cells, and those that killed processes left behind."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from seedwise.store.writers import has_ended, mark

_PREFIX = "seedwise-"


def scratch() -> tempfile.TemporaryDirectory[str]:
    """Return an empty folder that is removed when its block ends."""
    return tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{mark()}")


def sweep_scratch() -> int:
    """Remove this person's scratch folders whose process is gone; return how many."""
    found = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if has_ended(folder.name) and _is_mine(folder):
                shutil.rmtree(folder)
                found += 1
    return found


def _is_mine(folder: Path) -> bool:
    is_folder = folder.is_dir() and not folder.is_symlink()
    return is_folder and (sys.platform == "win32" or folder.stat().st_uid == os.getuid())
