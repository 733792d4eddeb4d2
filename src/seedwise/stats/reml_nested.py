"""REML estimates of nested designs of any depth and any numbers, one design at a time.

The likelihood is built from the inside out. A node holds the weight W of what lies below it (a
cell: its number of values) and its mean; with r its level's variance over the innermost one, its
own weight is w = W / (1 + r W), and the weights of its children add up to that of their parent.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import optimize, sparse

_STEPS = {1: 24, 2: 9, 3: 6}
"""Steps of the grid by the number of ratios, zero not counted."""
_NEAR = 4.0
"""By how much a start may lie above the best one."""
_LITTLE, _NOTHING = 1e-3, 1e-6
"""Where a ratio starts that leaves 0, and below which it may be 0."""
_LOG_RANGE = (-30.0, 60.0)


class Sample(NamedTuple):
    """One nested design: cells inside units, perhaps inside further levels.

    Args:
        rows: (C,) numbers of values in the cells.
        mean: (C,) cell means.
        parents: The place of each node in its parent, innermost level first: of the C cells in
            units, of the units in the next level, ...; consecutive numbers from 0.
        noise: Sum of squares inside cells, above 0.
    """

    rows: np.ndarray
    mean: np.ndarray
    parents: tuple[np.ndarray, ...]
    noise: float


class _Level(NamedTuple):
    """The nodes of one level: weight below, own weight, mean; then mean of the parent, by node."""

    below: np.ndarray
    weight: np.ndarray
    mean: np.ndarray
    parent: np.ndarray
    parent_mean: np.ndarray


def fit(sample: Sample) -> tuple[float, ...]:
    """Estimate the components: values in cells, cells, units, and so on outwards.

    Minimises the criterion over the ratios to the innermost variance. A grid with its boundaries
    finds the valleys; BFGS on the logarithms of the ratios that are not 0 goes down the deepest
    ones, and a ratio that is 0 is let go where that leads further down.

    Example:
        >>> rows, mean = np.array([2, 2, 2, 2]), np.array([0.0, 4.0, 9.0, 15.0])
        >>> sample = Sample(rows, mean, (np.array([0, 0, 1, 1]),), 4.0)
        >>> [round(part, 4) for part in fit(sample)]
        [1.0, 12.5, 43.5]
    """
    found = [_settled(sample, start) for start in _starts(sample)]
    best = min(found, key=lambda ratios: criterion(sample, ratios)[0])
    noise = criterion(sample, best)[1] / (sample.rows.sum() - 1)
    return (float(noise), *(float(ratio * noise) for ratio in best))


def _starts(sample: Sample) -> list[np.ndarray]:
    """Return the best point of a grid, and those of other patterns of zeros that come near it."""
    depth = len(sample.parents) + 1
    spread = float(((sample.mean - sample.mean.mean()) ** 2).mean())
    inner = sample.noise / max(float(sample.rows.sum()) - sample.rows.size, 1.0)
    most = np.log(10 * (1 + spread / inner))
    steps = np.concatenate([[0.0], np.exp(np.linspace(np.log(0.02), most, _STEPS[depth]))])
    grid = np.array(np.meshgrid(*[steps] * depth, indexing="ij")).reshape(depth, -1).T
    values = criteria(sample, grid)
    patterns = (grid > 0) @ (1 << np.arange(depth))
    best = {
        int(pattern): int(np.flatnonzero(patterns == pattern)[values[patterns == pattern].argmin()])
        for pattern in np.unique(patterns)
    }
    near = sorted(best.values(), key=lambda at: values[at])
    return [grid[at] for at in near if values[at] <= values[near[0]] + _NEAR]


def _settled(sample: Sample, start: np.ndarray) -> np.ndarray:
    """Return the bottom of the valley that a start lies in, zeros set free where that is better."""
    ratios = _down(sample, start)
    for _ in range(ratios.size):
        slope = np.where(ratios == 0, criterion(sample, ratios)[2], 0.0)
        if slope.min() >= 0:
            break
        ratios = _down(sample, np.where(slope == slope.min(), _LITTLE, ratios))
    return ratios


def criteria(sample: Sample, points: np.ndarray) -> np.ndarray:
    """Return the values of `criterion` at many points at once.

    Args:
        sample: The design.
        points: (G, levels) variances over the innermost one, cells first.

    Example:
        >>> sample = Sample(np.array([1, 1]), np.array([0.0, 2.0]), (), 2.0)
        >>> criteria(sample, np.array([[0.0]])).round(4).tolist()
        [2.0794]
    """
    below = np.broadcast_to(sample.rows.astype(float), (len(points), sample.rows.size))
    mean = np.broadcast_to(sample.mean, below.shape)
    q, logs = np.full(len(points), sample.noise), np.zeros(len(points))
    for place, ratio in enumerate(points.T[:, :, None]):
        last = place == len(sample.parents)
        parent = np.zeros(below.shape[1], dtype=int) if last else sample.parents[place]
        ones = np.ones(parent.size)
        into = sparse.csr_array((ones, (np.arange(parent.size), parent)))
        scaled = 1 + ratio * below
        weight = below / scaled
        mass = weight @ into
        above = (weight * mean) @ into / mass
        q = q + (weight * (mean - above[:, parent]) ** 2).sum(axis=1)
        logs = logs + np.log(scaled).sum(axis=1)
        below, mean = mass, above
    return (sample.rows.sum() - 1) * np.log(q) + logs + np.log(below[:, 0])


def criterion(sample: Sample, ratios: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Return (N - 1) ln Q + ln det of the restricted likelihood, Q, and the gradient.

    Args:
        sample: The design.
        ratios: Variances over the innermost one, cells first.

    Example:
        >>> sample = Sample(np.array([1, 1]), np.array([0.0, 2.0]), (), 2.0)
        >>> value, q, slope = criterion(sample, np.array([0.0]))
        >>> q, round(value, 4)
        (4.0, 2.0794)
    """
    levels = _levels(sample, ratios)
    q = sample.noise + sum(
        float((level.weight * (level.mean - level.parent_mean) ** 2).sum()) for level in levels
    )
    count = sample.rows.sum() - 1
    root = float(levels[-1].weight.sum())
    logs = sum(
        float(np.log1p(ratio * level.below).sum())
        for ratio, level in zip(ratios, levels, strict=True)
    )
    value = count * np.log(q) + logs + np.log(root)
    return float(value), q, _gradient(levels, ratios, count / q, root)


