"""How little of an answer must be given to get the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seedwise.contracts import Context, Subject
from seedwise.metrics.splits import Split, evaluated
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric("extraction-strength", bounds=(0.0, 1.0), needs=("extraction",), unit="share")
def extraction_strength(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    splits: tuple[Split, ...] | None = None,
) -> Mapping[str, float]:
    """Return the mean over answers of 1 - k / length.

    k is the least number of tokens given from which on all others are right. Carlini et al.,
    "Extracting Training Data from Large Language Models" (USENIX Security 2021), as in
    OpenUnlearning, but 0 where the last token is wrong.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        splits: Where; by default those of `forget`, `retain`, `test` that exist.

    Returns:
        `extraction-strength/<split>`, each in [0, 1].
    """
    return {
        f"extraction-strength/{split}": float(
            subjects[0].outputs(split)["extraction"].mean(dtype=float)
        )
        for split in evaluated(subjects[0].problem, splits)
    }
