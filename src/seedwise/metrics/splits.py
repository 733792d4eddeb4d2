"""Which splits a metric is computed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from seedwise.contracts import Problem

SPLIT = "split"
Split = Annotated[str, SPLIT]
"""An argument that names a split: held against those of the data before a run."""

USUAL = ("forget", "retain", "test")
SAMPLE = "retain-sample"
"""The part of the retain set that has what costly metrics of language models need."""

_NO_UTILITY = {"train", SAMPLE, *USUAL}


def evaluated(problem: Problem[Any], asked: Sequence[str] | None) -> tuple[str, ...]:
    """Return the splits asked for, else those of `forget`, `retain`, `test` that exist."""
    if asked is not None:
        return tuple(asked)
    return tuple(split for split in USUAL if split in problem.fingerprints)


def retained(problem: Problem[Any]) -> str:
    """Return the retain set for costly metrics: its sample where it has one."""
    return SAMPLE if SAMPLE in problem.fingerprints else "retain"


def sampled(problem: Problem[Any], asked: Sequence[str] | None) -> tuple[str, ...]:
    """Return the splits asked for, else the usual ones, retain by its sample where it has one."""
    if asked is not None:
        return tuple(asked)
    usual = evaluated(problem, None)
    return tuple(retained(problem) if split == "retain" else split for split in usual)


def utility(problem: Problem[Any]) -> tuple[str, ...]:
    """Return the splits of knowledge that must not suffer, besides the retain set."""
    return tuple(name for name in problem.fingerprints if name not in _NO_UTILITY)
