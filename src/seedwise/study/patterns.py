"""Names of finished checkpoints with seeds in braces, e.g. `models/{training_seed}`."""

from __future__ import annotations

import string
from typing import Any

from seedwise.errors import StudyError


def fill(pattern: str, *, training: int, partition: int = 0, task: str = "") -> str:
    """Return the name of one checkpoint.

    Args:
        pattern: What the study says under `originals` or `references`.
        training: Training seed.
        partition: Seed of the data.
        task: Name of the forget set.

    Raises:
        StudyError: If something else stands in braces.

    Example:
        >>> fill("lab/full-{training_seed}", training=3)
        'lab/full-3'
    """
    values: dict[str, Any] = {
        "training_seed": training,
        "partition_seed": partition,
        "task": task,
    }
    try:
        used = {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}
    except ValueError:  # a brace without its other half
        used = {""}
    if not used <= set(values):
        raise StudyError(f"'{pattern}': allowed in braces: {', '.join(values)}")
    return pattern.format(**values)
