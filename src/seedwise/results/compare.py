"""Differences between methods, paired on the trained models they started from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from seedwise.errors import TableError, did_you_mean
from seedwise.results.groups import About, Groups
from seedwise.results.tidy import BASELINES, REFERENCE
from seedwise.stats import compare as stats_compare
from seedwise.stats import compare_partitions
from seedwise.stats import flags as flag_list
from seedwise.stats.compare_partitions import Sample
from seedwise.stats.difference import Difference
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
    "p",
    "p_adjusted",
    "pairing",
    "n_pairs",
    "mean_a",
    "mean_b",
    "n_training_seeds_to_halve",
    "flags",
)

Pairing = Literal["original", "label", "independent"]
_CARRIED = ("missing_cells", "failed_cells", "duplicate_training_seeds", "percent_suspected")
"""Flags of either side that also limit the difference."""


@dataclass(frozen=True)
class Request:
    """Which comparisons are asked for.

    Args:
        metric: One metric, None for all.
        against: One method to compare all others with, None for all pairs.
        level: Confidence level.
        about: What is declared of the design.
    """

    metric: str | None
    against: str | None
    level: float
    about: About


class Side(NamedTuple):
    """One method under one task and metric: training seed means and what they stand for."""

    mean: np.ndarray
    label: np.ndarray
    original: np.ndarray
    partition: np.ndarray
    training: np.ndarray
    crossing: str
    flags: tuple[str, ...]

    @property
    def sample(self) -> Sample:
        """The units for a comparison over partitions."""
        return Sample(self.mean, self.partition, self.training, self.crossing == "partitions")

    def only(self, places: np.ndarray) -> Side:
        """Return some of the units."""
        fields = ("mean", "label", "original", "partition", "training")
        return self._replace(**{name: getattr(self, name)[places] for name in fields})


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
        sides = {keys["method"][at]: _side(groups, at, flags[at]) for at in members.index}
        family = [_row(a, b, sides, request) for a, b in _pairs(list(sides), request.against)]
        rows += [{"task": task, "metric": metric, **row} for row in _adjusted(family, request)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def known(what: str, given: str | None, column: pd.Series) -> None:
    """Check a name in a filter.

    Raises:
        TableError: If it does not occur in the column; says what does.
    """
    if given is not None and given not in set(column):
        raise TableError(f"no {what} '{given}' in the results; {did_you_mean(given, set(column))}")


def _side(groups: Groups, at: int, flags: str) -> Side:
    data = groups.data
    present = data.cells[at] > 0
    return Side(
        data.mean[at, present] + data.centre[at],
        data.training[at, present],
        groups.original[at, present],
        groups.units.partition[at, present],
        groups.units.training[at, present],
        groups.units.crossing[at],
        flag_list.split(flags),
    )


def _pairs(methods: list[str], against: str | None) -> Iterator[tuple[str, str]]:
    contestants = [method for method in methods if method not in BASELINES]
    if against is None:
        yield from combinations(contestants, 2)
    elif against in methods:
        yield from ((method, against) for method in contestants if method != against)


def _row(a: str, b: str, sides: Mapping[str, Side], request: Request) -> dict[str, Any]:
    first, second = sides[a], sides[b]
    pairing, flags = _pairing(first, second, has_reference=b == REFERENCE, request=request)
    if pairing != "independent":
        first, second = matched(first, second, pairing)
    result = _difference(first, second, pairing, request)
    n_pairs = 0 if pairing == "independent" else result.n_a
    carried = [code for code in (*first.flags, *second.flags) if code in _CARRIED]
    row = {name: value for name, value in vars(result).items() if name in COLUMNS}
    all_flags = flag_list.join((*result.flags, *flags, *carried))
    return {**row, "a": a, "b": b, "pairing": pairing, "n_pairs": n_pairs, "flags": all_flags}


def matched(a: Side, b: Side, pairing: Pairing) -> tuple[Side, Side]:
    """Return the units that two methods share, in the same order."""
    left, right = (getattr(side, pairing) for side in (a, b))
    if pairing == "original":
        # One original under several partitions is one unit in each of them.
        most = int(max(left.max(initial=0), right.max(initial=0))) + 1
        left, right = a.partition * most + left, b.partition * most + right
    _, mine, theirs = np.intersect1d(left, right, return_indices=True)
    return a.only(mine), b.only(theirs)


def _difference(a: Side, b: Side, pairing: Pairing, request: Request) -> Difference:
    how: dict[str, Any] = {"level": request.level}
    if "nested" in (a.crossing, b.crossing) or "partitions" in (a.crossing, b.crossing):
        how["partitions"] = request.about.partitions
        if pairing == "independent":
            return compare_partitions.independent(a.sample, b.sample, **how)
        return compare_partitions.paired(a.sample, b.mean, **how)
    if pairing == "independent":
        return stats_compare.independent(a.mean, b.mean, **how)
    return stats_compare.paired(a.mean, b.mean, **how)


def _pairing(
    a: Side, b: Side, *, has_reference: bool, request: Request
) -> tuple[Pairing, tuple[str, ...]]:
    """Decide how two methods are paired: a seed label is not a model, a hash is."""
    if has_reference:
        paired = request.about.reference == "paired"
        return ("label", ("reference_paired",)) if paired else ("independent", ())
    if (a.original >= 0).all() and (b.original >= 0).all():
        return "original", ()
    return "label", ("pairing_by_label",)


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
