"""Draws the nested-seed picture."""

from __future__ import annotations

import math

from markupsafe import Markup

from seedwise.report import svg
from seedwise.report.nested import Lane, NestedPanel, NestedRow
from seedwise.report.numbers import SCREEN, number
from seedwise.report.pictures import frame
from seedwise.results.tidy import REFERENCE

LANES = 60.0
"""Height of the lanes of one method, together."""

FINE = 2.5
"""Lanes lower than this have their runs drawn faintly, so that the means stand out."""

PAD = 5.0
MEAN = 14.0
"""Room for the diamond and its interval, below the lanes."""


def draw(panel: NestedPanel, *, link_reference: bool = False) -> Markup:
    """Return the picture of one metric.

    Args:
        panel: Its data.
        link_reference: Whether highlighting a training seed includes the retrained model of the
            same number; independent references share nothing but the number.
    """
    names = [row.method for row in panel.rows]
    words = [text for row in panel.rows for text in (row.written.text, row.reason)]
    columns = frame.columns(names, words)
    along = svg.scale(*panel.axis, columns.left, columns.right)
    heights = [_height(row, panel) for row in panel.rows]
    bottom = frame.TOP + sum(heights)
    stripes, marks, y = [], [], frame.TOP
    for index, (row, height) in enumerate(zip(panel.rows, heights, strict=True)):
        stripes.append(frame.stripe(index, y, height))
        linked = link_reference or row.method != REFERENCE
        marks.append(_row(row, panel, along, columns, y, linked=linked))
        y += height
    return svg.figure(
        frame.WIDTH,
        bottom + frame.AXIS,
        f"Runs, training-seed means and mean of {panel.title}, by method",
        panel.finding,
        *stripes,
        _band(panel, along, bottom),
        svg.axis(along, frame.TOP, bottom),
        *marks,
    )


def _height(row: NestedRow, panel: NestedPanel) -> float:
    lanes = _lane(panel) * panel.n_lanes if row.on_axis and row.lanes else 0
    return lanes + MEAN + 2 * PAD


def _lane(panel: NestedPanel) -> float:
    return min(LANES / max(panel.n_lanes, 1), 9.0)


def _band(panel: NestedPanel, along: svg.Scale, bottom: float) -> Markup:
    if panel.band is None:
        return Markup("")
    low, high = along(panel.band.low), along(panel.band.high)
    box = svg.tag(
        "rect",
        x=low,
        y=frame.TOP,
        width=max(high - low, 2),
        height=bottom - frame.TOP,
        class_="band",
    )
    middle = along(panel.band.median)
    return box + svg.line(middle, frame.TOP, middle, bottom, "band-middle")


def _row(
    row: NestedRow,
    panel: NestedPanel,
    along: svg.Scale,
    columns: frame.Columns,
    top: float,
    *,
    linked: bool,
) -> Markup:
    height = _height(row, panel)
    middle = top + height / 2
    parts = [frame.name_of(row.method, columns, middle)]
    if not row.lanes:
        return svg.join([*parts, frame.numbers_of("no values", columns, middle, "why")])
    if row.reason:
        parts.append(_two_lines(row, columns, middle))
    else:
        parts.append(frame.numbers_of(row.written.text, columns, middle))
    if not row.on_axis:
        return svg.join([*parts, frame.beyond(columns, middle, is_right=_is_right(row, along))])
    lane, radius = _lane(panel), _radius(panel)
    at = [top + PAD + lane * (unit.at + 0.5) for unit in row.lanes]
    seeds = [unit.at if linked else None for unit in row.lanes]
    kind = "run" if lane > FINE else "run fine"
    units = list(zip(row.lanes, at, seeds, strict=True))
    parts += [_runs(unit, along, y, kind, seed) for unit, y, seed in units]
    parts += [_mean(unit, along, y, radius, seed) for unit, y, seed in units]
    y = top + height - PAD - MEAN / 2 + 2
    low, high = (along(end) if math.isfinite(end) else math.nan for end in (row.low, row.high))
    return svg.join([*parts, frame.mean_mark(low, high, along(row.mean), y)])


def _two_lines(row: NestedRow, columns: frame.Columns, middle: float) -> Markup:
    why = svg.fit(row.reason, frame.WIDTH - columns.numbers, 11)
    value = frame.numbers_of(row.written.text, columns, middle - 7)
    return value + frame.numbers_of(why, columns, middle + 7, "why")


def _radius(panel: NestedPanel) -> float:
    return min(max(_lane(panel) * 0.55, 1.6), 3.6)


def _runs(unit: Lane, along: svg.Scale, y: float, kind: str, seed: int | None) -> Markup:
    if unit.n < 2:
        return Markup("")
    least, greatest = along(min(unit.runs)), along(max(unit.runs))
    through = svg.line(least, y, greatest, y, kind.replace("run", "lane"), seed)
    return through + svg.dots([(along(value), y) for value in unit.runs], kind, seed)


def _mean(unit: Lane, along: svg.Scale, y: float, radius: float, seed: int | None) -> Markup:
    said = f"training seed {unit.seed}: {number(unit.mean, None, SCREEN)} (n = {unit.n})"
    return svg.tag(
        "circle",
        svg.tag("title", said),
        cx=along(unit.mean),
        cy=y,
        r=radius,
        class_="seed",
        data_seed=None if seed is None else str(seed),
    )


def _is_right(row: NestedRow, along: svg.Scale) -> bool:
    return row.mean > (along.low + along.high) / 2
