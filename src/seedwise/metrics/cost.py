"""What making a model cost: views of its record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from seedwise.contracts import Context, Subject
from seedwise.registry import metric
from seedwise.seeds import SeedStreams

_MB = 1e6


@metric("runtime", level="record", direction="lower", bounds=(0.0, None), unit="s")
def runtime(
    subjects: Sequence[Subject], against: Sequence[Subject], seeds: SeedStreams, ctx: Context
) -> Mapping[str, float]:
    """Return the wall seconds of the phase that made the model: unlearning, else training.

    Loading data and evaluating have phases of their own and are not in it.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.

    Returns:
        `runtime` in seconds, NaN where the record has no such clock (an adopted checkpoint).
    """
    wall = subjects[0].record["clocks"]["wall"]
    return {"runtime": float(wall.get("unlearn", wall.get("train", math.nan)))}


@metric("peak-memory", level="record", direction="lower", bounds=(0.0, None), unit="MB")
def peak_memory(
    subjects: Sequence[Subject], against: Sequence[Subject], seeds: SeedStreams, ctx: Context
) -> Mapping[str, float]:
    """Return the peak memory of the cell that made the model.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.

    Returns:
        `peak-memory` in MB (10^6 bytes), NaN where the record has none.
    """
    peak = subjects[0].record["peak_memory"]
    return {"peak-memory": math.nan if peak is None else peak / _MB}


@metric("communication", level="record", direction="lower", bounds=(0.0, None))
def communication(
    subjects: Sequence[Subject], against: Sequence[Subject], seeds: SeedStreams, ctx: Context
) -> Mapping[str, float]:
    """Return what clients and server sent each other to make the model.

    A client that takes part in a round receives and sends one vector of model size. An unlearned
    model's numbers do not include its original's.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.

    Returns:
        `communication/MB` (10^6 bytes, both ways) and `communication/rounds`; NaN where the
        record has none (an adopted checkpoint).
    """
    counts = _counts(subjects[0])
    sent, rounds = (_amount(counts, name) for name in ("communication", "rounds"))
    return {"communication/MB": sent / _MB, "communication/rounds": rounds}


@metric("history-size", level="record", direction="lower", bounds=(0.0, None), unit="MB")
def history_size(
    subjects: Sequence[Subject], against: Sequence[Subject], seeds: SeedStreams, ctx: Context
) -> Mapping[str, float]:
    """Return the size of the training history that a method read, or that a training run kept.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.

    Returns:
        `history-size` in MB (10^6 bytes), NaN where the record has none.
    """
    return {"history-size": _amount(_counts(subjects[0]), "history") / _MB}


def _counts(subject: Subject) -> Mapping[str, float] | None:
    """Return what a cell counted; None where nothing was run, or a record is older than counts."""
    made = subject.record["clocks"]["wall"].keys() & {"train", "unlearn"}
    return subject.record.get("counts") if made else None


def _amount(counts: Mapping[str, float] | None, name: str) -> float:
    return math.nan if counts is None else float(counts.get(name, 0.0))
