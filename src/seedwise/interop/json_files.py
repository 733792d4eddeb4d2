"""JSON as evaluation code writes it: NaN literals, nulls, numbers in lists, dicts or lists."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from seedwise.errors import TableError


def read_object(path: Path) -> dict[str, Any]:
    """Read a file that holds one JSON object; `NaN` and `Infinity` are numbers.

    Raises:
        TableError: If the file cannot be read, is cut short, or holds something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TableError(f"'{path}' cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise TableError(f"'{path}' is not JSON: {error}") from None
    except json.JSONDecodeError as error:
        raise TableError(
            f"'{path}' is not JSON: {error.msg} in line {error.lineno}; if the evaluation was cut "
            "short, run it again or leave it out"
        ) from None
    if not isinstance(found, dict):
        raise TableError(f"'{path}' must hold one JSON object, but holds a {type(found).__name__}")
    return found


def number(value: Any) -> float | None:
    """Return a number, the mean of a (nested) list of numbers, or None for anything else.

    A list with a null or a text in it has no mean: NaN.

    Example:
        >>> number([[1.0, 2.0], [6.0]]), number([1.0, None]), number(None), number("N/A")
        (3.75, nan, None, None)
    """
    if isinstance(value, list):
        parts = [number(part) for part in value]
        known = [math.nan if part is None else part for part in parts]
        return float(np.mean(known)) if any(part is not None for part in parts) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None


def by_index(values: Any) -> dict[str, Any]:
    """Return per-example values by index, whether they are written as a dict or as a list.

    Example:
        >>> by_index([0.5, 0.25]) == by_index({"0": 0.5, "1": 0.25})
        True
    """
    if isinstance(values, Mapping):
        return {str(key): value for key, value in values.items()}
    if isinstance(values, list):
        return {str(key): value for key, value in enumerate(values)}
    return {}
