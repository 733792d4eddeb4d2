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
