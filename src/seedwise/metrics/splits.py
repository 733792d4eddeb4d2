"""Which splits a metric is computed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seedwise.contracts import Problem

USUAL = ("forget", "retain", "test")


def evaluated(problem: Problem[Any], asked: Sequence[str] | None) -> tuple[str, ...]:
    """Return the splits asked for, else those of `forget`, `retain`, `test` that exist."""
    if asked is not None:
        return tuple(asked)
    return tuple(split for split in USUAL if split in problem.fingerprints)
