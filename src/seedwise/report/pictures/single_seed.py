"""Draws what single training seeds would have claimed: an interval per training seed."""

from __future__ import annotations

import math

from markupsafe import Markup

from seedwise.report import svg
from seedwise.report.numbers import SCREEN, number, percent
from seedwise.report.pictures import frame
from seedwise.report.single_seed import Claim, SingleSeedPanel, SingleSeedRow

LANES = 66.0
PAD = 6.0


def draw(panel: SingleSeedPanel) -> Markup:
    """Return the picture of one metric."""
    names = [row.method for row in panel.rows]
    columns = frame.columns(names, [_widest(row) for row in panel.rows])
    along = svg.scale(*panel.axis, columns.left, columns.right)
    heights = [_height(row, panel) for row in panel.rows]
    bottom = frame.TOP + sum(heights)
    stripes, marks, y = [], [], frame.TOP
    for index, (row, height) in enumerate(zip(panel.rows, heights, strict=True)):
        stripes.append(frame.stripe(index, y, height))
        marks.append(_row(row, panel, along, columns, y))
        y += height
    return svg.figure(
        frame.WIDTH,
        bottom + frame.AXIS,
        f"What each training seed alone would have claimed of {panel.title}, by method",
        panel.finding,
        *stripes,
        svg.axis(along, frame.TOP, bottom),
        *marks,
    )


def _lane(panel: SingleSeedPanel) -> float:
    return min(LANES / max(panel.n_lanes, 1), 10.0)


def _height(row: SingleSeedRow, panel: SingleSeedPanel) -> float:
    return 2 * PAD + (_lane(panel) * panel.n_lanes if row.on_axis else 16)


def _numbers(row: SingleSeedRow) -> str:
    if not row.n_judged:
        return "one run: no interval" if len(row.claims) > 1 else "one training seed"
    return f"{row.n_missed} of {row.n_judged} miss"


def _second(row: SingleSeedRow) -> str:
    if row.deterministic:
        return "deterministic: no spread"
    return f"by theory {percent(1 - row.coverage)}" if math.isfinite(row.coverage) else ""


def _widest(row: SingleSeedRow) -> str:
    return max(_numbers(row), _second(row)[:24], key=svg.width_of)


def _row(
    row: SingleSeedRow, panel: SingleSeedPanel, along: svg.Scale, columns: frame.Columns, top: float
) -> Markup:
    height = _height(row, panel)
    middle = top + height / 2
    parts = [frame.name_of(row.method, columns, middle)]
    second = _second(row)
    parts.append(frame.numbers_of(_numbers(row), columns, middle - (7 if second else 0)))
    if second:
        parts.append(frame.numbers_of(second, columns, middle + 7, "why"))
    if not row.on_axis:
        words = f"off the axis: {row.written.text}"
        return svg.join([*parts, svg.text(words, columns.left + 6, middle + 4, "why")])
    if math.isfinite(row.high - row.low):
        low, high = along(row.low), along(row.high)
        parts.append(
            svg.tag(
                "rect",
                x=low,
                y=top + 2,
                width=max(high - low, 1),
                height=height - 4,
                class_="whole",
            )
        )
    x = along(row.mean)
    parts.append(svg.line(x, top + 2, x, top + height - 2, "whole-mean"))
    lane = _lane(panel)
    parts += [
        _claim(claim, along, top + PAD + lane * (claim.at + 0.5), lane) for claim in row.claims
    ]
    return svg.join(parts)


def _claim(claim: Claim, along: svg.Scale, y: float, lane: float) -> Markup:
    kind = "open" if math.isnan(claim.misses) else "miss" if claim.misses else "hit"
    said = f"training seed {claim.seed}: {number(claim.mean, None, SCREEN)}"
    parts = [svg.tag("title", said)]
    if math.isfinite(claim.high - claim.low) and claim.high > claim.low:
        parts.append(svg.line(along(claim.low), y, along(claim.high), y, "claim"))
    radius = min(max(lane * 0.42, 1.4), 3)
    if kind == "miss":
        parts.append(svg.diamond(along(claim.mean), y, radius * 1.3, "dot"))
    else:
        parts.append(svg.tag("circle", cx=along(claim.mean), cy=y, r=radius, class_="dot"))
    return svg.tag("g", *parts, class_=kind, data_seed=str(claim.at))
