"""Share of answer tokens a language model gets right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seedwise.contracts import Context, Subject
from seedwise.metrics.splits import Split, evaluated
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric("exact-memorization", bounds=(0.0, 1.0), needs=("exact",), unit="share")
def exact_memorization(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    splits: tuple[Split, ...] | None = None,
) -> Mapping[str, float]:
    """Return the mean over answers of the share of tokens whose largest logit is the true one.

    Tirumala et al., "Memorization Without Overfitting" (NeurIPS 2022), as in OpenUnlearning: the
    true tokens before are given.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        splits: Where; by default those of `forget`, `retain`, `test` that exist.

    Returns:
        `exact-memorization/<split>`, each in [0, 1].
    """
    return {
        f"exact-memorization/{split}": float(subjects[0].outputs(split)["exact"].mean(dtype=float))
        for split in evaluated(subjects[0].problem, splits)
    }
