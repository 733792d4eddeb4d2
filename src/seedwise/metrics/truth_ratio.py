"""How much likelier wrong answers are than a true one in other words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seedwise.contracts import Context, Subject
from seedwise.metrics.splits import Split, retained, utility
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric("truth-ratio", bounds=(0.0, 1.0), needs=("loss-paraphrase", "loss-wrong"), unit="share")
def truth_ratio(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    splits: tuple[Split, ...] | None = None,
) -> Mapping[str, float]:
    """Return the mean over questions of what becomes of the truth ratio R.

    As in TOFU (Maini et al., COLM 2024): R = exp(-mean loss of wrong answers) / exp(-loss of the
    paraphrase). On `forget` min(R, 1 / R), elsewhere max(0, 1 - R). It needs wrong answers.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        splits: Where; by default `forget`, `retain` (by its sample where it has one) and every
            utility set.

    Returns:
        `truth-ratio/<split>`, each in [0, 1].
    """
    problem = subjects[0].problem
    chosen = ("forget", retained(problem), *utility(problem)) if splits is None else splits
    return {
        f"truth-ratio/{split}": score(truth_ratios(subjects[0].outputs(split)), split)
        for split in chosen
    }


def truth_ratios(outputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return exp(-loss of wrong answers) / exp(-loss of the paraphrase), (n,).

    Args:
        outputs: `loss-paraphrase` and `loss-wrong`, (n,) each.

    Example:
        >>> import numpy as np
        >>> truth_ratios({"loss-paraphrase": np.zeros(1), "loss-wrong": np.log([4.0])}).tolist()
        [0.25]
    """
    return np.exp(outputs["loss-paraphrase"].astype(float) - outputs["loss-wrong"].astype(float))


def score(ratios: np.ndarray, split: str) -> float:
    """Return the mean of min(R, 1 / R) on `forget`, of max(0, 1 - R) elsewhere."""
    if split == "forget":
        return float(np.minimum(ratios, 1.0 / ratios).mean())
    return float(np.maximum(0.0, 1.0 - ratios).mean())
