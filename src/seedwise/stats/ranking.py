"""Ranks that the data allow: sets of ranks, and the methods that nobody significantly beats.

A single order of methods says more than the data do: bootstrap intervals of ranks cover as little
as .33. A rank set counts significant comparisons alone, and covers .93 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class RankSets:
    """Ranks of M methods, 1 being the best; every array has shape (M,).

    Args:
        rank: Rank by the point estimate, ties sharing the mean of their ranks.
        low, high: Least and greatest rank that the comparisons allow.
        best: Whether no method is significantly better.
        n_better, n_worse: Methods significantly better and worse.
    """

    rank: np.ndarray
    low: np.ndarray
    high: np.ndarray
    best: np.ndarray
    n_better: np.ndarray
    n_worse: np.ndarray


def rank_sets(score: ArrayLike, wins: ArrayLike) -> RankSets:
    """Return [1 + number significantly better, M - number significantly worse] per method.

    With p-values adjusted over all pairs (Holm) the sets hold all true ranks at once (Mogstad,
    Romano, Shaikh & Wilhelm 2024; Klein, Wright & Wieczorek 2020).

    Args:
        score: (M,) point estimates, greater is better.
        wins: (M, M) whether the row's method is significantly better than the column's.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> wins = [[False, False, True], [False, False, True], [False, False, False]]
        >>> sets = rank_sets([0.9, 0.8, 0.3], wins)
        >>> sets.low.tolist(), sets.high.tolist(), sets.best.tolist()
        ([1, 1, 3], [2, 2, 3], [True, True, False])
    """
    points, table = np.asarray(score, dtype=float), np.asarray(wins, dtype=bool)
    if table.shape != (points.size, points.size):
        raise ValueError(f"{points.size} scores need a square table of wins, not {table.shape}")
    above = (points > points[:, None]).sum(axis=1)
    ties = (points == points[:, None]).sum(axis=1)
    rank = 1 + above + (ties - 1) / 2
    n_better, n_worse = table.sum(axis=0), table.sum(axis=1)
    # Comparisons on common seeds alone may disagree with the means over all seeds.
    low = np.minimum(1 + n_better, np.floor(rank)).astype(int)
    high = np.maximum(points.size - n_worse, np.ceil(rank)).astype(int)
    return RankSets(rank, low, high, n_better == 0, n_better, n_worse)
