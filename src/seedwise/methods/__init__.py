"""Unlearning algorithms, one file each; importing any of them loads no torch."""
