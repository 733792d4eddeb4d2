"""Named, counter-based random streams: the only source of randomness in seedwise.

Every generator is a pure function of (scope, the seed of every outer level, purpose, index). No
draw depends on the order in which things run, on a cache or on neighbours, and seed 0 is a seed
like any other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence

FACTORS = ("partition", "training", "unlearning", "evaluation")
"""The seed levels, outermost first."""

_SCHEME = "seedwise-streams/1"


class RandomnessNotDeclaredError(RuntimeError):
    """A component that declared itself free of randomness asked for a random stream."""


@dataclass(frozen=True)
class SeedStreams:
    """All random streams of one place in the nested design.

    Args:
        scope: What the streams serve, e.g. `train`, `retrain`, `method/finetune`. Two scopes
            never share a draw.
        partition: Seed of the outermost level.
        training: Seed of the training level, None outside it.
        unlearning: Seed of the unlearning level, None outside it.
        evaluation: Seed of the evaluation level, None outside it.

    Example:
        >>> streams = SeedStreams("train", training=0)
        >>> first = streams.generator("init").integers(100, size=3)
        >>> again = streams.generator("init").integers(100, size=3)
        >>> bool((first == again).all())
        True
    """

    scope: str
    partition: int = 0
    training: int | None = None
    unlearning: int | None = None
    evaluation: int | None = None

    def generator(self, purpose: str, *index: int) -> np.random.Generator:
        """Return a fresh generator for a purpose such as `init` or `order`.

        Args:
            purpose: Name of the use.
            *index: Counters inside the purpose, e.g. the epoch.
        """
        key: Any = _Key(self._digest(purpose, index))
        return np.random.Generator(np.random.Philox(key))

    def integer(self, purpose: str, *index: int) -> int:
        """Return a seed in [0, 2**63) for a foreign generator (torch, a subprocess)."""
        return int.from_bytes(self._digest(purpose, index)[:8], "big") >> 1

    def at(self, **seeds: int | None) -> SeedStreams:
        """Return the streams of another place, e.g. `streams.at(evaluation=2)`."""
        return replace(self, **seeds)

    def labels(self) -> dict[str, int]:
        """Return the seed of every level that is set, outermost first."""
        values = {factor: getattr(self, factor) for factor in FACTORS}
        return {factor: value for factor, value in values.items() if value is not None}

    def _digest(self, purpose: str, index: tuple[int, ...]) -> bytes:
        path = "|".join([self._place, purpose, *(str(int(i)) for i in index)])
        return hashlib.sha256(path.encode()).digest()

    @cached_property
    def _place(self) -> str:
        seeds = ",".join(f"{factor}={value}" for factor, value in self.labels().items())
        return f"{_SCHEME}|{self.scope}|{seeds}"


class _Key(ISeedSequence):
    """The key of a Philox generator: `Philox(key=...)` reads entropy that it then does not use."""

    def __init__(self, digest: bytes) -> None:
        self._digest = digest

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> np.ndarray:
        """Return the first words of the digest."""
        return np.frombuffer(self._digest, dtype=dtype)[:n_words]


@dataclass(frozen=True)
class NoStreams(SeedStreams):
    """Streams for a component that declares no randomness: asking for one raises."""

    def _digest(self, purpose: str, index: tuple[int, ...]) -> bytes:
        raise RandomnessNotDeclaredError(
            f"{self.scope} asked for the random stream '{purpose}' but declares no randomness; "
            "declare it (metrics: stochastic=True) so that its seeds are part of the design"
        )
