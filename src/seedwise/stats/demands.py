"""What a target demands: the greatest variance of a training seed's mean that I of them allow.

With I training seeds the variance of one training seed's mean, V = s_t^2 + (s_u^2 + s_e^2 / K) / J,
must not exceed a room R(I). For a half-width R = I (h / t(I - 1))^2; for a test it is the variance
at which the test's power is just what was asked for. So one search serves every kind of target.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy import special, stats

_CERTAIN = 20.0
"""Beyond this many standard errors the power counts as 1, as in `power.paired_power`."""
_STEPS, _HALVINGS = 60, 8
_CLOSE = 1e-11
"""Powers so close are equal."""
_NODES = 96


class Demand(Protocol):
    """A target, in units of the metric.

    `blocks` is the number of fixed partitions that every training seed number stands in: a unit is
    then the mean over them, and each has I - 1 degrees of freedom of its own.
    """

    @property
    def rests_on_sample(self) -> bool:
        """Whether meeting it depends on the standard deviation that the new sample shows."""
        ...

    def df(self, count: int) -> int:
        """Return the degrees of freedom of the sample's standard deviation."""
        ...

    def room(self, counts: np.ndarray) -> np.ndarray:
        """Return R(I) for each I >= 2, not decreasing."""
        ...


@dataclass(frozen=True, kw_only=True)
class _InBlocks:
    """Degrees of freedom of a mean over fixed partitions."""

    blocks: int = 1

    def df(self, count: Any) -> Any:
        """Return P (I - 1), I - 1 for one partition."""
        return self.blocks * (count - 1)


@dataclass(frozen=True)
class HalfWidth(_InBlocks):
    """An interval no wider than mean +- `half_width`.

    Example:
        >>> HalfWidth(2.0).room(np.array([8])).round(3)
        array([5.723])
    """

    half_width: float
    level: float = 0.95
    rests_on_sample = True

    def room(self, counts: np.ndarray) -> np.ndarray:
        """Return I (h / t(I - 1))^2."""
        return counts * (self.half_width / stats.t.ppf(0.5 + self.level / 2, self.df(counts))) ** 2


@dataclass(frozen=True)
class Power(_InBlocks):
    """A two-sided t test at 1 - `level` that shows a true difference with this power."""

    difference: float
    power: float = 0.8
    level: float = 0.95
    rests_on_sample = False

    def room(self, counts: np.ndarray) -> np.ndarray:
        """Return I (difference / nc)^2, where nc is the noncentrality with that power.

        Example:
            >>> Power(1.0).room(np.array([9, 10])).round(2)
            array([0.88, 1.01])
        """
        df = self.df(counts)
        critical = stats.t.ppf(0.5 + self.level / 2, df)

        def power(shift: np.ndarray) -> np.ndarray:
            # scipy gives NaN for the far tail where it is 0 to all digits.
            other = np.nan_to_num(stats.nct.cdf(-critical, df, shift))
            return stats.nct.sf(critical, df, shift) + other

        shift = _least(power, critical * 0.0, critical + _CERTAIN, self.power)
        return counts * (self.difference / shift) ** 2


@dataclass(frozen=True)
class Equivalence(_InBlocks):
    """Two one-sided t tests (TOST) that show equivalence within a fixed margin with this power.

    Integrates over the sample's standard deviation (Owen 1965), as `power.equivalence_power`.
    """

    margin: float
    power: float = 0.8
    difference: float = 0.0
    level: float = 0.95
    rests_on_sample = False

    def room(self, counts: np.ndarray) -> np.ndarray:
        """Return the variance at which the power is just reached.

        Example:
            >>> Equivalence(1.0).room(np.array([12])).round(2)
            array([1.23])
        """
        ends = np.full(counts.shape, 1e-3), np.full(counts.shape, 1e4)
        low, high = (np.log(end) for end in ends)
        found = _least(lambda ratio: self._power(np.exp(ratio), counts), low, high, self.power)
        return (self.margin / np.exp(found)) ** 2

    def _power(self, ratio: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Return the power at margin / sd = ratio."""
        df, root = self.df(counts), np.sqrt(counts)
        critical = stats.t.ppf(self.level, df)
        least, most = (np.sqrt(2 * special.gammaincinv(df / 2, p) / df) for p in (1e-13, 1 - 1e-13))
        most = np.minimum(most, ratio * root / critical)
        width = np.maximum(most - least, 0.0)
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        spread = least[:, None] + width[:, None] * (nodes + 1) / 2
        room = ratio[:, None] - critical[:, None] * spread / root[:, None]
        shift = ratio[:, None] * self.difference / self.margin
        inside = special.ndtr((room - shift) * root[:, None]) - special.ndtr(
            (-room - shift) * root[:, None]
        )
        d = df[:, None]
        chi = d * spread**2
        density = np.exp(special.xlogy(d / 2, chi / 2) - chi / 2 - special.gammaln(d / 2))
        return (inside.clip(0) * 2 * density / spread) @ weights * width / 2


def _least(
    function: Callable[[np.ndarray], np.ndarray],
    low: np.ndarray,
    high: np.ndarray,
    target: float,
) -> np.ndarray:
    """Return, element by element, the least argument at which a rising function reaches a value."""
    below, above = function(low) - target, function(high) - target
    for step in range(_STEPS):
        # Halving first; then false position, where an end that stays counts half (Illinois).
        share = 0.5 if step < _HALVINGS else below / np.where(below == above, 1, below - above)
        middle = low + share * (high - low)
        found = function(middle) - target
        reached = found >= 0
        if step >= _HALVINGS:
            below, above = np.where(reached, below / 2, below), np.where(reached, above, above / 2)
        low, below = np.where(reached, low, middle), np.where(reached, below, found)
        high, above = np.where(reached, middle, high), np.where(reached, found, above)
        if (np.abs(found) < _CLOSE).all():
            break
    return high
