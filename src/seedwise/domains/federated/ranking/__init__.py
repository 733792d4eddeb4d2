"""Online learning to rank by federated clients: data, simulated users, rankers, PDGD.

torch is imported when a problem is made.
"""

from __future__ import annotations

from seedwise.domains.federated.ranking.domain import FederatedRankingDomain

__all__ = ["federated_ranking"]

federated_ranking = FederatedRankingDomain()
