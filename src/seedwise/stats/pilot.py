"""What a pilot says of the components, as draws: generalised pivots on an even lattice.

A mean square divided by chi-square / df is a draw of its expectation (Weerahandi 1993), and the
components follow from the draws as they do from the mean squares. The chi-squares come from a
fixed lattice, so a plan is a function of the data alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import special

from seedwise.stats.search import Variances

DRAWS = 2_000


class Pilot(NamedTuple):
    """Mean squares of a pilot, each (M, Q), and their degrees of freedom.

    Args:
        units: S0^2, variance of the means of the training seeds.
        units_df: I0 - 1.
        runs: Variance of runs about their training seed's mean; 0 where there is one result.
        runs_df: N - I0.
        noise: Variance of values about their run.
        noise_df: Its degrees of freedom.
        unlearning: Harmonic mean of J_i.
        evaluations: K, values per run.
        partitions: Variance of the means of random partitions; None without them. Then `units` is
            the variance of training seeds inside partitions.
        partitions_df: P0 - 1.
        training: Harmonic mean of the training seeds in a partition.
    """

    units: np.ndarray
    units_df: np.ndarray
    runs: np.ndarray
    runs_df: np.ndarray
    noise: np.ndarray
    noise_df: np.ndarray
    unlearning: np.ndarray
    evaluations: np.ndarray
    partitions: np.ndarray | None = None
    partitions_df: np.ndarray | None = None
    training: np.ndarray | None = None

    @property
    def between(self) -> np.ndarray | None:
        """Draws (M, Q, D) of s_p^2, the variance between random partitions; None without them.

        With one training seed in each partition it contains s_t^2, which is 0 in `draws` then.
        """
        if self.partitions is None or self.partitions_df is None or self.training is None:
            return None
        inner = pivot(self.runs, self.runs_df, 1) / self.unlearning[..., None]
        units = pivot(self.units, self.units_df, 0)
        below = np.where(self.units_df[..., None] > 0, units, inner)
        outer = pivot(self.partitions, self.partitions_df, 3)
        return np.maximum(outer - below / self.training[..., None], 0.0)

    @property
    def outer(self) -> Pilot | None:
        """The pilot one level up: partitions in place of training seeds; None without them."""
        if self.partitions is None or self.partitions_df is None or self.training is None:
            return None
        return self._replace(
            units=self.partitions,
            units_df=self.partitions_df,
            runs=self.units,
            runs_df=self.units_df,
            unlearning=self.training,
        )

    @property
    def draws(self) -> Variances:
        """Draws (M, Q, D) of s_t^2, s_u^2 and s_e^2, none below 0."""
        units, runs, noise = (
            pivot(square, df, stream)
            for stream, (square, df) in enumerate(
                (
                    (self.units, self.units_df),
                    (self.runs, self.runs_df),
                    (self.noise, self.noise_df),
                )
            )
        )
        train = np.maximum(units - runs / self.unlearning[..., None], 0.0)
        unlearn = np.maximum(runs - noise / self.evaluations[..., None], 0.0)
        return Variances(train, unlearn, noise)


def relative_error(pilot: Pilot, var_train: np.ndarray) -> np.ndarray:
    """Return the relative standard error of s_t^2: how soft a plan is that rests on it.

    sqrt(2 (S0^4 / (I0 - 1) + (MSE / J)^2 / (N - I0))) / s_t^2, normal theory.

    Example:
        >>> one = [np.array([[v]]) for v in (1.2, 9.0, 1.0, 40.0, 0.0, 0.0, 5.0, 1.0)]
        >>> relative_error(Pilot(*one), np.array([[1.0]])).round(2)
        array([[0.57]])
    """
    within = np.zeros_like(pilot.units)
    square = (pilot.runs / pilot.unlearning) ** 2
    np.divide(square, pilot.runs_df, out=within, where=pilot.runs_df > 0)
    error = np.sqrt(2 * (pilot.units**2 / pilot.units_df + within))
    return np.divide(error, var_train, out=np.full_like(error, np.inf), where=var_train > 0)


def pivot(square: np.ndarray, df: np.ndarray, stream: int) -> np.ndarray:
    """Return draws (..., D) of the expectation of a mean square; itself where it has no df.

    Args:
        square: Mean squares.
        df: Their degrees of freedom.
        stream: Which of the lattice's directions; equal streams give equal chi-squares.
    """
    factor = np.ones((*np.shape(square), DRAWS))
    for value in np.unique(df[df > 0]):
        factor[df == value] = value / chi_square(float(value), stream)
    return np.asarray(square)[..., None] * factor


def sample(df: float) -> np.ndarray:
    """Return draws (D,) of S^2 / sigma^2 in a new sample, independent of all pivots."""
    return chi_square(df, 7) / df


@lru_cache(maxsize=4_096)
def chi_square(df: float, stream: int) -> np.ndarray:
    """Return evenly spread chi-squares (D,).

    Directions are powers of the root of x^9 = x + 1, an even lattice in up to eight dimensions.
    """
    root = 1.0
    for _ in range(60):
        root = (root + 1) ** (1 / 9)
    uniform = (0.5 + root ** -(stream + 1.0) * np.arange(1, DRAWS + 1)) % 1
    return 2 * special.gammaincinv(df / 2, uniform)
