"""`seedwise doctor`: what is installed, what the machine offers, and what that allows."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
from collections.abc import Sequence
from pathlib import Path

import typer

from seedwise.cli import options

_EXTRAS = {
    "torch": ("torch", "sklearn", "safetensors"),
    "language": ("transformers", "tokenizers"),
    "parquet": ("pyarrow",),
}


def command(store: options.Store = options.DEFAULT_STORE) -> None:
    """Show versions, extras, devices, disk, and whether the store can be written."""
    from seedwise.api import workers_or_all
    from seedwise.engine.signature import versions

    for name, version in versions().items():
        typer.echo(f"{name:14} {version}")
    for extra, modules in _EXTRAS.items():
        typer.echo(f"{extra + ' extra':14} {_extra(extra, modules)}")
    typer.echo(f"{'devices':14} {', '.join(_devices())}")
    typer.echo(f"{'cores':14} {workers_or_all(None)}")
    folder = next(
        parent for parent in [store.resolve(), *store.resolve().parents] if parent.exists()
    )
    free = shutil.disk_usage(folder).free / 1e9
    typer.echo(f"{'free disk':14} {free:.1f} GB at {folder}")
    typer.echo(f"{'store':14} {_store(store)}")


def _extra(name: str, modules: Sequence[str]) -> str:
    """Say whether all modules of an extra are there and import."""
    if any(importlib.util.find_spec(module) is None for module in modules):
        return f"missing: pip install 'seedwise[{name}]'"
    broken = [f"{module} does not import ({why})" for module in modules if (why := _fault(module))]
    if broken:
        return f"broken: {'; '.join(broken)}; install it anew: pip install --force-reinstall"
    return "installed"


def _fault(module: str) -> str | None:
    """Return why a module does not import, None if it does."""
    try:
        importlib.import_module(module)
    except Exception as error:  # noqa: BLE001 - a broken installation may raise anything
        return " ".join(f"{type(error).__name__}: {error}".split())
    return None


def _devices() -> list[str]:
    if importlib.util.find_spec("torch") is None or _fault("torch"):
        return ["cpu"]
    import torch

    found = ["cpu"]
    found += ["cuda"] if torch.cuda.is_available() else []
    found += ["mps"] if torch.backends.mps.is_available() else []
    return found


def _store(path: Path) -> str:
    if not path.exists():
        return f"{path}: will be made by 'seedwise run'"
    from seedwise.errors import SeedwiseError
    from seedwise.store import FileStore

    try:
        opened = FileStore(path)
    except SeedwiseError as error:
        return str(error)
    return f"{opened.root}: {len(opened.keys('models'))} models, studies: {opened.studies()}"
