"""Power to tell two methods apart, and to show them equivalent, by the number of training seeds."""

from __future__ import annotations

import numpy as np
from scipy import integrate, stats

MAX_TRAINING = 2_000
_CERTAIN = 20.0
"""Beyond this many standard errors the power is 1, and scipy's noncentral t gives NaN."""


def paired_power(difference: float, sd: float, training: int, *, level: float = 0.95) -> float:
    """Return the power of the paired t test over training seeds.

    Noncentral t with I - 1 degrees of freedom and noncentrality difference sqrt(I) / sd.

    Args:
        difference: True difference of the two methods' means.
        sd: Standard deviation of the difference of their means on one training seed.
        training: I, at least 2.
        level: 1 - size of the two-sided test.

    Raises:
        ValueError: If there are fewer than two training seeds or `sd` is not positive.

    Example:
        >>> round(paired_power(1.0, 1.0, 10), 3)
        0.803
    """
    _check(sd, training)
    df = training - 1
    critical = stats.t.ppf(0.5 + level / 2, df)
    shift = abs(difference) * np.sqrt(training) / sd
    if shift > critical + _CERTAIN:
        return 1.0
    # scipy gives NaN for the far tail where it is 0 to all digits.
    other = np.nan_to_num(stats.nct.cdf(-critical, df, shift))
    return float(stats.nct.sf(critical, df, shift) + other)


def equivalence_power(
    margin: float, sd: float, training: int, *, difference: float = 0.0, level: float = 0.95
) -> float:
    """Return the power of two one-sided t tests (TOST) at size 1 - level each.

    Integrates over S, which decides how much of the margin is left (Owen 1965; the shortcut
    2 T - 1 is off for few training seeds): with S^2 (I - 1) / sd^2 ~ chi^2(I - 1), equivalence is
    claimed if abs(mean difference) < margin - t(level, I - 1) S / sqrt(I).

    Args:
        margin: The fixed margin, positive.
        sd: Standard deviation of the difference of the methods' means on one training seed.
        training: I, at least 2.
        difference: True difference.
        level: 1 - size of each one-sided test.

    Raises:
        ValueError: If there are fewer than two training seeds, or `sd` or `margin` is not positive.

    Example:
        >>> round(equivalence_power(1.0, 1.0, 12), 2)
        0.89
    """
    _check(sd, training)
    if margin <= 0:
        raise ValueError(f"the margin must be positive, given {margin}")
    df, root = training - 1, np.sqrt(training)
    critical = stats.t.ppf(level, df)

    def claimed(ratio: float) -> float:
        """Probability of the claim at S = ratio sd, times the density of that ratio."""
        room = margin - critical * ratio * sd / root
        ends = (np.array([room, -room]) - difference) * root / sd
        density = 2 * df * ratio * stats.chi2.pdf(df * ratio**2, df)
        return float((stats.norm.cdf(ends[0]) - stats.norm.cdf(ends[1])) * density)

    most = margin * root / (critical * sd)
    usual = float(np.sqrt(stats.chi2.ppf(1 - 1e-12, df) / df))
    value, _ = integrate.quad(claimed, 0.0, min(most, usual), limit=200)
    return float(np.clip(value, 0.0, 1.0))


def training_for_power(
    difference: float, sd: float, *, power: float = 0.8, level: float = 0.95
) -> int:
    """Return the fewest training seeds with which the paired t test has this power.

    Raises:
        ValueError: If 2,000 training seeds do not suffice, or an input makes no sense.

    Example:
        >>> training_for_power(1.0, 1.0)
        10
    """
    if not 0 < power < 1 or difference == 0:
        raise ValueError("power must lie between 0 and 1, for a difference that is not 0")
    if paired_power(difference, sd, MAX_TRAINING, level=level) < power:
        raise ValueError(
            f"{MAX_TRAINING} training seeds do not show a difference of {difference:g} at a "
            f"standard deviation of {sd:g} with power {power:g}"
        )
    low, high = 2, 2
    while paired_power(difference, sd, high, level=level) < power:
        low, high = high + 1, 2 * high
    while low < high:
        middle = (low + high) // 2
        if paired_power(difference, sd, middle, level=level) >= power:
            high = middle
        else:
            low = middle + 1
    return low


def assured_training(
    variance: float,
    pilot_training: int,
    half_width: float,
    *,
    assurance: float = 0.8,
    level: float = 0.95,
) -> int:
    """Return the fewest training seeds whose interval is narrow enough with some assurance.

    A plan that takes the pilot's variance for the truth meets its target about half of the time.
    The next sample's variance is the pilot's times F(I - 1, I0 - 1), so that the least I with
    t(I - 1)^2 F(assurance; I - 1, I0 - 1) V / I <= h^2 meets it with the assurance asked for.

    Args:
        variance: V, the variance of the pilot's means per training seed (same J).
        pilot_training: I0.
        half_width: h, the target.
        assurance: Probability of meeting it.
        level: Confidence level.

    Raises:
        ValueError: If the target is out of reach with 2,000 training seeds, or an input is off.

    Example:
        >>> assured_training(1.0, 10, 0.5)
        29
    """
    _check(variance, pilot_training)
    counts = np.arange(2, MAX_TRAINING + 1)
    factor = stats.f.ppf(assurance, counts - 1, pilot_training - 1)
    widths = stats.t.ppf(0.5 + level / 2, counts - 1) * np.sqrt(factor * variance / counts)
    enough = np.flatnonzero(widths <= half_width)
    if not enough.size:
        raise ValueError(
            f"a half-width of {half_width:g} is out of reach: with {MAX_TRAINING} training seeds "
            f"it is {widths[-1]:.3g} with assurance {assurance:g}"
        )
    return int(counts[enough[0]])


def _check(spread: float, training: int) -> None:
    if training < 2:
        raise ValueError(f"at least two training seeds are needed, given {training}")
    if not (np.isfinite(spread) and spread > 0):
        raise ValueError(f"the spread must be finite and positive, given {spread}")