def _levels(sample: Sample, ratios: np.ndarray) -> list[_Level]:
    below, mean = sample.rows.astype(float), sample.mean
    levels = []
    for place, ratio in enumerate(ratios):
        last = place == len(sample.parents)
        parent = np.zeros(below.size, dtype=int) if last else sample.parents[place]
        weight = below / (1 + ratio * below)
        mass = np.bincount(parent, weights=weight)
        above = np.bincount(parent, weights=weight * mean) / mass
        levels.append(_Level(below, weight, mean, parent, above[parent]))
        below, mean = mass, above
    return levels


def _gradient(levels: list[_Level], ratios: np.ndarray, scale: float, root: float) -> np.ndarray:
    """Return the derivatives by the ratios, from the outside in.

    With H the covariance over the innermost variance and 1_n the values below a node n, the one
    of Q is -sum (1_n' H^-1 (y - mu))^2, which needs the predicted effects of the nodes above (mu
    may be held fixed, Q being least there); that of the logarithms is the sum of
    1_n' H^-1 1_n - (1_n' H^-1 1)^2 / (1' H^-1 1), where each node above takes its share away.
    """
    slopes = np.zeros(len(levels))
    for place, level in enumerate(levels):
        own, reach = level.weight.copy(), level.weight.copy()
        node = level.parent
        for ratio, outer in zip(ratios[place + 1 :], levels[place + 1 :], strict=True):
            damped = 1 + ratio * outer.below[node]
            own -= ratio / damped * reach**2
            reach = reach / damped
            node = outer.parent[node]
        slopes[place] = (own - reach**2 / root).sum()
    predicted = np.full(1, levels[-1].parent_mean[0])
    for place in reversed(range(len(levels))):
        level = levels[place]
        score = level.weight * (level.mean - predicted[level.parent])
        slopes[place] -= scale * (score**2).sum()
        predicted = predicted[level.parent] + ratios[place] * score
    return slopes


def _down(sample: Sample, start: np.ndarray) -> np.ndarray:
    """Return the best ratios near a start; zeros stay, and a ratio that may as well be 0 is."""
    free, ratios = start > 0, np.zeros(start.size)
    if not free.any():
        return ratios

    def objective(logs: np.ndarray) -> tuple[float, np.ndarray]:
        ratios[free] = np.exp(np.clip(logs, *_LOG_RANGE))
        value, _, slope = criterion(sample, ratios)
        return value, (ratios * slope)[free]

    first = np.log(start[free])
    found = optimize.minimize(objective, first, jac=True, method="BFGS", options={"gtol": 1e-9})
    ratios[free] = np.exp(np.clip(found.x, *_LOG_RANGE))
    without = np.where(ratios < _NOTHING, 0.0, ratios)
    if criterion(sample, without)[0] <= criterion(sample, ratios)[0] + 1e-9:
        return without
    return ratios.copy()
