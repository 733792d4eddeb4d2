"""The study file: its spec, its validation and the lock."""
