"""Finished checkpoints that a study adopts: where they are, and that there is one for each seed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from seedwise.contracts import HubDomain
from seedwise.errors import DataError, StudyError
from seedwise.study.check import Checked
from seedwise.study.lock import Checkpoint, checkpoint_sha256
from seedwise.study.patterns import fill

_HUB = re.compile(r"([\w.-]+/[\w.-]+)(?:@([\w./-]+))?")
"""`organisation/model`, or `organisation/model@revision`."""


def checkpoints(
    checked: Checked, pattern: str | None, folder: Path, prefixes: list[str]
) -> dict[str, Checkpoint]:
    """Find one finished checkpoint for every (forget set,) partition and training seed.

    Args:
        checked: The study.
        pattern: What it says under `originals` or `references`.
        folder: What relative paths are relative to.
        prefixes: `name:` of each forget set, or nothing where forget sets do not matter.

    Raises:
        StudyError: If one is missing or the pattern names what there is not.
    """
    if pattern is None:
        return {}
    found, seeds = {}, checked.spec.seeds
    for prefix in prefixes:
        for partition in seeds.partition:
            for training in seeds.training:
                task = prefix.rstrip(":").rpartition("/")[2]
                name = fill(pattern, training=training, partition=partition, task=task)
                found[f"{prefix}{partition}/{training}"] = _checkpoint(checked, folder, name)
    return found


def _checkpoint(checked: Checked, folder: Path, name: str) -> Checkpoint:
    """Return what a name stands for: a path where there is one, else an id on a hub."""
    path = folder / Path(name).expanduser()
    if path.exists():
        return Checkpoint(path=str(path.resolve()), sha256=checkpoint_sha256(path))
    hub = _HUB.fullmatch(name)
    is_path = path.suffix == ".safetensors" or path.parent.is_dir()
    if hub is None or is_path or "hub" not in checked.domain.capabilities:
        raise StudyError(f"there is no checkpoint '{path}'; each training seed needs its own")
    return _of_hub(checked.domain, hub[1], hub[2])


def _of_hub(domain: Any, name: str, revision: str | None) -> Checkpoint:
    source: HubDomain = domain
    try:
        path = source.downloaded(name, revision)
    except DataError as error:
        raise StudyError(
            f"there is no checkpoint '{name}' on this machine, and {error}; each training seed "
            "needs its own"
        ) from error
    return Checkpoint(path=str(path), sha256=checkpoint_sha256(path), hub=f"{name}@{path.name}")
