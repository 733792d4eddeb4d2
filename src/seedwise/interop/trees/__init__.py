"""Folders in which training runs left configs and evaluations left files: who started from whom."""
