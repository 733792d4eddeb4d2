"""How far the parameters are from the retrained model's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seedwise.contracts import Context, Subject
from seedwise.registry import metric
from seedwise.seeds import SeedStreams


@metric("distance-to-reference", level="pair", direction="lower", bounds=(0.0, None))
def distance_to_reference(
    subjects: Sequence[Subject], against: Sequence[Subject], seeds: SeedStreams, ctx: Context
) -> Mapping[str, float]:
    """Return the Euclidean distance between all parameters of a model and of its reference.

    Its floor is the distance between two retrained models, which is large where hidden units can
    change places; with `reference: paired` both start at the same point.

    Args:
        subjects: One model, a torch module.
        against: Its reference.
        seeds: Unused.
        ctx: Unused.

    Returns:
        `distance-to-reference`.
    """
    other = dict(against[0].model().named_parameters())
    total = 0.0
    for name, value in subjects[0].model().named_parameters():
        gap = value.detach().cpu().double() - other[name].detach().cpu().double()
        total += float(gap.square().sum())
    return {"distance-to-reference": total**0.5}
