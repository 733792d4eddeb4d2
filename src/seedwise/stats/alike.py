"""Units with equally many runs taken together: iterations then cost by the class, not by the unit.

What depends on a unit's number of runs alone is the same for all units of that number, and their
means enter every sum by count, mean and sum of squares.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Alike(NamedTuple):
    """Classes of units with equally many runs, for B groups; D classes.

    Args:
        runs: (B, D) or (1, D) number of runs n of each unit of the class.
        units: (B, D) number of units, 0 where a group has none.
        mean: (B, D) mean of their means.
        squares: (B, D) sum of squares of their means about it.
    """

    runs: np.ndarray
    units: np.ndarray
    mean: np.ndarray
    squares: np.ndarray

    def weigh(self, ratio: np.ndarray) -> Weighed:
        """Return the weights w = n / (1 + ratio n) of units and what they make of the means.

        Args:
            ratio: (B,) variance between units over that within.
        """
        weight = self.runs / (1 + ratio[:, None] * self.runs)
        heavy = self.units * weight
        total = heavy.sum(axis=1)
        centre = (heavy * self.mean).sum(axis=1) / total
        squares = self.squares + self.units * (self.mean - centre[:, None]) ** 2
        return Weighed(weight, heavy, total, squares)


class Weighed(NamedTuple):
    """Weights of units and of classes (B, D), their sum (B,), squares about the weighted mean."""

    weight: np.ndarray
    heavy: np.ndarray
    total: np.ndarray
    squares: np.ndarray

    @property
    def residual(self) -> np.ndarray:
        """Sum of w (mean - weighted mean)^2 over units, (B,)."""
        return (self.weight * self.squares).sum(axis=1)


def alike(runs: np.ndarray, mean: np.ndarray) -> Alike:
    """Gather units by their number of runs, where that saves anything.

    Args:
        runs: (B, I) numbers of runs; 0 pads.
        mean: (B, I) unit means.

    Example:
        >>> found = alike(np.array([[2, 3, 2, 2]]), np.array([[1.0, 5.0, 3.0, 2.0]]))
        >>> found.runs.tolist(), found.units.tolist(), found.mean.tolist(), found.squares.tolist()
        ([[2, 3]], [[3, 1]], [[2.0, 5.0]], [[2.0, 0.0]])
    """
    numbers = np.unique(runs)
    numbers = numbers[numbers > 0]
    present = runs > 0
    if 3 * numbers.size > runs.shape[1] or not numbers.size:
        return Alike(runs, present.astype(int), np.where(present, mean, 0), np.zeros(mean.shape))
    found = [_class(runs == number, mean) for number in numbers]
    count, means, squares = (np.stack(column, axis=1) for column in zip(*found, strict=True))
    return Alike(numbers[None, :], count, means, squares)


def _class(member: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count = member.sum(axis=1)
    centre = np.where(member, mean, 0).sum(axis=1) / np.maximum(count, 1)
    return count, centre, np.where(member, (mean - centre[:, None]) ** 2, 0).sum(axis=1)
