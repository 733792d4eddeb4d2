"""A classifier trained at the clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from torch import nn

from seedwise.domains.federated.owners import OWNER, owners
from seedwise.domains.federated.problem import FederatedProblem
from seedwise.domains.vision.problem import VisionProblem


class ClassificationProblem(FederatedProblem, VisionProblem):
    """Rounds, with the losses, scores and outputs of a vision problem."""

    def outputs(
        self, model: nn.Module, split: str, columns: Sequence[str]
    ) -> Mapping[str, np.ndarray]:
        """Return the columns of a vision problem, and `client`: who holds each example."""
        found = dict(super().outputs(model, split, [one for one in columns if one != OWNER]))
        if OWNER in columns:
            found[OWNER] = owners(self, split)
        return {column: found[column] for column in columns}
