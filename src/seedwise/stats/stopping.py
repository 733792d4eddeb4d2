"""Adding training seeds until an interval is narrow enough, without spoiling its coverage.

Looking after every seed and stopping when pleased gives 26 % false positives by I = 30. Each rule
here pays for its looks, and its interval is the rule's own.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import stats


class Interval(NamedTuple):
    """Ends of an interval; infinite where the rule cannot give any yet."""

    low: float
    high: float


def stein_training(
    pilot_sd: float, pilot_training: int, half_width: float, *, level: float = 0.95
) -> int:
    """Return Stein's (1945) total number of training seeds: max(I0, ceil((t(I0-1) S0 / h)^2)).

    Args:
        pilot_sd: S0, standard deviation of the pilot's means per training seed.
        pilot_training: I0, at least 2.
        half_width: h, the target.
        level: Confidence level.

    Raises:
        ValueError: If I0 < 2, or `half_width` is not positive.

    Example:
        >>> stein_training(1.0, 10, 0.5)
        21
    """
    if half_width <= 0:
        raise ValueError(f"the half-width must be positive, given {half_width}")
    needed = (_quantile(pilot_training, level) * pilot_sd / half_width) ** 2
    return max(pilot_training, math.ceil(needed * (1 - 1e-12)))


def stein_interval(
    mean: float, pilot_sd: float, pilot_training: int, training: int, *, level: float = 0.95
) -> Interval:
    """Return mean +- t(I0-1) S0 / sqrt(I): S0 stays the pilot's, which keeps the coverage exact.

    Args:
        mean: Mean of all I training seeds.
        pilot_sd: S0.
        pilot_training: I0.
        training: I, all training seeds.
        level: Confidence level.

    Example:
        >>> stein_interval(0.0, 1.0, 10, 21).high <= 0.5
        True
    """
    half = _quantile(pilot_training, level) * pilot_sd / math.sqrt(training)
    return Interval(mean - half, mean + half)


def level_per_look(level: float, looks: int) -> float:
    """Return the level of each of L looks declared beforehand: 1 - (1 - level) / L (Bonferroni).

    Example:
        >>> round(level_per_look(0.95, 5), 3)
        0.99
    """
    if looks < 1:
        raise ValueError(f"at least one look is needed, given {looks}")
    return 1 - (1 - level) / looks


def anytime_interval(
    mean: float, sd: float, training: int, *, level: float = 0.95, g: float = 4.0
) -> Interval:
    """Return an interval that covers at all I together, however often one looks.

    The t confidence sequence: S / sqrt(n) sqrt(v (r - 1) / (1 - r / (1 + n g))) with v = n - 1 and
    r = ((1 / alpha) sqrt(1 + n g))^(2 / n), infinite where r >= 1 + n g.

    Args:
        mean: Mean of the n training seeds so far.
        sd: S, their standard deviation.
        training: n.
        level: Confidence level, for all looks together.
        g: Prior variance of the standardised effect.

    Example:
        >>> anytime_interval(0.0, 1.0, 3)
        Interval(low=-inf, high=inf)
        >>> round(anytime_interval(0.0, 1.0, 10).high, 3)
        1.256
    """
    if training < 2:
        return Interval(-math.inf, math.inf)
    spread = 1 + training * g
    ratio = (math.sqrt(spread) / (1 - level)) ** (2 / training)
    if ratio >= spread:
        return Interval(-math.inf, math.inf)
    half = sd / math.sqrt(training) * math.sqrt((training - 1) * (ratio - 1) / (1 - ratio / spread))
    return Interval(mean - half, mean + half)


def anytime_p_value(t: float, training: int, *, g: float = 4.0) -> float:
    """Return the error at which the anytime interval just excludes 0, at most 1.

    Args:
        t: T, the mean in units of its standard error S / sqrt(n).
        training: n, at least 2.
        g: Prior variance of the standardised effect.

    Example:
        >>> half = anytime_interval(0.0, 1.0, 10, level=0.9).high
        >>> round(anytime_p_value(half * 10**0.5, 10), 3)
        0.1
    """
    spread, df = 1 + training * g, training - 1
    ratio = (t**2 + df) / (df + t**2 / spread)
    return min(1.0, math.sqrt(spread) * ratio ** (-training / 2))


def _quantile(training: int, level: float) -> float:
    if training < 2:
        raise ValueError(f"at least two training seeds are needed, given {training}")
    return float(np.asarray(stats.t.ppf(0.5 + level / 2, training - 1)))
