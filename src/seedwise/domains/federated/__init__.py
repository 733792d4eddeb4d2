"""Federated learning: clients that hold the data, a server that averages what they learn."""
