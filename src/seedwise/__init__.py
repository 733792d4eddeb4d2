"""seedwise: nested-seed evaluation of machine unlearning."""

from seedwise._version import __version__

__all__ = ["__version__"]
