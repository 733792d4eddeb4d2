"""Ranks of methods that the comparisons allow, and the best set."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd

from seedwise.errors import TableError, did_you_mean
from seedwise.results.groups import Groups
from seedwise.results.sides import Request, Side, common, contrast, known, matched, side_of
from seedwise.results.tidy import BASELINES, REFERENCE, Spec, base_name
from seedwise.seeds import SeedStreams
from seedwise.stats import flags as flag_list
from seedwise.stats.compare import closer_of, holm
from seedwise.stats.ranking import p_best, rank_sets

COLUMNS = (
    "task",
    "metric",
    "direction",
    "method",
    "mean",
    "gap",
    "rank",
    "rank_low",
    "rank_high",
    "in_best_set",
    "p_best",
    "n_better",
    "n_worse",
    "n_tests",
    "flags",
)

Direction = Literal["higher", "lower", "closer-to-reference"]
DIRECTIONS: tuple[Direction, ...] = ("higher", "lower", "closer-to-reference")


def rank(
    groups: Groups,
    table: Mapping[str, Any],
    specs: Mapping[str, Spec],
    request: Request,
    direction: str | None,
) -> pd.DataFrame:
    """Return one row per task, metric and method other than the baselines, with `COLUMNS`.

    `higher` and `lower`: paired t tests; `closer-to-reference`: the closer test; Holm over all
    pairs either way. `rank_low` to `rank_high` are the ranks these allow, `in_best_set` says that
    no method is significantly better. Where the direction is not known, ranks are missing.
    `p_best` only describes: the share of resamples of the training seeds with the method in front.

    Args:
        groups: The grouped table.
        table: The columns of `fitted`.
        specs: Metric specs by base name, whose direction counts unless one is given.
        request: Metric, level and what is declared of the design.
        direction: `higher`, `lower` or `closer-to-reference`.

    Raises:
        TableError: If the metric or the direction does not exist, or there are no references to
            be close to.
    """
    keys = groups.keys
    known("metric", request.metric, keys["metric"])
    if direction is not None and direction not in DIRECTIONS:
        raise TableError(f"direction is '{direction}'; {did_you_mean(direction, DIRECTIONS)}")
    rows = []
    for (task, metric), members in keys.groupby(["task", "metric"], sort=False):
        if request.metric not in (None, metric):
            continue
        sides = {
            method: side_of(groups, at, table["flags"][at])
            for method, at in zip(members["method"], members.index, strict=True)
        }
        means = dict(zip(members["method"], table["mean"][members.index], strict=True))
        way = direction or getattr(specs.get(base_name(str(metric))), "direction", None)
        if direction == "closer-to-reference" and REFERENCE not in sides:
            raise TableError(
                f"task '{task}', metric '{metric}' has no rows of '{REFERENCE}' to be close to"
            )
        for row in _family(sides, means, way, request):
            rows.append({"task": task, "metric": metric, **row})
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    counts = dict.fromkeys(("rank_low", "rank_high", "n_better", "n_worse", "n_tests"), "Int64")
    return frame.astype(
        {**counts, "in_best_set": "boolean", "rank": float, "gap": float, "p_best": float}
    )


def _family(
    sides: Mapping[str, Side], means: Mapping[str, float], way: str | None, request: Request
) -> list[dict[str, Any]]:
    methods = [method for method in sides if method not in BASELINES]
    gap = {method: means[method] - means.get(REFERENCE, np.nan) for method in methods}
    usable = way in DIRECTIONS and (way != "closer-to-reference" or REFERENCE in sides)
    rows: list[dict[str, Any]] = [
        {
            "direction": way if usable else None,
            "method": method,
            "mean": means[method],
            "gap": gap[method],
            "flags": flag_list.join(
                (*sides[method].flags, *(() if usable else ("direction_unknown",)))
            ),
        }
        for method in methods
    ]
    if not usable or not methods:
        return rows
    score = {
        "higher": [means[m] for m in methods],
        "lower": [-means[m] for m in methods],
        "closer-to-reference": [-abs(gap[m]) for m in methods],
    }[str(way)]
    sets = rank_sets(score, _wins(sides, methods, str(way), request))
    shares = _p_best(sides, methods, str(way), request)
    for place, row in enumerate(rows):
        row |= {
            "rank": sets.rank[place],
            "rank_low": sets.low[place],
            "rank_high": sets.high[place],
            "in_best_set": bool(sets.best[place]),
            "p_best": shares[place],
            "n_better": sets.n_better[place],
            "n_worse": sets.n_worse[place],
            "n_tests": len(methods) * (len(methods) - 1) // 2,
        }
    return rows


def _p_best(
    sides: Mapping[str, Side], methods: list[str], way: str, request: Request
) -> np.ndarray:
    """Return how often each method is best among resampled training seeds; NaN if not paired."""
    own = [sides[method] for method in methods]
    nowhere = np.full(len(methods), np.nan)
    if request.about.unpaired or any(side.crossing != "none" for side in own):
        return nowhere
    rng = SeedStreams("results/rank").generator("bootstrap")
    means, label = common(own)
    if way != "closer-to-reference":
        return p_best(means if way == "higher" else -means, rng)
    reference = sides[REFERENCE]
    if request.about.reference == "independent":
        return p_best(means, rng, reference=reference.mean) if reference.mean.size else nowhere
    _, mine, theirs = np.intersect1d(label, reference.label, return_indices=True)
    return p_best(means[:, mine], rng, reference=reference.mean[theirs], paired=True)


def _wins(sides: Mapping[str, Side], methods: list[str], way: str, request: Request) -> np.ndarray:
    """Return whether the row's method is significantly better than the column's, (M, M)."""
    pairs = list(combinations(range(len(methods)), 2))
    found = [_test(sides, methods[i], methods[j], way, request) for i, j in pairs]
    adjusted = holm([p for p, _ in found])
    wins = np.zeros((len(methods), len(methods)), dtype=bool)
    for (i, j), p, (_, first_is_better) in zip(pairs, adjusted, found, strict=True):
        if p < 1 - request.level:
            wins[(i, j) if first_is_better else (j, i)] = True
    return wins


def _test(
    sides: Mapping[str, Side], a: str, b: str, way: str, request: Request
) -> tuple[float, bool]:
    """Return the p-value of one pair, and whether the first looks better."""
    between = contrast(sides[a], sides[b], has_reference=False, request=request)
    if way != "closer-to-reference":
        return between.difference.p, (between.difference.diff > 0) == (way == "higher")
    reference = sides[REFERENCE]
    if between.pairing == "independent":
        return np.nan, False  # the test is made for methods on the same trained models
    first, second = matched(sides[a], sides[b], between.pairing)
    both = first._replace(mean=first.mean + second.mean)
    twice = reference._replace(mean=2 * reference.mean)
    total = contrast(both, twice, has_reference=True, request=request)
    verdict = closer_of(between.difference, total.difference, level=request.level)
    return verdict.p, verdict.difference * verdict.sides < 0
