"""Adding up the updates of the retained clients alone."""

from __future__ import annotations

from typing import Any

from seedwise.contracts import Context, Extras
from seedwise.contracts.rounds import FULL, RoundProblem, history, part
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("fed-accum", requires={"rounds", "modules"}, needs=(FULL,), deterministic=True)
def fed_accum(
    original: Any,
    problem: RoundProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
) -> Any:
    """Replay the history without the forgotten clients: u_{t+1} = u_t + mean_R (w_k^t - w_t).

    u_0 = w_0; means are weighted as in training. The uncalibrated accumulation that Liu et al.
    (IWQoS 2021) compare FedEraser with (there `FedAccum`). Rounds without a retained client add
    nothing.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: `history:full`.
        seeds: Unused.
        ctx: Device and progress.
    """
    from seedwise.methods.federated.parameters import added, chosen, places_of, tensors, with_values

    full = history(extras, FULL, "fed-accum")
    starts, rows = (tensors(part(full, prefix), ctx.device) for prefix in ("start/", "local/"))
    found = {name: value[0] for name, value in starts.items()}
    for turn, clients in enumerate(full["clients"]):
        places = places_of(problem.retained, clients)
        start = {name: value[turn] for name, value in starts.items()}
        local = chosen({name: value[turn] for name, value in rows.items()}, places)
        found = added(found, problem.mean_update(start, local, clients[places]))
        ctx.tick((turn + 1) / len(full["clients"]))
    return with_values(problem, original, found)
