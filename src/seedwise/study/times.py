"""Times as people write them."""

from __future__ import annotations

import re

_UNITS = {"": 1.0, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(given: float | str) -> float:
    """Read a number or a time such as `90`, `30min`, `8h`, `2d`.

    Raises:
        ValueError: If it is neither.

    Example:
        >>> seconds("1.5h")
        5400.0
    """
    if not isinstance(given, str):
        return float(given)
    found = re.fullmatch(r"\s*([0-9.]+(?:e[+-]?\d+)?)\s*(s|min|h|d|)\s*", given)
    try:
        return float(found[1]) * _UNITS[found[2]] if found else float("x")
    except ValueError:
        raise ValueError(
            f"{given}: write a number of seconds, or a time such as 90s, 30min, 8h or 2d"
        ) from None
