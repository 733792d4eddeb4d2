"""What one training seed would have claimed, as data.

For every training seed: the mean of its runs with the usual t interval over them, as a study of
one trained model would print it, beside the mean over all training seeds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from seedwise.report.material import Material, Place, Unit, codes, reason
from seedwise.report.nested import fitting
from seedwise.report.numbers import SCREEN, Written, estimate, level_name, percent
from seedwise.stats.practice import Units, single_seed_misses
from seedwise.stats.quantiles import t_quantile


@dataclass(frozen=True)
class Claim:
    """What one training seed alone would have claimed.

    Without spread between its runs (a deterministic method) the ends equal the mean; with a
    single run there is no interval, the ends are NaN. `misses` is 1 if the interval misses the
    mean of the other training seeds, 0 if not, NaN without an interval.
    """

    at: int
    seed: str
    mean: float
    low: float
    high: float
    n: int
    misses: float


@dataclass(frozen=True)
class SingleSeedRow:
    """One method: its claims, the mean over training seeds, and how often a claim misses.

    `coverage` is the chance that the usual interval covers the mean at the estimated ICC, with
    ends from the interval of the ICC.
    """

    method: str
    claims: tuple[Claim, ...]
    mean: float
    low: float
    high: float
    reason: str
    miss_share: float
    coverage: float
    coverage_low: float
    coverage_high: float
    deterministic: bool
    on_axis: bool

    @property
    def written(self) -> Written:
        """Return mean and interval in words."""
        return estimate(self.mean, self.low, self.high, SCREEN)

    @property
    def n_judged(self) -> int:
        """Number of training seeds whose claim can be judged."""
        return sum(math.isfinite(claim.misses) for claim in self.claims)

    @property
    def n_missed(self) -> int:
        """Number of training seeds whose claim misses."""
        return sum(claim.misses == 1 for claim in self.claims)


@dataclass(frozen=True)
class SingleSeedPanel:
    """One metric on one task: a row per method that has an unlearning stage."""

    place: Place
    title: str
    rows: tuple[SingleSeedRow, ...]
    axis: tuple[float, float]
    n_lanes: int
    level: float

    @property
    def finding(self) -> str:
        """Say in the numbers of this panel what the picture shows."""
        judged = [row for row in self.rows if row.n_judged]
        if not judged:
            return "No training seed has an interval of its own that could be judged."
        missed = sum(row.n_missed for row in judged)
        total = sum(row.n_judged for row in judged)
        worst = max(judged, key=lambda row: row.miss_share)
        said = (
            f"{missed} of {total} single-seed answers ({percent(missed / total, SCREEN)}) miss the "
            f"mean of the other training seeds; {level_name(self.level)} intervals promise "
            f"{level_name(1 - self.level)}."
        )
        if worst.n_missed == 0 or len(judged) == 1:
            return said
        return f"{said} Worst: {worst.method}, {worst.n_missed} of {worst.n_judged}."


@dataclass(frozen=True)
class SingleSeedInfo:
    """All panels of the comparison with single-seed practice."""

    panels: tuple[SingleSeedPanel, ...]

    def frame(self) -> pd.DataFrame:
        """Return one row per training seed: its claim, and the method's mean and coverage.

        Columns: task, metric, method, training_seed, mean, low, high, n_runs, misses,
        method_mean, method_low, method_high, miss_share, coverage, coverage_low, coverage_high.
        """
        rows = [
            (
                *panel.place,
                row.method,
                claim.seed,
                claim.mean,
                claim.low,
                claim.high,
                claim.n,
                claim.misses,
                row.mean,
                row.low,
                row.high,
                row.miss_share,
                row.coverage,
                row.coverage_low,
                row.coverage_high,
            )
            for panel in self.panels
            for row in panel.rows
            for claim in row.claims
        ]
        names = (
            "task metric method training_seed mean low high n_runs misses method_mean method_low "
            "method_high miss_share coverage coverage_low coverage_high"
        )
        return pd.DataFrame(rows, columns=names.split())

    @property
    def counts(self) -> tuple[int, int]:
        """Numbers of claims that miss and that can be judged, over methods and metrics."""
        rows = [row for panel in self.panels for row in panel.rows]
        return sum(row.n_missed for row in rows), sum(row.n_judged for row in rows)


def single_seed_info(material: Material) -> SingleSeedInfo:
    """Return what single training seeds would have claimed, on every task and metric."""
    return SingleSeedInfo(tuple(_panel(material, place) for place in material.places))


def _panel(material: Material, place: Place) -> SingleSeedPanel:
    rows = []
    for method, row, units in material.gathered(place):
        practice = material.claim(place, method)
        if practice is not None and units:
            rows.append(_row(row, practice, units, level=material.level))
    extents = [_extent(row) for row in rows]
    keep = fitting(extents)
    shown = [replace(row, on_axis=kept) for row, kept in zip(rows, keep, strict=True)]
    ends = [end for extent, kept in zip(extents, keep, strict=True) if kept for end in extent]
    axis = (min(ends), max(ends)) if ends else (0.0, 1.0)
    n_lanes = len(material.seeds)
    return SingleSeedPanel(
        place, material.title(place), tuple(shown), axis, n_lanes, material.level
    )


def _row(
    row: Mapping[str, Any], practice: Mapping[str, Any], units: Sequence[Unit], *, level: float
) -> SingleSeedRow:
    deterministic = "deterministic" in codes(row)
    claims = _claims(units, level, deterministic=deterministic)
    judged = [claim.misses for claim in claims if math.isfinite(claim.misses)]
    return SingleSeedRow(
        method=row["method"],
        claims=claims,
        mean=row["mean"],
        low=row["ci_low"],
        high=row["ci_high"],
        reason=reason(row["ci_kind"]),
        miss_share=float(np.mean(judged)) if judged else float("nan"),
        coverage=practice["coverage"],
        coverage_low=practice["coverage_low"],
        coverage_high=practice["coverage_high"],
        deterministic=deterministic,
        on_axis=True,
    )


def _claims(units: Sequence[Unit], level: float, *, deterministic: bool) -> tuple[Claim, ...]:
    means = np.array([unit.mean for unit in units])
    runs = np.array([unit.values.size for unit in units])
    squares = np.array([((unit.values - unit.mean) ** 2).sum() for unit in units])
    if deterministic:  # repeated runs would agree: an interval of no width, whatever J is
        half = np.zeros(len(units))
        misses = _differs(means)
    else:
        df = np.where(runs > 1, runs - 1, np.nan)
        half = t_quantile(level, df) * np.sqrt(squares / df / runs)
        misses = single_seed_misses(Units(runs, means, squares), level=level)
    numbers = zip(means, means - half, means + half, runs, misses, strict=True)
    return tuple(
        Claim(unit.at, unit.seed, float(mean), float(low), float(high), int(n), float(miss))
        for unit, (mean, low, high, n, miss) in zip(units, numbers, strict=True)
    )


def _differs(means: np.ndarray) -> np.ndarray:
    """Return 1 where a mean differs from that of the others beyond rounding, NaN if alone."""
    if means.size < 2:
        return np.full(means.shape, np.nan)
    others = (means.sum() - means) / (means.size - 1)
    return (~np.isclose(means, others, rtol=1e-12, atol=0)).astype(float)


def _extent(row: SingleSeedRow) -> tuple[float, float]:
    ends = [end for claim in row.claims for end in (claim.mean, claim.low, claim.high)]
    known = [end for end in (*ends, row.low, row.high) if math.isfinite(end)]
    return min(known), max(known)
