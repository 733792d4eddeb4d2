"""Federated learning: clients that hold the data, a server that averages what they learn.

`federated` is classification of the vision data sets by client; torch is imported when a problem
is made.
"""

from __future__ import annotations

from seedwise.domains.federated.classification.domain import FederatedDomain

__all__ = ["federated"]

federated = FederatedDomain()
