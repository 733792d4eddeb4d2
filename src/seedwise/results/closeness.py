"""How close each method is to the reference: signed gap, equivalence, typical gap and its floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from seedwise.errors import TableError
from seedwise.results.groups import Groups
from seedwise.results.sides import Request, contrast, known, side_of
from seedwise.results.tidy import REFERENCE
from seedwise.stats import flags as flag_list
from seedwise.stats import gaps
from seedwise.stats.compare import tost
from seedwise.stats.jackknife import Jackknife
from seedwise.stats.means import Mean, neighbours, over_units
from seedwise.stats.quantiles import t_quantile

COLUMNS = (
    "task",
    "metric",
    "method",
    "diff",
    "se",
    "df",
    "ci_low",
    "ci_high",
    "ci_kind",
    "pairing",
    "n_training_seeds",
    "n_references",
    "tost_low",
    "tost_high",
    "margin",
    "p_equivalence",
    "equivalent",
    "smallest_margin",
    "typical_gap",
    "typical_gap_low",
    "typical_gap_high",
    "floor",
    "floor_low",
    "floor_high",
    "sd_ratio",
    "share_outside",
    "flags",
)


@dataclass(frozen=True)
class Question:
    """What is asked of closeness.

    Args:
        request: Metric, level and what is declared of the design.
        margin: Greatest difference that does not matter, None if there is none.
    """

    request: Request
    margin: float | None


def closeness(groups: Groups, table: Mapping[str, Any], question: Question) -> pd.DataFrame:
    """Return one row per task, metric and method other than the reference, with `COLUMNS`.

    `diff` is method minus reference. `tost_*` are the ends whose both lying inside the margin
    means equivalence; without a margin `smallest_margin` is the least one that would be met.
    `typical_gap` and `floor` are made of single runs in one partition; metrics that are distances
    to the reference already are averaged as they are.

    Args:
        groups: The grouped table.
        table: The columns of `fitted`.
        question: What is asked for.

    Raises:
        TableError: If the metric does not occur, there are no references, or the margin is not a
            number above 0 for one metric.
    """
    keys = groups.keys
    metric = question.request.metric
    known("metric", metric, keys["metric"])
    _check_margin(question, keys)
    if REFERENCE not in set(keys["method"]):
        raise TableError(
            f"closeness needs the rows of retrained models, called '{REFERENCE}' in the column "
            "'method'; the table has none"
        )
    rows = []
    for (task, name), members in keys.groupby(["task", "metric"], sort=False):
        places = dict(zip(members["method"], members.index, strict=True))
        if metric not in (None, name) or REFERENCE not in places:
            continue
        reference = places.pop(REFERENCE)
        rows += [
            {"task": task, "metric": name, "method": method}
            | _row(groups, table, (at, reference), question)
            for method, at in places.items()
        ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.assign(equivalent=frame["equivalent"].astype("boolean"))


def _check_margin(question: Question, keys: pd.DataFrame) -> None:
    margin = question.margin
    if margin is None:
        return
    if not 0 < margin < np.inf:
        raise TableError(f"the margin is {margin}; give a number above 0 in units of the metric")
    if question.request.metric is None and keys["metric"].nunique() > 1:
        names = ", ".join(keys["metric"].drop_duplicates())
        raise TableError(f"a margin holds for one metric; say which of {names}")


def _row(
    groups: Groups, table: Mapping[str, Any], places: tuple[int, int], question: Question
) -> dict[str, Any]:
    flags, request = table["flags"], question.request
    sides = [side_of(groups, at, flags[at]) for at in places]
    found = contrast(sides[0], sides[1], has_reference=True, request=request)
    result = tost(found.difference, question.margin, level=request.level)
    spread = sides[1].mean.std(ddof=1) if sides[1].mean.size > 1 else np.nan
    row = {name: value for name, value in vars(found.difference).items() if name in COLUMNS}
    return row | {
        "pairing": found.pairing,
        "n_training_seeds": found.difference.n_a,
        "n_references": found.difference.n_b,
        "tost_low": result.low,
        "tost_high": result.high,
        "margin": result.margin,
        "p_equivalence": result.p,
        "equivalent": result.equivalent,
        "smallest_margin": result.smallest_margin,
        "sd_ratio": np.sqrt(table["var_total"][places[0]]) / spread if spread > 0 else np.nan,
        **_distances(groups, places, question),
        "flags": flag_list.join(found.flags),
    }


def _distances(groups: Groups, places: tuple[int, int], question: Question) -> dict[str, Any]:
    """Return typical gap, floor and the share of runs outside the reference's range."""
    names = ("typical_gap", "floor")
    level = question.request.level
    method, reference = groups.units.crossing[list(places)]
    if method != "none" or reference not in ("none", "neighbours"):
        none = {f"{name}{end}": np.nan for name in names for end in ("", "_low", "_high")}
        return {**none, "share_outside": np.nan}
    runs, retrained = (_runs(groups, at) for at in places)
    single = np.array([values.mean() for values in retrained])
    if reference == "neighbours":
        distances = np.array([values.mean() for values in runs])
        floor = neighbours(single, np.zeros(single.size), partitions="fixed")
        found = [_averaged(mean, level) for mean in (over_units(distances), floor)]
    elif question.request.about.reference == "paired":
        own = _paired(groups, places)
        gap = gaps.typical_gap(
            [runs[a] for a, _ in own], single[[b for _, b in own]], paired=True, level=level
        )
        found = [gap, gaps.floor(single, level=level)]
    else:
        found = [gaps.typical_gap(runs, single, level=level), gaps.floor(single, level=level)]
    outside = [np.mean((v < single.min()) | (v > single.max())) for v in runs if single.size]
    columns: dict[str, Any] = {"share_outside": float(np.mean(outside)) if outside else np.nan}
    for name, part in zip(names, found, strict=True):
        columns |= {name: part.estimate, f"{name}_low": part.low, f"{name}_high": part.high}
    return columns


def _runs(groups: Groups, at: int) -> list[np.ndarray]:
    """Return the single runs of each training seed, evaluation seeds averaged."""
    data = groups.data
    mine = data.cell_group == at
    values, unit = data.cell_mean[mine] + data.centre[at], data.cell_unit[mine]
    return [values[unit == place] for place in range(int((data.cells[at] > 0).sum()))]


def _paired(groups: Groups, places: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the places of training seeds that method and reference share."""
    labels = [groups.data.training[at, groups.data.cells[at] > 0].tolist() for at in places]
    return [(k, labels[1].index(seed)) for k, seed in enumerate(labels[0]) if seed in labels[1]]


def _averaged(mean: Mean, level: float) -> Jackknife:
    half = float(t_quantile(level, mean.df)) * mean.se if mean.se > 0 else np.nan
    return Jackknife(mean.mean, mean.se, mean.df, mean.mean - half, mean.mean + half)
