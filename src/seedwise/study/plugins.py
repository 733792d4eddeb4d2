"""Loading a person's own files, so that their decorators register methods and metrics."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

from seedwise import registry
from seedwise.errors import StudyError
from seedwise.study.lock import file_sha256

_PREFIX = "seedwise_plugin_"


def load_plugins(names: Iterable[str], folder: Path) -> dict[str, str]:
    """Import the plug-ins of a study; files of another study loaded before are forgotten.

    Args:
        names: Python files (`my_method.py`, relative to `folder`) or importable modules.
        folder: The folder of the study file.

    Returns:
        The absolute file (or the module name) of each plug-in with the SHA-256 of its source.

    Raises:
        StudyError: If a file does not exist or does not import; the message shows where.
    """
    for shelf in (registry.methods, registry.metrics, registry.domains):
        shelf.drop(_PREFIX)
    return dict(_load(name, folder) for name in names)


def _load(name: str, folder: Path) -> tuple[str, str]:
    if not name.endswith(".py"):
        module = _run(name, lambda: importlib.import_module(name))
        source = Path(getattr(module, "__file__", None) or "")
        return name, _hash(source)
    path = (folder / name).expanduser().resolve()
    if not path.is_file():
        raise StudyError(f"plugins: there is no file '{path}'")
    digest = _hash(path)
    title = f"{_PREFIX}{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    _run(name, lambda: _execute(title, path))
    return str(path), digest


def _execute(title: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(title, path)
    assert spec is not None  # noqa: S101 - a .py file always has a loader
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    sys.modules[title] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[title]
        raise
    return module


def _run(name: str, action: Callable[[], ModuleType]) -> ModuleType:
    try:
        return action()
    except (Exception, SystemExit) as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__
        raise StudyError(
            f"plugins: '{name}' does not import: {kind}: {error} ({last.filename}:{last.lineno})"
        ) from error


def _hash(path: Path) -> str:
    return file_sha256(path) if path.is_file() else ""
