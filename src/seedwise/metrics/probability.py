"""Probability of the true answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seedwise.contracts import Context, Subject
from seedwise.metrics.splits import Split, evaluated
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric(
    "probability",
    bounds=(0.0, 1.0),
    needs=("loss",),
    reads=("probability-wrong",),
    unit="share",
)
def probability(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    options: bool = False,
    splits: tuple[Split, ...] | None = None,
) -> Mapping[str, float]:
    """Return the mean over answers of exp(-loss), the probability normalised by length.

    As in TOFU (Maini et al., COLM 2024): the geometric mean of the token probabilities, the end
    included; with options p_true / (p_true + sum of p_wrong).

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        options: Whether to divide by the sum over the true and the wrong answers.
        splits: Where; by default those of `forget`, `retain`, `test` that exist.

    Returns:
        `probability/<split>`, each in [0, 1].
    """
    return {
        f"probability/{split}": float(
            probabilities(subjects[0].outputs(split), options=options).mean()
        )
        for split in evaluated(subjects[0].problem, splits)
    }


def probabilities(outputs: Mapping[str, np.ndarray], *, options: bool) -> np.ndarray:
    """Return the probability of each true answer, (n,).

    Args:
        outputs: `loss`, with options also `probability-wrong`, (n,) each.
        options: Whether to divide by the sum over the true and the wrong answers.

    Example:
        >>> import numpy as np
        >>> found = {"loss": np.log([2.0, 4.0]), "probability-wrong": np.array([0.5, 0.75])}
        >>> probabilities(found, options=False).tolist()
        [0.5, 0.25]
        >>> probabilities(found, options=True).tolist()
        [0.5, 0.25]
    """
    true = np.exp(-outputs["loss"].astype(float))
    return true / (true + outputs["probability-wrong"].astype(float)) if options else true
