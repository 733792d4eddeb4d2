"""The cells of the coverage study with a factor outside or across the training seeds.

Effects are normal. `share` is the share of the outer factor in the variance of a run; the rest is
shared equally by what else varies. Analyses that ignore the factor stand beside the default.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from seedwise.stats import nested
from seedwise.stats.layout import Partitions, Rows, Units, arrange
from seedwise.stats.quantiles import t_quantile

DESIGNS = ("partitions", "forget sets", "shared unlearning seeds")
RUNS = 3

Ends = tuple[np.ndarray, np.ndarray]


class OuterCell(NamedTuple):
    """One design: P partitions or forget sets, or unlearning seeds shared by all models."""

    design: str
    outer: int
    training: int
    share: float


def outer_cells() -> Iterator[OuterCell]:
    """Yield all cells."""
    for found in itertools.product(DESIGNS, (3, 5, 10), (3, 10), (0.0, 0.3, 0.7)):
        yield OuterCell(*found)


def outer_intervals(
    cell: OuterCell, replications: int, root: int, level: float
) -> dict[str, tuple[Ends, np.ndarray]]:
    """Return, for each analysis, its intervals over replications and the truth, each (R,)."""
    rng = np.random.default_rng([root, zlib.crc32(repr(cell).encode())])
    size, models = (replications, cell.outer), (replications, cell.training)
    both = (replications, cell.outer, cell.training)
    within = np.sqrt((1 - cell.share) / 3)
    outer = np.sqrt(cell.share) * rng.normal(size=size)
    inner = within * (rng.normal(size=both) + rng.normal(size=both))
    crossed = outer[:, :, None] + within * (
        rng.normal(size=models)[:, None] + rng.normal(size=both)
    )
    anywhere, here = np.zeros(replications), outer.mean(axis=1)
    if cell.design == "shared unlearning seeds":
        runs = (crossed + within * rng.normal(size=both)).swapaxes(1, 2)[:, None]
        return {
            "crossed (declared)": (_interval(runs, "labels", "fixed", level), anywhere),
            "taken for nested": (_interval(runs, "none", "fixed", level), anywhere),
        }
    noise = within * rng.normal(size=(*both, RUNS))
    if cell.design == "partitions":
        runs, kind = (outer[:, :, None] + inner)[..., None] + noise, "nested"
    else:
        runs, kind = crossed[..., None] + noise, "partitions"
    means = runs.mean(axis=3).reshape(replications, -1)
    return {
        "random": (_interval(runs, kind, "random", level), anywhere),
        "fixed, for these": (_interval(runs, kind, "fixed", level), here),
        "training seeds pooled": (_pooled(means, level), anywhere),
    }


def _interval(runs: np.ndarray, kind: str, partitions: Partitions, level: float) -> Ends:
    """Return the default intervals of (R, P, I, J) values."""
    group, outer, training, unlearning = (index.ravel() for index in np.indices(runs.shape))
    models = runs.shape[2]
    code = outer * models + training
    data = arrange(Rows(runs.ravel(), group, code, unlearning, np.zeros_like(group)), len(runs))
    crossing = np.full(len(runs), kind, dtype=object)
    units = Units(data.training // models, data.training % models, crossing, partitions)
    table: Mapping[str, np.ndarray] = nested.columns(
        data, ["unlearning"] * len(runs), units, level=level
    )
    return table["ci_low"], table["ci_high"]


def _pooled(means: np.ndarray, level: float) -> Ends:
    """Return the t interval that takes all trained models for independent."""
    count = means.shape[1]
    half = t_quantile(level, count - 1.0) * means.std(axis=1, ddof=1) / np.sqrt(count)
    return means.mean(axis=1) - half, means.mean(axis=1) + half
