"""The two ends of every comparison: nothing forgotten, and never learnt.

The engine makes both itself, once per training seed (neither has an unlearning level); the
functions say what it makes.
"""

from __future__ import annotations

from typing import Any

from seedwise.contracts import Context, Extras, Failed, Problem
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("original", deterministic=True)
def original(
    original: Any, problem: Problem[Any], extras: Extras, seeds: SeedStreams, ctx: Context
) -> Any:
    """Return the original unchanged: the end where nothing was forgotten."""
    return problem.copy(original)


@method("retrain")
def retrain(
    original: Any, problem: Problem[Any], extras: Extras, seeds: SeedStreams, ctx: Context
) -> Any:
    """Train from the recipe's own start on the retain set: the reference of every study.

    Every parameter is drawn anew; released code that resets the last layer only, and calls that
    retraining, starts from features learnt on the forget set.

    Raises:
        Exception: What the training run raised.
    """
    made = next(problem.train("retain", [seeds], ctx))
    if isinstance(made, Failed):
        raise made.error
    return made.model
