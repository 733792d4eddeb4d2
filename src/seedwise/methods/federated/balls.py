"""Staying in a ball, and stopping at a distance. Imported inside methods: needs torch."""

from __future__ import annotations

import torch
from torch import Tensor

from seedwise.contracts.rounds import Parameters
from seedwise.methods.federated.parameters import lengths, minus, scaled


class Ball:
    """What one client does after every step: project, and from some distance on, stay.

    Args:
        centre: Centre of the ball.
        radius: Its radius, Euclidean over all parameters.
        own: The client's own model as one row; None never stops.
        stop: Distance to it from which on the client stays where it is.
    """

    def __init__(
        self, centre: Parameters, radius: float, own: Parameters | None, stop: float | None
    ) -> None:
        self._centre, self._radius, self._own, self._stop = centre, radius, own, stop
        self._stayed: dict[str, Tensor] | None = None

    def __call__(self, rows: Parameters) -> Parameters:
        """Map the client's parameters, one row."""
        if self._stayed is not None:
            return self._stayed
        projected = projection(rows, self._centre, self._radius)
        if self._own is not None and self._stop is not None:
            away = lengths({name: value - self._own[name] for name, value in projected.items()})
            if float(away[0]) > self._stop:
                self._stayed = {name: value.clone() for name, value in projected.items()}
        return projected


def projection(rows: Parameters, centre: Parameters, radius: float) -> dict[str, Tensor]:
    """Return the nearest points of a ball, row by row; those inside are left as they are."""
    moved = minus(rows, centre)
    away = lengths(moved)
    outside = away > radius
    shrunk = scaled(moved, torch.where(outside, radius / away.clamp(min=radius), 1.0))
    return {
        name: torch.where(
            outside.reshape(-1, *(1,) * (value.ndim - 1)), centre[name] + shrunk[name], value
        )
        for name, value in rows.items()
    }
