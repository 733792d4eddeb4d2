"""FedEraser: old lengths, new directions."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import numpy as np
from pydantic import Field, PositiveInt

from seedwise.contracts import Context, Extras
from seedwise.contracts.rounds import FIRST_ROUND, NORMS, RoundProblem, history, part
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("fed-eraser", requires={"rounds", "modules"}, needs=(NORMS, FIRST_ROUND))
def fed_eraser(
    original: Any,
    problem: RoundProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    calibration: Annotated[float, Field(gt=0, le=1)] = 0.5,
    interval: PositiveInt = 1,
) -> Any:
    """Rebuild the model from the lengths of old updates along newly trained directions.

    Liu et al., "FedEraser" (IWQoS 2021). u_1 is the mean of the retained clients' models of round
    0. For round t = 1, 2, ... each retained client k that took part trains shortly from u_t, which
    gives d_k, and u_{t+1} = u_t + mean_k |w_k^t - w_t| d_k / |d_k|, means weighted as in training,
    lengths over all parameters. Circulating code compares the clients' models with the aggregate
    of the same round instead of the model they started from, w_t: its steps are too short, the more
    so the more alike the clients are. Released code also scales layer by layer.

    Args:
        original: The original model (its parameters are not used).
        problem: The problem, without test data.
        extras: `history:norms` and `history:first-round`.
        seeds: Streams; draws what clients draw.
        ctx: Device, progress and counts.
        calibration: The short training, as a share of a client's training in a round (E_cali /
            E_loc of the paper, .5 there); at least one epoch or interaction.
        interval: Uses every so manieth round, as if only those had been kept (2 in the paper).
    """
    from seedwise.methods.federated.parameters import (
        added,
        chosen,
        lengths,
        minus,
        places_of,
        repeated,
        scaled,
        tensors,
        with_values,
    )

    norms = history(extras, NORMS, "fed-eraser")["norms"]
    first = history(extras, FIRST_ROUND, "fed-eraser")
    places = places_of(problem.retained, first["clients"])
    start = tensors(part(first, "start/"), ctx.device)
    rows = chosen(tensors(part(first, "local/"), ctx.device), places)
    found = added(start, problem.mean_update(start, rows, first["clients"][places]))
    amount = max(1, round(calibration * problem.work.amount))
    work = replace(problem.work, amount=amount)
    for turn in range(interval, len(norms), interval):
        clients = [k for k in problem.retained if np.isfinite(norms[turn, k])]
        if clients:
            starts = repeated(found, len(clients))
            moved = minus(problem.local(starts, clients, turn, seeds, ctx, work), found)
            factors = _factors(norms[turn, clients], lengths(moved))
            steps = added(starts, scaled(moved, factors))
            found = added(found, problem.mean_update(found, steps, clients))
        ctx.tick((turn + 1) / len(norms))
    return with_values(problem, original, found)


def _factors(old: np.ndarray, new: Any) -> Any:
    """Return old / new lengths; 0 for a client that did not move, which has no direction."""
    import torch

    lengths = torch.from_numpy(old.astype(np.float64)).to(new.device)
    return torch.where(new > 0, lengths / new.clamp(min=torch.finfo(new.dtype).tiny), 0.0)
