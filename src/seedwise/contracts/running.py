"""What a component may touch besides its data while it runs."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Phase = Literal["data", "train", "unlearn", "evaluate"]


@dataclass
class Clock:
    """Wall and CPU seconds per phase, so that unlearning time never includes evaluation.

    `counts` are other costs and sightings of the cell, by name (e.g. bytes sent).

    Example:
        >>> clock = Clock()
        >>> with clock("train"):
        ...     pass
        >>> sorted(clock.wall)
        ['train']
    """

    wall: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    counts: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def __call__(self, phase: Phase) -> Iterator[None]:
        """Add the time spent inside the block to a phase."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.wall[phase] = self.wall.get(phase, 0.0) + time.perf_counter() - wall
            self.cpu[phase] = self.cpu.get(phase, 0.0) + time.process_time() - cpu


@dataclass(frozen=True)
class Context:
    """All a component may touch besides its data.

    Args:
        device: `cpu`, `cuda`, `mps`.
        scratch: An empty folder that is deleted afterwards.
        tick: Reports progress of the running cell as a share in [0, 1].
        clock: The clock of the running cell.
    """

    device: str = "cpu"
    scratch: Path = Path()
    tick: Callable[[float], None] = lambda share: None
    clock: Clock = field(default_factory=Clock)
