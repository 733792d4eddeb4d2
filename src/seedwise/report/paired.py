"""Paired comparisons as data: differences between methods, and gaps to the retrained models."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from seedwise.report.material import Material, Place, reason
from seedwise.report.numbers import SCREEN, Written, count, signed

_COLUMNS = (
    "task metric family a b diff low high low_sim high_sim df p p_adjusted n_pairs pairing reason"
)


@dataclass(frozen=True)
class PairedRow:
    """One difference a - b with its own and its simultaneous interval, and its p-values.

    `p_adjusted` is Holm's over the family; `reason` says why there is no interval.
    """

    family: str
    a: str
    b: str
    diff: float
    low: float
    high: float
    low_sim: float
    high_sim: float
    df: float
    p: float
    p_adjusted: float
    n_pairs: float
    pairing: str
    reason: str

    @property
    def written(self) -> Written:
        """Return difference and interval in words."""
        return signed(self.diff, self.low, self.high, SCREEN)


@dataclass(frozen=True)
class PairedPanel:
    """One metric on one task: the gaps to the reference, and all pairs of methods."""

    place: Place
    title: str
    gaps: tuple[PairedRow, ...]
    pairs: tuple[PairedRow, ...]
    level: float

    @property
    def finding(self) -> str:
        """Say in the numbers of this panel what the picture shows."""
        said = [_told_apart(self.gaps, "method", "from the retrained models", self.level)]
        said.append(_told_apart(self.pairs, "pair", "from each other", self.level))
        return " ".join(sentence for sentence in said if sentence)


@dataclass(frozen=True)
class PairedInfo:
    """All panels of the comparison."""

    panels: tuple[PairedPanel, ...]

    def frame(self) -> pd.DataFrame:
        """Return one row per task, metric and difference (family `gap` or `pair`)."""
        names = _COLUMNS.split()
        rows = [
            (*panel.place, *(getattr(row, name) for name in names[2:]))
            for panel in self.panels
            for row in (*panel.gaps, *panel.pairs)
        ]
        return pd.DataFrame(rows, columns=names)


def paired_info(material: Material) -> PairedInfo:
    """Return the comparisons of every task and metric."""
    return PairedInfo(
        tuple(
            PairedPanel(
                place,
                material.title(place),
                _rows(material.gaps, place, "gap"),
                _rows(material.pairs, place, "pair"),
                material.level,
            )
            for place in material.places
        )
    )


def _rows(table: pd.DataFrame, place: Place, family: str) -> tuple[PairedRow, ...]:
    here = (table["task"].astype(str) == place.task) & (table["metric"] == place.metric)
    return tuple(_row(row, family) for row in table[here].to_dict("records"))


def _row(row: Mapping[Any, Any], family: str) -> PairedRow:
    ends = ("ci_low", "ci_high", "ci_low_sim", "ci_high_sim")
    numbers = [float(row[name]) for name in ("diff", *ends, "df", "p", "p_adjusted", "n_pairs")]
    why = reason(row["ci_kind"])
    return PairedRow(family, row["a"], row["b"], *numbers, str(row["pairing"]), why)


def _told_apart(rows: tuple[PairedRow, ...], noun: str, whom: str, level: float) -> str:
    tested = [row for row in rows if math.isfinite(row.p_adjusted)]
    if not tested:
        return ""
    alpha = round(1 - level, 10)
    sure = [row for row in tested if row.p_adjusted < alpha]
    said = f"{len(sure)} of {count(len(tested), noun)} can be told {whom} (Holm, {alpha:g})"
    if not sure:
        return said + "."
    most = max(sure, key=lambda row: abs(row.diff))
    other = "" if noun == "method" else f" and {most.b}"
    return f"{said}, most clearly {most.a}{other}: {most.written.text}."


def extent(rows: tuple[PairedRow, ...]) -> tuple[float, float]:
    """Return the ends of an axis that shows rows and zero."""
    ends = [end for row in rows for end in (row.diff, row.low_sim, row.high_sim, row.low, row.high)]
    known = [0.0, *(end for end in ends if np.isfinite(end))]
    return min(known), max(known)
