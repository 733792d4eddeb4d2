"""seedwise: nested-seed evaluation of machine unlearning.

Example:
    >>> import seedwise as sw
    >>> results = sw.run("study.yaml", store="runs")  # doctest: +SKIP
    >>> results.summary()  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from seedwise._version import __version__
from seedwise.errors import SeedwiseError
from seedwise.registry import method, metric
from seedwise.seeds import SeedStreams

if TYPE_CHECKING:
    from seedwise.api import import_results, load, report, run
    from seedwise.results import Results

_LAZY = {
    "run": "seedwise.api",
    "import_results": "seedwise.api",
    "load": "seedwise.api",
    "report": "seedwise.api",
    "Results": "seedwise.results",
}

__all__ = [
    "Results",
    "SeedStreams",
    "SeedwiseError",
    "__version__",
    "import_results",
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


class _Package(ModuleType):
    """This package, in which `report` stays the function when the room of that name is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; a room never replaces a function of the facade."""
        if not (name in _LAZY and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
