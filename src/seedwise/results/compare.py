"""Differences between methods, paired on the trained models they started from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from seedwise.results import looks
from seedwise.results.groups import Groups
from seedwise.results.sides import Request, Side, contrast, known, side_of
from seedwise.results.tidy import BASELINES, REFERENCE
from seedwise.stats import compare as stats_compare
from seedwise.stats import flags as flag_list
from seedwise.stats.quantiles import t_quantile

COLUMNS = (
    "task",
    "metric",
    "a",
    "b",
    "diff",
    "se",
    "df",
    "ci_low",
    "ci_high",
    "ci_low_sim",
    "ci_high_sim",
    "ci_kind",
    *looks.COLUMNS,
    "p",
    "p_adjusted",
    "pairing",
    "n_pairs",
    "mean_a",
    "mean_b",
    "n_training_seeds_to_halve",
    "flags",
)


def compare(groups: Groups, flags: list[str], request: Request) -> pd.DataFrame:
    """Compare methods within each task and metric, each being one family of tests.

    Without `against`: all pairs of methods other than the baselines. With it: these methods
    against that one.

    Args:
        groups: The grouped table.
        flags: (B) flags of the groups, as in the summary.
        request: What is asked for.

    Raises:
        TableError: If the metric or the method does not occur.
    """
    keys = groups.keys
    known("metric", request.metric, keys["metric"])
    known("method", request.against, keys["method"])
    rows = []
    for (task, metric), members in keys.groupby(["task", "metric"], sort=False):
        if request.metric not in (None, metric):
            continue
        sides = {keys["method"][at]: side_of(groups, at, flags[at]) for at in members.index}
        family = [_row(a, b, sides, request) for a, b in _pairs(list(sides), request.against)]
        rows += [{"task": task, "metric": metric, **row} for row in _adjusted(family, request)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _pairs(methods: list[str], against: str | None) -> Iterator[tuple[str, str]]:
    contestants = [method for method in methods if method not in BASELINES]
    if against is None:
        yield from combinations(contestants, 2)
    elif against in methods:
        yield from ((method, against) for method in contestants if method != against)


def _row(a: str, b: str, sides: Mapping[str, Side], request: Request) -> dict[str, Any]:
    found = contrast(sides[a], sides[b], has_reference=b == REFERENCE, request=request)
    row = {name: value for name, value in vars(found.difference).items() if name in COLUMNS}
    names = {"a": a, "b": b, "pairing": found.pairing, "n_pairs": found.n_pairs}
    error, seen = (row["se"], row["df"]), request.about.looks
    wider = looks.columns(row["diff"], error, found.difference.n_a, seen, request.level)
    wider = {name: column.item() for name, column in wider.items()}
    return {**row, **names, **wider, "flags": flag_list.join(found.flags)}


def _adjusted(family: list[dict[str, Any]], request: Request) -> list[dict[str, Any]]:
    """Add what holds for all tests of a family at once."""
    adjusted = stats_compare.holm([row["p"] for row in family])
    level = stats_compare.simultaneous_level(request.level, len(family))
    for row, p in zip(family, adjusted, strict=True):
        half = float(t_quantile(level, row["df"])) * row["se"] if row["se"] > 0 else np.nan
        row |= {
            "p_adjusted": float(p),
            "ci_low_sim": row["diff"] - half,
            "ci_high_sim": row["diff"] + half,
        }
    return family
