"""Errors a person can act on: what was given, what is allowed, what to do.

The command line prints the message of a `SeedwiseError` and exits with 1; anything else that
escapes is a defect of seedwise or of a plug-in and is shown as such.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SeedwiseError(Exception):
    """A mistake in what was given, worded for the person who gave it."""


class StudyError(SeedwiseError):
    """The study file is wrong; the message names the file and the path inside it."""


class DataError(SeedwiseError):
    """The data set or the forget set cannot be used as asked."""


class ForgetError(DataError):
    """The forget set cannot be drawn as asked."""


class TableError(SeedwiseError):
    """A result table lacks something, or holds something that cannot be read as a value."""


class StoreError(SeedwiseError):
    """The store cannot be read or written."""


class WorkerError(Exception):
    """A defect that a worker process ran into; its note holds the worker's traceback."""


class NonFiniteError(SeedwiseError):
    """A model holds NaN or infinite parameters."""


class NotReproducibleError(SeedwiseError):
    """A cell was run again and gave other bits, so it may not stand in for the recorded one."""


def did_you_mean(given: str, allowed: Iterable[str]) -> str:
    """Say what is allowed, and what was probably meant.

    Example:
        >>> did_you_mean("finetun", ["finetune", "ssd"])
        "did you mean 'finetune'? Allowed: finetune, ssd"
    """
    names = sorted(allowed)
    close = difflib.get_close_matches(given, names, n=1)
    hint = f"did you mean '{close[0]}'? " if close else ""
    return f"{hint}Allowed: {', '.join(names) or 'none'}"
