"""How much of the true answer a greedy answer contains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seedwise.contracts import Context, Subject
from seedwise.metrics.splits import Split, sampled
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric("rouge-l-recall", bounds=(0.0, 1.0), needs=("rouge-recall",), unit="share")
def rouge_l_recall(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    splits: tuple[Split, ...] | None = None,
) -> Mapping[str, float]:
    """Return the mean over questions of the ROUGE-L recall of the greedy answer, stemmed.

    As in TOFU (Maini et al., COLM 2024). A greedy answer has at most as many tokens as the
    split's longest true one; TOFU lets it run to 200.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        splits: Where; by default those of `forget`, `retain`, `test` that exist,
            `retain` by its sample where it has one.

    Returns:
        `rouge-l-recall/<split>`, each in [0, 1].
    """
    return {
        f"rouge-l-recall/{split}": float(
            subjects[0].outputs(split)["rouge-recall"].mean(dtype=float)
        )
        for split in sampled(subjects[0].problem, splits)
    }
