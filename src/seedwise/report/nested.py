"""The nested-seed picture as data: runs inside training seeds inside a method.

After the SuperPlot of Lord, Velle, Mullins & Fritz-Laylin (2020, J. Cell Biol. 219), with one
lane per training seed: what varies along a lane is the unlearning seed, what varies between
lanes is the training seed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seedwise.report.material import Looked, Material, Place, Unit, looked, reason
from seedwise.report.numbers import SCREEN, Written, count, estimate, number, places
from seedwise.results.tidy import ORIGINAL, REFERENCE

MOST_DOTS = 300
"""Most runs drawn per method and metric; of more, evenly spaced ones by rank are drawn."""

STRETCH = 5.0
"""A method leaves the axis when the others would otherwise shrink by this factor."""


class Band(NamedTuple):
    """The quartiles of the retrained models, and how many there are."""

    low: float
    median: float
    high: float
    n: int


class Lane(NamedTuple):
    """One training seed: the mean of its runs and the runs to draw (`n` before thinning)."""

    at: int
    seed: str
    mean: float
    runs: tuple[float, ...]
    n: int


@dataclass(frozen=True)
class NestedRow:
    """One method of a panel.

    `looked` allows for earlier looks, `reason` says why there is no interval, `on_axis` whether it
    is drawn.
    """

    method: str
    mean: float
    low: float
    high: float
    df: float
    looked: Looked
    reason: str
    lanes: tuple[Lane, ...]
    on_axis: bool

    @property
    def written(self) -> Written:
        """Return mean and interval in words."""
        return estimate(self.mean, self.low, self.high, SCREEN)


@dataclass(frozen=True)
class NestedPanel:
    """One metric on one task: a row per method, and the range of its axis."""

    place: Place
    title: str
    rows: tuple[NestedRow, ...]
    band: Band | None
    axis: tuple[float, float]
    n_lanes: int
    level: float

    @property
    def thinned(self) -> bool:
        """Whether some runs are not drawn."""
        return any(len(lane.runs) < lane.n for row in self.rows for lane in row.lanes)

    @property
    def finding(self) -> str:
        """Say in the numbers of this panel what the picture shows."""
        return " ".join(part for part in (_spread(self), _beside(self), _left_out(self)) if part)


@dataclass(frozen=True)
class NestedInfo:
    """All panels of the nested-seed picture."""

    panels: tuple[NestedPanel, ...]

    def frame(self) -> pd.DataFrame:
        """Return one row per training seed: its mean, its runs' number and ends, and the method's.

        Columns: task, metric, method, training_seed, mean, n_runs, least, greatest, method_mean,
        method_low, method_high.
        """
        rows = [
            (
                *panel.place,
                row.method,
                lane.seed,
                lane.mean,
                lane.n,
                min(lane.runs),
                max(lane.runs),
                row.mean,
                row.low,
                row.high,
            )
            for panel in self.panels
            for row in panel.rows
            for lane in row.lanes
        ]
        names = "task metric method training_seed mean n_runs least greatest"
        return pd.DataFrame(
            rows, columns=[*names.split(), "method_mean", "method_low", "method_high"]
        )


def nested_info(material: Material) -> NestedInfo:
    """Return the nested-seed picture of every task and metric."""
    return NestedInfo(tuple(_panel(material, place) for place in material.places))


def thin(values: np.ndarray, most: int) -> tuple[float, ...]:
    """Return at most `most` of the sorted values, evenly spaced by rank, ends included.

    Example:
        >>> thin(np.array([5.0, 1.0, 2.0, 3.0, 4.0]), 3)
        (1.0, 3.0, 5.0)
    """
    ordered = np.sort(values)
    if ordered.size > most:
        ordered = ordered[np.linspace(0, ordered.size - 1, max(most, 2)).round().astype(int)]
    return tuple(ordered.tolist())


def _panel(material: Material, place: Place) -> NestedPanel:
    gathered = list(material.gathered(place))
    extents = [_extent(row, units) for _, row, units in gathered]
    keep = fitting(extents)
    rows = tuple(
        _row(method, row, units, on_axis=kept)
        for (method, row, units), kept in zip(gathered, keep, strict=True)
    )
    reference = [unit.mean for unit in material.units(place, REFERENCE)]
    band = None
    if reference:
        low, median, high = np.quantile(reference, [0.25, 0.5, 0.75]).tolist()
        band = Band(low, median, high, len(reference))
    seen = [extent for extent, kept in zip(extents, keep, strict=True) if kept and extent]
    ends = [end for extent in seen for end in extent] or [0.0, 1.0]
    n_lanes = len(material.seeds)
    axis = (min(ends), max(ends))
    return NestedPanel(place, material.title(place), rows, band, axis, n_lanes, material.level)


def _row(method: str, row: Mapping[str, Any], units: Sequence[Unit], *, on_axis: bool) -> NestedRow:
    most = max(2, MOST_DOTS // max(len(units), 1))
    lanes = tuple(
        Lane(unit.at, unit.seed, unit.mean, thin(unit.values, most), unit.values.size)
        for unit in units
    )
    return NestedRow(
        method=method,
        mean=row["mean"],
        low=row["ci_low"],
        high=row["ci_high"],
        df=row["df"],
        looked=looked(row),
        reason=reason(row["ci_kind"]),
        lanes=lanes,
        on_axis=on_axis,
    )


def _extent(row: Mapping[str, Any], units: Sequence[Unit]) -> tuple[float, float] | None:
    values = [value for unit in units for value in (unit.values.min(), unit.values.max())]
    values += [end for end in (row["ci_low"], row["ci_high"]) if np.isfinite(end)]
    return (float(min(values)), float(max(values))) if values else None


def fitting(extents: Sequence[tuple[float, float] | None], most: float = 1 / 3) -> list[bool]:
    """Say which rows share an axis: some may leave it if they dwarf all others.

    Args:
        extents: Least and greatest value of each row, None for a row without values.
        most: Greatest share of rows that may leave.

    Example:
        >>> fitting([(0.0, 1.0), (0.2, 0.8), (0.1, 0.9), (40.0, 90.0)])
        [True, True, True, False]
    """
    known = [place for place, extent in enumerate(extents) if extent is not None]
    middle = float(np.median([end for extent in extents for end in extent or ()] or [0.0]))
    known.sort(key=lambda place: max(abs(end - middle) for end in extents[place] or ()))
    inside = len(known)
    while inside > 0:
        whole = _width([extents[place] for place in known[:inside]])
        least = math.ceil(len(known) * (1 - most))
        fits = [
            n
            for n in range(inside - 1, least - 1, -1)
            if 0 < STRETCH * _width([extents[place] for place in known[:n]]) < whole
        ]
        if not fits:
            break
        inside = fits[0]
    return [place not in known[inside:] for place in range(len(extents))]


def _width(extents: Sequence[tuple[float, float] | None]) -> float:
    known = [extent for extent in extents if extent is not None]
    return max(high for _, high in known) - min(low for low, _ in known) if known else 0.0


def _spread(panel: NestedPanel) -> str:
    if panel.n_lanes == 1:
        return "With one training seed nothing tells how other trained models would fare."
    rows = [row for row in panel.rows if len(row.lanes) > 1 and row.method != ORIGINAL]
    rows = [row for row in rows if row.method != REFERENCE] or rows
    if not rows:
        return ""
    widest = max(rows, key=lambda row: _width([(lane.mean, lane.mean) for lane in row.lanes]))
    means = [lane.mean for lane in widest.lanes]
    if min(means) == max(means):
        return "No method differs between training seeds."
    digits = places(max(means) - min(means))
    low, high = (number(end, digits, SCREEN) for end in (min(means), max(means)))
    said = f"{widest.method} moves most with the training seed: its means run from {low} to {high}"
    inside = [max(lane.runs) - min(lane.runs) for lane in widest.lanes if lane.n > 1]
    if not inside:
        return said + "."
    typical = number(float(np.median(inside)), digits, SCREEN)
    return f"{said}, while the runs of one training seed lie within {typical} of each other."


def _beside(panel: NestedPanel) -> str:
    rows = [row for row in panel.rows if row.method not in (ORIGINAL, REFERENCE)]
    rows = [row for row in rows if np.isfinite(row.low)]
    band = panel.band
    if band is None or not rows:
        return ""
    clear = [row.method for row in rows if row.high < band.low or row.low > band.high]
    return (
        f"The intervals of {count(len(clear), 'method')} of {len(rows)} lie outside the band of "
        f"the retrained models."
    )


def _left_out(panel: NestedPanel) -> str:
    beyond = ", ".join(row.method for row in panel.rows if not row.on_axis)
    said = [f"Left off the axis, which it would squeeze: {beyond}."] if beyond else []
    if panel.thinned:
        said.append(f"Of more than {MOST_DOTS} runs, evenly spaced ones by rank are drawn.")
    return " ".join(said)
