"""The cells of the coverage study about ranks: rank sets, and the share P(best) beside them.

M methods on the same I trained models; greater is better. A rank set covers when it holds every
rank that the method may have: all ranks of its ties. It is judged for all methods at once.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from seedwise.stats.compare import holm
from seedwise.stats.quantiles import t_pvalue
from seedwise.stats.ranking import RankSets, p_best, rank_sets

CONTESTS: Mapping[str, tuple[float, ...]] = {
    "all alike": (0.0, 0.0, 0.0, 0.0, 0.0),
    "one ahead": (0.5, 0.0, 0.0, 0.0, 0.0),
    "evenly spaced": (1.0, 0.75, 0.5, 0.25, 0.0),
}
"""True means in units of the standard deviation of a run."""
RUNS = 3
SURE = 0.95

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


class RankCell(NamedTuple):
    """One contest: true means, population of effects, number of training seeds."""

    contest: str
    population: str
    training: int


def rank_cells(populations: Iterator[str] | Mapping[str, Draw]) -> Iterator[RankCell]:
    """Yield all cells."""
    for found in itertools.product(CONTESTS, populations, (3, 5, 10, 30)):
        yield RankCell(*found)


def rank_lines(
    cell: RankCell, draw: Draw, replications: int, root: int, level: float
) -> dict[str, dict[str, float]]:
    """Return coverage and mean width (in ranks) of the rank sets, and how often P(best) is right.

    Half the variance of a run is the training seed's, and half of that is shared by the methods.
    """
    rng = np.random.default_rng([root, zlib.crc32(repr(cell).encode())])
    truth = np.array(CONTESTS[cell.contest])
    shape = (replications, truth.size, cell.training)
    shared = draw(rng, (replications, 1, cell.training))
    noise = draw(rng, (*shape, RUNS)).mean(axis=3)
    effects = 0.5 * (shared + draw(rng, shape)) + np.sqrt(0.5) * noise
    means = truth[:, None] + effects
    found = [_sets(one, level) for one in means]
    covered = [_holds(one, truth) for one in found]
    widths = [float((one.high - one.low + 1).mean()) for one in found]
    lines = {"rank sets": _line(1.0, covered, widths)}
    shares = np.array([p_best(one, rng, draws=1000) for one in means[::2]])
    sure = np.nan_to_num(shares.max(axis=1)) >= SURE
    winners = truth[shares[sure].argmax(axis=1)] == truth.max()
    only = (truth == truth.max()).sum() == 1
    lines["P(best) >= .95"] = _line(float(sure.mean()), list(winners & only), [])
    return lines


def _line(given: float, covered: list[bool], widths: list[float]) -> dict[str, float]:
    return {
        "given": given,
        "coverage": float(np.mean(covered)) if covered else float("nan"),
        "width": float(np.mean(widths)) if widths else float("nan"),
    }


def _sets(means: np.ndarray, level: float) -> RankSets:
    """Return the rank sets of (M, I) means: paired t tests, Holm."""
    count, units = means.shape
    pairs = list(itertools.combinations(range(count), 2))
    differences = np.array([means[a] - means[b] for a, b in pairs])
    se = differences.std(axis=1, ddof=1) / np.sqrt(units)
    p = holm(t_pvalue(differences.mean(axis=1) / se, units - 1))
    wins = np.zeros((count, count), dtype=bool)
    for (a, b), value, difference in zip(pairs, p, differences.mean(axis=1), strict=True):
        if value < 1 - level:
            wins[(a, b) if difference > 0 else (b, a)] = True
    return rank_sets(means.mean(axis=1), wins)


def _holds(sets: RankSets, truth: np.ndarray) -> bool:
    better = (truth > truth[:, None]).sum(axis=1)
    worse = (truth < truth[:, None]).sum(axis=1)
    return bool((sets.low <= 1 + better).all() and (sets.high >= truth.size - worse).all())
