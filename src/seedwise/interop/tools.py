"""The tools whose results can be imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, get_args

from seedwise.errors import TableError, did_you_mean
from seedwise.interop.imported import Imported, Options

Tool = Literal["open-unlearning", "tofu", "muse", "lm-eval"]
TOOLS: tuple[Tool, ...] = get_args(Tool)


def import_from(tool: str, path: str | Path, options: Options) -> Imported:
    """Read the results of a tool; see `seedwise.import_results`.

    Raises:
        TableError: If the tool is unknown, or its results cannot be read.
    """
    readers: Mapping[str, Callable[[str | Path, Options], Imported]] = {
        "open-unlearning": _open_unlearning,
        "tofu": _tofu,
        "muse": _muse,
        "lm-eval": _lm_eval,
    }
    if tool not in readers:
        raise TableError(f"no import from '{tool}'; {did_you_mean(tool, readers)}")
    return readers[tool](path, options)


def _open_unlearning(path: str | Path, options: Options) -> Imported:
    from seedwise.interop.open_unlearning import LAYOUT
    from seedwise.interop.trees.reader import read

    return read(path, LAYOUT, options)


def _tofu(path: str | Path, options: Options) -> Imported:
    from seedwise.interop.tofu_logs import LAYOUT
    from seedwise.interop.trees.reader import read

    return read(path, LAYOUT, options)


def _muse(path: str | Path, options: Options) -> Imported:
    from seedwise.interop.muse import read

    return read(path, options)


def _lm_eval(path: str | Path, options: Options) -> Imported:
    from seedwise.interop.lm_eval import read

    return read(path, options)
