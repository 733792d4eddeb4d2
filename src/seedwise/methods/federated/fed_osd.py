"""FedOSD: unlearning orthogonal to what the others learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from seedwise.contracts import Batch, Context, Extras
from seedwise.contracts.rounds import RoundProblem
from seedwise.registry import method
from seedwise.seeds import SeedStreams


@method(
    "fed-osd",
    requires={"rounds", "modules", "classes", "client-gradients"},
    deterministic=True,
)
def fed_osd(
    original: Any,
    problem: RoundProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    rounds: PositiveInt = 10,
    lr: PositiveFloat = 0.1,
    recovery: NonNegativeInt = 10,
    recovery_lr: PositiveFloat = 0.1,
) -> Any:
    """Descend an unlearning loss where it hurts no retained client, then repair without going back.

    Pan et al., "Federated Unlearning with Gradient Descent and Conflict Mitigation" (AAAI 2025).
    Unlearning: g_u is the gradient of the forgotten clients' unlearning cross-entropy
    -log(1 - p_y / 2), A holds the retained clients' gradients of the cross-entropy as rows; the
    step is along d = g_u - A'(A A')^+ A g_u, stretched to the length of g_u. Recovery: each
    retained client's gradient loses its component along w - w_T, is stretched to its own length,
    and the mean is descended. All gradients are over all of a client's examples in their own
    order, so nothing is drawn; the released code takes one pass in batches. Clients count equally,
    as there.

    Args:
        original: The original model w_T.
        problem: The problem, without test data.
        extras: Unused.
        seeds: Unused.
        ctx: Device, progress and counts.
        rounds: Rounds of unlearning.
        lr: Learning rate of unlearning.
        recovery: Rounds of recovery.
        recovery_lr: Learning rate of recovery.
    """
    import torch

    from seedwise.methods.federated.directions import Stages, gradients, unlearn_and_recover

    def ask(model: Any, clients: Sequence[int], turn: int) -> torch.Tensor:
        problem.exchanged(len(clients), ctx)
        losses = [unlearning if client in problem.forgotten else learning for client in clients]
        each = zip(clients, losses, strict=True)
        return torch.cat([gradients(model, problem, [client], loss) for client, loss in each])

    unlearning, learning = _unlearning(problem), _learning(problem)
    stages = Stages(rounds, lr, recovery, recovery_lr)
    return unlearn_and_recover(original, problem, ask, stages, ctx)


def _learning(problem: RoundProblem[Any]) -> Callable[[Any, Batch], Any]:
    return lambda model, batch: problem.losses(model, batch).mean()


def _unlearning(problem: RoundProblem[Any]) -> Callable[[Any, Batch], Any]:
    """Return the mean of -log(1 - p_y / 2): at most log 2, so that the descent ends."""

    def loss(model: Any, batch: Batch) -> Any:
        return -(1.0 - (-problem.losses(model, batch)).exp() / 2).log().mean()

    return loss
