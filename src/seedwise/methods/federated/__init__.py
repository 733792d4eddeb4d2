"""Methods that make a model forget clients, in rounds; importing any of them loads no torch."""
