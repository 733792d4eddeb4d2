"""Draws the comparisons: a forest of differences around zero."""

from __future__ import annotations

import math

from markupsafe import Markup

from seedwise.report import svg
from seedwise.report.numbers import SCREEN, p_value
from seedwise.report.paired import PairedPanel, PairedRow, extent, shown
from seedwise.report.pictures import frame

ROW = 24.0
HEADING = 24.0


def draw(panel: PairedPanel) -> Markup:
    """Return the picture of one metric: gaps to the reference above, pairs of methods below."""
    blocks = [("Gap to the retrained models", panel.gaps), ("Method against method", panel.pairs)]
    rows = panel.gaps + panel.pairs
    columns = frame.columns(
        [_name(row) for row in rows], [f"{row.written.text} p < .0000" for row in rows]
    )
    parts, y = [], 0.0
    for title, block in blocks:
        if block:
            drawn, y = _block(title, block, columns, y)
            parts.append(drawn)
    title = f"Differences of {panel.title} with intervals"
    return svg.figure(frame.WIDTH, max(y, ROW), title, panel.finding, *parts)


def _block(
    title: str, rows: tuple[PairedRow, ...], columns: frame.Columns, top: float
) -> tuple[Markup, float]:
    on_axis = shown(rows)
    seen = [row for row, kept in zip(rows, on_axis, strict=True) if kept]
    along = svg.scale(*extent(seen), columns.left, columns.right)
    start = top + HEADING
    bottom = start + ROW * len(rows)
    zero = along(0.0)
    parts = [svg.text(title, 0, top + 15, "heading"), svg.axis(along, start, bottom)]
    parts.append(svg.line(zero, start, zero, bottom, "zero"))
    for index, (row, kept) in enumerate(zip(rows, on_axis, strict=True)):
        parts.append(_row(row, along, columns, start + ROW * (index + 0.5), on_axis=kept))
    return svg.join(parts), bottom + frame.AXIS + 4


def _name(row: PairedRow) -> str:
    return row.a if row.family == "gap" else f"{row.a} {SCREEN.minus} {row.b}"


def _row(
    row: PairedRow, along: svg.Scale, columns: frame.Columns, y: float, *, on_axis: bool
) -> Markup:
    parts = [frame.name_of(_name(row), columns, y)]
    if not math.isfinite(row.diff):
        return svg.join([*parts, frame.numbers_of(row.reason or "no values", columns, y, "why")])
    words = p_value(row.p_adjusted, SCREEN)
    parts.append(frame.numbers_of(row.written.text, columns, y))
    parts.append(svg.text(words, frame.WIDTH - 2, y + 4, "num", anchor="end"))
    drawn = _marks(row, along, y) if on_axis else frame.beyond(columns, y, is_right=row.diff > 0)
    return svg.join([*parts, drawn])


def _marks(row: PairedRow, along: svg.Scale, y: float) -> Markup:
    parts = []
    if math.isfinite(row.low_sim):
        parts.append(svg.line(along(row.low_sim), y, along(row.high_sim), y, "ci-thin"))
    if math.isfinite(row.low):
        parts.append(svg.line(along(row.low), y, along(row.high), y, "ci"))
    return svg.join([*parts, svg.diamond(along(row.diff), y, 4.5, "mean")])
