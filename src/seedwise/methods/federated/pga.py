"""Projected gradient ascent at the forgotten clients, then repair."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from seedwise.contracts import Context, Extras
from seedwise.contracts.rounds import LAST_ROUND, Parameters, RoundProblem, history, part
from seedwise.methods.federated.fed_remove import last_average
from seedwise.registry import method
from seedwise.seeds import SeedStreams

RANDOM_MODELS = 10


@method("pga", version="2", requires={"rounds", "modules"}, needs=(LAST_ROUND,))
def pga(
    original: Any,
    problem: RoundProblem[Any],
    extras: Extras,
    seeds: SeedStreams,
    ctx: Context,
    *,
    epochs: PositiveInt = 5,
    lr: PositiveFloat = 0.01,
    radius: PositiveFloat | None = None,
    stop: PositiveFloat | None = 1.48,
    clip: PositiveFloat | None = 5.0,
    rounds: NonNegativeInt = 10,
) -> Any:
    """Let forgotten clients climb their loss within a ball around a reference, then repair.

    Halimi et al., "Federated Unlearning: How to Efficiently Erase a Client in FL?" (2022). The
    reference is the last average without the forgotten clients, for one client i of N with equal
    weights w_ref = N / (N - 1) w_T - 1 / (N - 1) w_i. Each forgotten client starts there, climbs,
    is projected to the ball of the given radius around w_ref after every step, and stops when it
    is far from the model it sent last; the mean of what several return is taken. Then federated
    averaging over the retained clients. By default the radius is a third of the mean distance
    from w_ref to ten nets as they are before training (stream `reference`).

    The released code's distances are squared ones: its radius is the root of a third of the mean
    squared distance, 3^.5 times as large as here where the ten are equally far, and its 2.2 for
    stopping is a distance of 1.48. Its ascent has a momentum of .9 and batches of 128; here both
    are those of the training. It forgets one client.

    Args:
        original: The original model.
        problem: The problem, without test data.
        extras: `history:last-round`.
        seeds: Streams; draws the random nets, cohorts and what clients draw.
        ctx: Device, progress and counts.
        epochs: Passes over a forgotten client's examples, or interactions.
        lr: Learning rate of the ascent.
        radius: Radius of the ball.
        stop: Distance to the client's own last model at which it stops (the released code's, for
            a net of its own); None never. Distances count for clients that took part in the last
            round; the others have sent no model and do not stop.
        clip: Largest norm of a gradient of the ascent (5 in the released code); None clips nothing.
        rounds: Rounds of repair.
    """
    from seedwise.methods.federated.balls import Ball
    from seedwise.methods.federated.parameters import (
        added,
        chosen,
        joined,
        places_of,
        repeated,
        tensors,
        with_values,
    )

    last = history(extras, LAST_ROUND, "pga")
    centre = last_average(problem, last, ctx.device)
    size = radius or third_of_distance(problem, centre, seeds)
    sent = tensors(part(last, "local/"), ctx.device)
    work = replace(problem.work, amount=epochs, lr=lr, proximal=0.0, ascend=True, clip=clip)
    ascents = []
    for client in problem.forgotten:
        place = places_of([client], last["clients"])
        own = chosen(sent, place) if place and stop is not None else None
        own_work = replace(work, after_step=Ball(centre, size, own, stop))
        ascents.append(problem.local(repeated(centre, 1), [client], 0, seeds, ctx, own_work))
    rows = joined(ascents)
    reached = added(centre, problem.mean_update(centre, rows, problem.forgotten))
    model = with_values(problem, original, reached)
    return problem.federate(model, problem.retained, rounds, seeds, ctx)


def third_of_distance(problem: RoundProblem[Any], centre: Parameters, seeds: SeedStreams) -> float:
    """Return a third of the mean distance from a model to ten nets before training."""
    from seedwise.methods.federated.parameters import lengths, minus, repeated, values

    device = next(iter(centre.values())).device
    far = []
    for number in range(RANDOM_MODELS):
        net = problem.fresh(seeds.generator("reference", number)).to(device)
        far.append(float(lengths(minus(repeated(values(net), 1), centre))[0]))
    return sum(far) / len(far) / 3
