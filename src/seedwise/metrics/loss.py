"""Mean cross-entropy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seedwise.contracts import Context, Subject
from seedwise.metrics.splits import Split, evaluated
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric("loss", bounds=(0.0, None), needs=("loss",), unit="nats")
def loss(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    splits: tuple[Split, ...] | None = None,
) -> Mapping[str, float]:
    """Return the mean over examples of the cross-entropy.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        splits: Where; by default those of `forget`, `retain`, `test` that exist.

    Returns:
        `loss/<split>`, each at least 0, in nats.
    """
    return {
        f"loss/{split}": float(subjects[0].outputs(split)["loss"].mean(dtype=float))
        for split in evaluated(subjects[0].problem, splits)
    }
