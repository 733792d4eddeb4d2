"""Draws the variance split: one bar of 100 % per method."""

from __future__ import annotations

import math

from markupsafe import Markup

from seedwise.report import svg
from seedwise.report.numbers import percent, percent_range
from seedwise.report.pictures import frame
from seedwise.report.variance import VariancePanel, VarianceRow

ROW = 24.0


def draw(panel: VariancePanel) -> Markup:
    """Return the picture of one metric."""
    names = [row.method for row in panel.rows]
    columns = frame.columns(names, [_numbers(row) for row in panel.rows])
    along = svg.Scale(0.0, 1.0, columns.left, columns.right - 6)
    bottom = frame.TOP + ROW * len(panel.rows)
    rows = [
        _row(row, along, columns, frame.TOP + ROW * (index + 0.5), whisker=not panel.has_eval)
        for index, row in enumerate(panel.rows)
    ]
    return svg.figure(
        frame.WIDTH,
        bottom + frame.AXIS,
        f"Share of the variance of {panel.title} by kind of seed, by method",
        panel.finding,
        svg.axis(along, frame.TOP, bottom, percent=True),
        *rows,
    )


def _numbers(row: VarianceRow) -> str:
    if not math.isfinite(row.share_train):
        return ""
    if row.note.startswith("deterministic"):
        return f"{percent(row.share_train)} (deterministic)"
    return f"{percent(row.share_train)} {percent_range(row.icc_low, row.icc_high)}".rstrip()


def _row(
    row: VarianceRow, along: svg.Scale, columns: frame.Columns, y: float, *, whisker: bool
) -> Markup:
    parts = [frame.name_of(row.method, columns, y)]
    if not math.isfinite(row.share_train):
        return svg.join([*parts, svg.text(row.note, along.start + 6, y + 4, "why")])
    shares = (row.share_train, row.share_unlearn, row.share_eval)
    start = 0.0
    for share, kind in zip(shares, ("train", "unlearn", "eval"), strict=True):
        if share > 0:
            x, right = along(start), along(start + share)
            parts.append(
                svg.tag("rect", x=x, y=y - 7, width=right - x, height=14, class_=f"share-{kind}")
            )
        start += share
    if whisker and math.isfinite(row.icc_high - row.icc_low):
        parts.append(_whisker(along(row.icc_low), along(row.icc_high), y))
    if row.note:
        parts.append(svg.tag("title", row.note))
    drawn = svg.tag("g", *parts)
    return drawn + frame.numbers_of(_numbers(row), columns, y)


def _whisker(low: float, high: float, y: float) -> Markup:
    lines = (
        svg.line(low, y, high, y, name)
        + svg.line(low, y - 4, low, y + 4, name)
        + svg.line(high, y - 4, high, y + 4, name)
        for name in ("halo", "whisker")
    )
    return svg.join(lines)
