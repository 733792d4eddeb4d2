"""Taking the forgotten clients out of the last average."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from seedwise.contracts import Context, Extras
from seedwise.contracts.rounds import LAST_ROUND, RoundProblem, history, part
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("fed-remove", requires={"rounds", "modules"}, needs=(LAST_ROUND,), deterministic=True)
def fed_remove(
    original: Any,
    problem: RoundProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
) -> Any:
    """Return the weighted mean of the models that the retained clients sent in the last round.

    What was learnt from the forgotten clients in earlier rounds stays. The simplest baseline of
    the ranking literature (Wang et al., ECIR 2024, compare with it). If nobody retained took part
    in the last round, the model before it is returned.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: `history:last-round`.
        seeds: Unused.
        ctx: Device.
    """
    from seedwise.methods.federated.parameters import with_values

    last = history(extras, LAST_ROUND, "fed-remove")
    return with_values(problem, original, last_average(problem, last, ctx.device))


def last_average(
    problem: RoundProblem[Any], last: Mapping[str, np.ndarray], device: str
) -> dict[str, Any]:
    """Return the last round's average over the retained clients alone.

    With full participation and equal weights it is N / (N - 1) w_T - 1 / (N - 1) w_i for one
    forgotten client i of N.

    Args:
        problem: The problem.
        last: The level `history:last-round`.
        device: Where to compute.
    """
    from seedwise.methods.federated.parameters import added, chosen, places_of, tensors

    places = places_of(problem.retained, last["clients"])
    start = tensors(part(last, "start/"), device)
    rows = chosen(tensors(part(last, "local/"), device), places)
    return added(start, problem.mean_update(start, rows, last["clients"][places]))
