"""Results: the tidy table of a study (or of any table) and the questions one may ask of it."""

from seedwise.results.core import Results

__all__ = ["Results"]
