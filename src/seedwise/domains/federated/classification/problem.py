"""A classifier trained at the clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from torch import nn

from seedwise.domains.federated.problem import FederatedProblem
from seedwise.domains.vision.problem import VisionProblem

OWNER = "client"
"""Column with the number of the client that holds each example, -1 where none does."""


class ClassificationProblem(FederatedProblem, VisionProblem):
    """Rounds, with the losses, scores and outputs of a vision problem."""

    def outputs(
        self, model: nn.Module, split: str, columns: Sequence[str]
    ) -> Mapping[str, np.ndarray]:
        """Return the columns of a vision problem, and `client`: who holds each example."""
        found = dict(super().outputs(model, split, [one for one in columns if one != OWNER]))
        if OWNER in columns:
            found[OWNER] = self._owners(split)
        return {column: found[column] for column in columns}

    def _owners(self, split: str) -> np.ndarray:
        index = self.index(split)
        owners = np.full(len(index), -1.0, dtype=np.float32)
        if split in ("train", "retain", "forget"):
            for client in self.clients:
                owners[np.isin(index, self.index(self.client_split(client)))] = client
        return owners
