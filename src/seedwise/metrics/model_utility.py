"""What a language model still knows, as one number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scipy.stats import hmean

from seedwise.contracts import Context, Subject
from seedwise.metrics.probability import probabilities
from seedwise.metrics.splits import Split, retained, utility
from seedwise.metrics.truth_ratio import score, truth_ratios
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric(
    "model-utility",
    bounds=(0.0, 1.0),
    needs=("loss", "probability-wrong", "rouge-recall", "loss-paraphrase", "loss-wrong"),
    unit="share",
)
def model_utility(
    subjects: Sequence[Subject],
    against: Sequence[Subject],
    seeds: SeedStreams,
    ctx: Context,
    *,
    splits: tuple[Split, ...] | None = None,
) -> Mapping[str, float]:
    """Return the harmonic mean of probability, ROUGE-L recall and truth ratio over splits.

    As in TOFU (Maini et al., COLM 2024), whose splits are retain, real authors and world facts:
    nine numbers. The probability is that among the options, except on the retain set. 0 where
    one of them is 0.

    Args:
        subjects: One model.
        against: Unused.
        seeds: Unused.
        ctx: Unused.
        splits: Where; by default the retain set (its sample where it has one) and every utility
            set. The first one counts as the retain set.

    Returns:
        `model-utility`, in [0, 1].
    """
    problem = subjects[0].problem
    chosen = (retained(problem), *utility(problem)) if splits is None else splits
    parts = [value for split in chosen for value in _parts(subjects[0], split, chosen[0])]
    return {"model-utility": float(hmean(parts)) if min(parts) > 0 else 0.0}


def _parts(subject: Subject, split: str, retain: str) -> Iterator[float]:
    outputs = subject.outputs(split)
    yield float(probabilities(outputs, options=split != retain).mean())
    yield float(outputs["rouge-recall"].mean(dtype=float))
    yield score(truth_ratios(outputs), split)
