"""Paired comparisons as data: differences between methods, and gaps to the retrained models."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from seedwise.report.material import Looked, Material, Place, looked, reason
from seedwise.report.nested import fitting
from seedwise.report.numbers import SCREEN, Written, count, signed

_COLUMNS = (
    "task metric family a b diff low high low_sim high_sim df p p_adjusted n_pairs pairing reason"
)


@dataclass(frozen=True)
class PairedRow:
    """One difference a - b with its own and its simultaneous interval, and its p-values.

    `looked` allows for earlier looks, `p_adjusted` is Holm's over the family, `reason` says why
    there is no interval.
    """

    family: str
    a: str
    b: str
    diff: float
    low: float
    high: float
    low_sim: float
    high_sim: float
    looked: Looked
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
        said = [_told_apart(rows, self.level) for rows in (self.gaps, self.pairs)]
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
    return PairedRow(
        family=family,
        a=row["a"],
        b=row["b"],
        diff=row["diff"],
        low=row["ci_low"],
        high=row["ci_high"],
        low_sim=row["ci_low_sim"],
        high_sim=row["ci_high_sim"],
        looked=looked(row),
        df=row["df"],
        p=row["p"],
        p_adjusted=row["p_adjusted"],
        n_pairs=row["n_pairs"],
        pairing=row["pairing"],
        reason=reason(row["ci_kind"]),
    )


def _told_apart(rows: Sequence[PairedRow], level: float) -> str:
    tested = [row for row in rows if math.isfinite(row.p_adjusted)]
    if not tested:
        return ""
    gaps = tested[0].family == "gap"
    noun = count(len(tested), "method" if gaps else "pair")
    sure = [row for row in tested if row.p_adjusted < 1 - level]
    against = "from the retrained models" if gaps else "from each other"
    said = f"{len(sure)} of {noun} can be told {against} (Holm-adjusted)"
    if not sure:
        return said + "."
    most = max(sure, key=lambda row: abs(row.diff))
    who = f"{most.a}'s" if gaps else f"between {most.a} and {most.b}"
    return f"{said}; the largest {'gap' if gaps else 'difference'} is {who}, {most.written.text}."


def shown(rows: Sequence[PairedRow]) -> list[bool]:
    """Say which rows fit on one axis with zero: up to half may leave it if they dwarf the rest."""
    extents = [extent([row]) for row in rows]
    return fitting(extents, most=0.5)


def extent(rows: Sequence[PairedRow]) -> tuple[float, float]:
    """Return the ends of an axis that shows rows and zero."""
    ends = [end for row in rows for end in (row.diff, row.low_sim, row.high_sim, row.low, row.high)]
    known = [0.0, *(end for end in ends if np.isfinite(end))]
    return min(known), max(known)
