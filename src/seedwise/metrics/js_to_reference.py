"""How far the predictions are from the retrained model's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import rel_entr, softmax

from seedwise.contracts import Context, Subject
from seedwise.metrics.splits import Split
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric(
    "js-to-reference",
    level="pair",
    direction="lower",
    bounds=(0.0, math.log(2)),
    needs=("logits",),
    unit="nats",
)
def js_to_reference(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    split: Split = "forget",
) -> Mapping[str, float]:
    """Return the mean Jensen-Shannon divergence to the reference's predicted distributions.

    Its floor, the value between two retrained models, is above 0.

    Args:
        subjects: One model.
        against: Its reference.
        seeds: Unused.
        ctx: Unused.
        split: Where.

    Returns:
        `js-to-reference`, in [0, ln 2] nats.
    """
    mine, other = (one[0].outputs(split)["logits"] for one in (subjects, against))
    return {"js-to-reference": float(jensen_shannon(mine, other).mean())}


def jensen_shannon(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the Jensen-Shannon divergence between the softmaxes of two sets of logits.

    JS(p, q) = KL(p, m) / 2 + KL(q, m) / 2 with m = (p + q) / 2 (Lin, 1991), in nats. The
    divergence itself, not its square root.

    Args:
        first: (n, classes).
        second: (n, classes).

    Returns:
        One value an example, (n,), in [0, ln 2].

    Example:
        >>> import numpy as np
        >>> logits = np.array([[0.0, 0.0], [50.0, 0.0]])
        >>> jensen_shannon(logits, logits[::-1]).round(3).tolist()
        [0.216, 0.216]
    """
    p, q = softmax(first.astype(float), axis=1), softmax(second.astype(float), axis=1)
    middle = (p + q) / 2
    divergence = (rel_entr(p, middle) + rel_entr(q, middle)).sum(axis=1) / 2
    return divergence.clip(0.0, math.log(2))
