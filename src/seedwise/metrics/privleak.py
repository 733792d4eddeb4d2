"""Privacy leakage against the retrained model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from seedwise.contracts import Context, Subject
from seedwise.metrics.mia_tokens import ATTACKS, attacked
from seedwise.metrics.splits import Split
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric(
    "privleak",
    level="pair",
    bounds=(-100.0, None),
    needs=("loss", "min-k", "min-k-plus", "zlib"),
    null=0.0,
    unit="%",
)
def privleak(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    attack: Literal["loss", "min-k", "min-k-plus", "zlib"] = "min-k",
    nonmembers: Split = "test",
) -> Mapping[str, float]:
    """Return ((1 - AUC) - (1 - AUC of the reference)) / (1 - AUC of the reference) in per cent.

    Shi et al., "MUSE: Machine Unlearning Six-Way Evaluation for Language Models" (ICLR 2025).
    Negative: the forget set can still be told (-100: perfectly); positive: it is conspicuous for
    being less likely than held-out data.

    Args:
        subjects: One model.
        against: Its reference.
        seeds: Unused.
        ctx: Unused.
        attack: Which score of an answer the AUC is of.
        nonmembers: The examples neither was trained on.

    Returns:
        `privleak`, NaN where the reference's own AUC is 1.
    """
    mine, other = (
        1.0 - attacked(one[0], ATTACKS[attack], nonmembers) for one in (subjects, against)
    )
    return {"privleak": 100.0 * (mine - other) / other if other > 0 else math.nan}
