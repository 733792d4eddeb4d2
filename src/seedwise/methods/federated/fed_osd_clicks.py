"""FedOSD for rankers: unlearning orthogonal to what the others learn from clicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from seedwise.contracts import Context, Extras
from seedwise.contracts.rounds import RoundProblem
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method("fed-osd-clicks", requires={"rounds", "modules", "clicks"})
def fed_osd_clicks(
    original: Any,
    problem: RoundProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    rounds: PositiveInt = 10,
    lr: PositiveFloat | None = None,
    recovery: NonNegativeInt = 10,
    recovery_lr: PositiveFloat | None = None,
    interactions: PositiveInt | None = None,
) -> Any:
    """Go back on the forgotten clients' preferences where it hurts no retained client, then repair.

    `fed-osd` (Pan et al., AAAI 2025) where clients learn from clicks. They have no labels, so that
    neither the cross-entropy nor its unlearning form can be had. Instead a client's gradient is
    that of PDGD, as it sends it: g_k = (w - w_k) / lr, w_k the model after some interactions with
    its users from w. PDGD raises the probability that what was clicked is preferred to what was
    passed over. It is at most 1, and its slope vanishes as a preference is lost, as that of the
    unlearning cross-entropy does: hence the opposite, -g_k, takes the place of that loss's gradient
    at the forgotten clients, and ends by itself. Projections, lengths and recovery are those of
    `fed-osd`. Unlike there gradients are estimates, drawn anew every round: not deterministic.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Streams; draws what clients draw.
        ctx: Device, progress and counts.
        rounds: Rounds of unlearning.
        lr: Learning rate of unlearning; the clients' own if None, where a step is as long as the
            mean of their updates.
        recovery: Rounds of recovery.
        recovery_lr: Learning rate of recovery, likewise.
        interactions: Interactions of a client a round; the training's if None.
    """
    import torch

    from seedwise.methods.federated.directions import Stages, unlearn_and_recover
    from seedwise.methods.federated.parameters import minus, repeated, values

    work = replace(problem.work, amount=interactions or problem.work.amount, proximal=0.0)

    def ask(model: Any, clients: Sequence[int], turn: int) -> torch.Tensor:
        here = values(model)
        sent = problem.local(repeated(here, len(clients)), clients, turn, seeds, ctx, work)
        moved = torch.cat([part.flatten(1) for part in minus(sent, here).values()], dim=1)
        back = [client in problem.forgotten for client in clients]
        signs = torch.tensor([1.0 if turned else -1.0 for turned in back], device=moved.device)
        return signs[:, None] * moved / work.lr

    stages = Stages(rounds, lr or work.lr, recovery, recovery_lr or work.lr)
    return unlearn_and_recover(original, problem, ask, stages, ctx)
