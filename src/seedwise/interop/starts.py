"""Which training seed a trained model is: by its own seed, by counting, or as a person says."""

from __future__ import annotations

import fnmatch
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from seedwise.errors import TableError, did_you_mean


class Trained(NamedTuple):
    """A trained model.

    Args:
        name: Its path or name.
        seed: The seed it was trained with, None where unknown.
    """

    name: str
    seed: int | None = None


def training_seeds(models: Sequence[Trained], mapped: Mapping[str, int]) -> dict[str, int]:
    """Return the training seed of each model.

    Seeds given by the user come first. The others keep the seeds they were trained with if these
    are all known and different, and are counted otherwise, in the natural order of their names.

    Args:
        models: Trained models, each name once.
        mapped: Training seeds by name, as `resolved` returns them.

    Example:
        >>> training_seeds([Trained("m10"), Trained("m9")], {})
        {'m9': 0, 'm10': 1}
        >>> training_seeds([Trained("a", 7), Trained("b", 3), Trained("c")], {"c": 0})
        {'a': 7, 'b': 3, 'c': 0}
    """
    ordered = sorted(models, key=lambda model: natural(model.name))
    free = [model for model in ordered if model.name not in mapped]
    own = [model.seed for model in free]
    taken = {mapped[model.name] for model in ordered if model.name in mapped}
    usable = None not in own and len(set(own)) == len(own) and not taken & set(own)
    counted = (seed for seed in itertools.count() if seed not in taken)
    found = {m.name: m.seed if usable and m.seed is not None else next(counted) for m in free}
    return {m.name: mapped[m.name] if m.name in mapped else found[m.name] for m in ordered}


def resolved(given: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    """Return the training seeds that a person gave, by the names that the import knows.

    A model may be named by its whole path or by the end of it, from a `/` on.

    Raises:
        TableError: If a name fits no model, or several.
    """
    known = list(dict.fromkeys(names))
    found: dict[str, int] = {}
    for path, seed in given.items():
        fitting = [name for name in known if same_path(name, path)]
        if not fitting:
            raise TableError(
                f"--map {path}={seed}: no model here starts from or is '{path}'; "
                f"{did_you_mean(path, known)}"
            )
        if len(fitting) > 1:
            raise TableError(
                f"--map {path}={seed}: '{path}' may be {' or '.join(fitting)}; write more of it"
            )
        found[fitting[0]] = seed
    return found


def pairs(given: Iterable[str]) -> dict[str, int]:
    """Read `PATH=SEED` pairs.

    Raises:
        TableError: If one is written otherwise, or a path is given twice.

    Example:
        >>> pairs(["saves/finetune/full_t0=0"])
        {'saves/finetune/full_t0': 0}
    """
    found: dict[str, int] = {}
    for pair in given:
        path, equals, seed = pair.rpartition("=")
        if not equals or not path or not re.fullmatch(r"\d+", seed.strip()):
            raise TableError(f"--map {pair}: write it as PATH=SEED, e.g. saves/finetune/full_t0=0")
        if path in found:
            raise TableError(f"--map {pair}: '{path}' is given twice")
        found[path] = int(seed)
    return found


def same_path(one: str, other: str) -> bool:
    """Return whether one path is the other, or the end of it.

    Example:
        >>> same_path("finetune/a", "/data/saves/finetune/a/"), same_path("a", "finetune/ba")
        (True, False)
    """
    first, second = (path.strip().removeprefix("./").rstrip("/") for path in (one, other))
    return first == second or first.endswith(f"/{second}") or second.endswith(f"/{first}")


def fits(names: Iterable[str], patterns: Sequence[str]) -> bool:
    """Return whether one of a model's names is one that was given, its end, or of its pattern.

    Example:
        >>> fits(["saves/full_t0"], ["full_t0"]), fits(["full_t0"], ["full*"]), fits(["a"], ["b"])
        (True, True, False)
    """
    return any(
        same_path(name, pattern) or fnmatch.fnmatchcase(name, pattern)
        for name in names
        for pattern in patterns
    )


def natural(name: str) -> list[tuple[int, str]]:
    """Return a sort key that counts: `m9` before `m10`."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
