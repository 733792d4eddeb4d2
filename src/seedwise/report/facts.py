"""Study facts as rows of names and words, whatever was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from seedwise.report.numbers import duration


class Fact(NamedTuple):
    """One fact: its name and its value in words."""

    name: str
    words: str


def fact_rows(facts: Mapping[str, Any]) -> tuple[Fact, ...]:
    """Return facts as rows; a mapping inside becomes one row per entry.

    Example:
        >>> for fact in fact_rows({"study": "digits", "versions": {"numpy": "2.1"}, "run_s": 75}):
        ...     print(fact.name, "=", fact.words)
        study = digits
        versions: numpy = 2.1
        run = 1 min 15 s
    """
    rows = []
    for name, value in facts.items():
        if isinstance(value, Mapping):
            rows += [Fact(f"{name}: {inner.name}", inner.words) for inner in fact_rows(value)]
        elif value is not None:
            rows.append(_fact(str(name), value))
    return tuple(rows)


def _fact(name: str, value: Any) -> Fact:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if name.endswith(("_s", "_seconds", "seconds")):
            plain = name.removesuffix("_s").removesuffix("_seconds")
            return Fact(plain.replace("_", " "), duration(float(value)))
        return Fact(name, f"{value:g}" if isinstance(value, float) else str(value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return Fact(name, ", ".join(str(entry) for entry in value))
    return Fact(name, str(value))
