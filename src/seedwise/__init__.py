"""seedwise: nested-seed evaluation of machine unlearning.

Example:
    >>> import seedwise as sw
    >>> results = sw.run("study.yaml", store="runs")  # doctest: +SKIP
    >>> results.summary()  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from seedwise._version import __version__
from seedwise.errors import SeedwiseError
from seedwise.registry import method, metric
from seedwise.seeds import SeedStreams

if TYPE_CHECKING:
    from seedwise.api import load, report, run
    from seedwise.results import Results

_LAZY = {
    "run": "seedwise.api",
    "load": "seedwise.api",
    "report": "seedwise.api",
    "Results": "seedwise.results",
}

__all__ = [
    "Results",
    "SeedStreams",
    "SeedwiseError",
    "__version__",
    "load",
    "method",
    "metric",
    "report",
    "run",
]


def __getattr__(name: str) -> Any:
    """Import pandas and the engine only when something of theirs is asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module 'seedwise' has no attribute '{name}'")
    return getattr(importlib.import_module(_LAZY[name]), name)
