"""What training keeps of its rounds, by level; see `seedwise.contracts.rounds`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from seedwise.contracts.rounds import FIRST_ROUND, FULL, LAST_ROUND, NORMS
from seedwise.domains.federated.rounds import Round

Arrays = dict[str, np.ndarray]


class Recorder:
    """Watches the rounds of some seeds and keeps no more than was asked for.

    Args:
        seeds: How many seeds run side by side.
        clients: Number of clients.
        rounds: Number of rounds.
        capture: The levels wanted; `history:norms` is kept in any case.
    """

    def __init__(self, seeds: int, clients: int, rounds: int, capture: Sequence[str]) -> None:
        self._wanted = capture
        self._rounds = rounds
        self._norms = np.full((seeds, rounds, clients), np.nan, dtype=np.float32)
        self._kept: dict[str, list[list[Arrays]]] = {
            level: [[] for _ in range(seeds)] for level in (FIRST_ROUND, LAST_ROUND, FULL)
        }

    def __call__(self, done: Round) -> None:
        """Take a finished round in."""
        norms = _norms(done)
        for seed, cohort in enumerate(done.cohorts):
            self._norms[seed, done.turn, cohort] = norms[seed]
            for level, kept in self._kept.items():
                if level in self._wanted and self._belongs(level, done.turn):
                    kept[seed].append(_arrays(done, seed))

    def extras(self, seed: int) -> Mapping[str, Mapping[str, np.ndarray]]:
        """Return the captures of one seed."""
        found: dict[str, Arrays] = {NORMS: {"norms": self._norms[seed]}}
        for level, kept in self._kept.items():
            if level in self._wanted:
                found[level] = _stacked(kept[seed]) if level == FULL else dict(kept[seed][0])
        return found

    def _belongs(self, level: str, turn: int) -> bool:
        return level == FULL or turn == (0 if level == FIRST_ROUND else self._rounds - 1)


def _norms(done: Round) -> np.ndarray:
    """Return |w_k - w| of every seed and client of a round, (seeds, K)."""
    return done.updates.double().square().sum(-1).sqrt().cpu().numpy()


def _arrays(done: Round, seed: int) -> Arrays:
    arrays: Arrays = {"clients": done.cohorts[seed].copy()}
    for name in done.start:
        arrays[f"start/{name}"] = _numpy(done.start[name][seed])
        arrays[f"local/{name}"] = _numpy(done.rows[name][seed])
    return arrays


def _stacked(rounds: Sequence[Arrays]) -> Arrays:
    return {name: np.stack([one[name] for one in rounds]) for name in rounds[0]}


def _numpy(values: Tensor) -> np.ndarray:
    return values.detach().cpu().numpy().copy()
