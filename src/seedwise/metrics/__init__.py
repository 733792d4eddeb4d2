"""Numbers computed on models, one file each; importing any of them loads no torch."""
