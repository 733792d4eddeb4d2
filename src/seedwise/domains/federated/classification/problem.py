"""A classifier trained at the clients."""

from __future__ import annotations

from seedwise.domains.federated.problem import FederatedProblem
from seedwise.domains.vision.problem import VisionProblem


class ClassificationProblem(FederatedProblem, VisionProblem):
    """Rounds, with the losses, scores and outputs of a vision problem."""
