"""Examples by their numbers, alike in every domain: the file of a forget set, parts of splits."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from seedwise.errors import ForgetError


def read_indices(path: Path, size: int, noun: str) -> np.ndarray:
    """Return the numbers of a file, sorted, (n,) int64.

    Args:
        path: A .npy file, a .json file with a list, or text separated by white space.
        size: How many there are to choose from; numbers count from 0.
        noun: What they number, for messages, e.g. `example`.

    Raises:
        ForgetError: If the file cannot be read, or a number is out of range or repeated.
    """
    rows = _numbers(path)
    outside = rows[(rows < 0) | (rows >= size)]
    if len(outside):
        raise ForgetError(f"'{path}' names {noun} {outside[0]}; allowed: 0 to {size - 1}")
    values, counts = np.unique(rows, return_counts=True)
    if (counts > 1).any():
        some = ", ".join(str(value) for value in values[counts > 1][:5])
        raise ForgetError(f"'{path}' names {noun}s more than once: {some}; remove the repetitions")
    return values


def fingerprint_of(whole: str, places: Any) -> str:
    """Return the fingerprint of some places of a split, from the whole split's."""
    return hashlib.sha256(f"{whole}|{np.asarray(places).tolist()}".encode()).hexdigest()


def _numbers(path: Path) -> np.ndarray:
    """Read integers from .npy, .json (a list) or text separated by white space."""
    try:
        if path.suffix == ".npy":
            found = np.load(path, allow_pickle=False)
        elif path.suffix == ".json":
            found = np.array(json.loads(path.read_text(encoding="utf-8")))
        else:
            found = np.array([int(word) for word in path.read_text(encoding="utf-8").split()])
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ForgetError(f"'{path}' cannot be read as a list of integers: {reason}") from error
    if found.size == 0:
        return np.empty(0, dtype=np.int64)
    if found.ndim != 1 or not np.issubdtype(found.dtype, np.integer):
        raise ForgetError(f"'{path}' must hold one flat list of integers, not {found.dtype} values")
    return found.astype(np.int64)
