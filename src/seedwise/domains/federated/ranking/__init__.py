"""Online learning to rank by federated clients: data, simulated users, rankers, PDGD."""
