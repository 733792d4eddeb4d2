"""Share of examples classified correctly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seedwise.contracts import Context, Subject
from seedwise.metrics.splits import Split, evaluated
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric("accuracy", bounds=(0.0, 1.0), needs=("correct",), unit="share")
def accuracy(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    splits: tuple[Split, ...] | None = None,
) -> Mapping[str, float]:
    """Return the mean over examples of 1 if the largest score is the true class's, else 0.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        splits: Where; by default those of `forget`, `retain`, `test` that exist.

    Returns:
        `accuracy/<split>`, each in [0, 1].
    """
    return {
        f"accuracy/{split}": float(subjects[0].outputs(split)["correct"].mean(dtype=float))
        for split in evaluated(subjects[0].problem, splits)
    }
