"""Draws half-width over I x J (or P x I): cells, the budget frontier, the chosen designs."""

from __future__ import annotations

import math

import numpy as np
from markupsafe import Markup

from seedwise.report import svg
from seedwise.report.numbers import SCREEN, number
from seedwise.report.pictures import frame
from seedwise.report.planner import Mark, PlannerPanel

ROW = 24.0
_LEFT = 76.0
_HEAD = 38.0
_DARKEST, _LIGHTEST = 0.5, 0.04
_OUTLINES = {"plug-in": "chosen", "assured": "assured"}


def draw(panel: PlannerPanel) -> Markup:
    """Return the picture of a plan."""
    width = (frame.WIDTH - _LEFT) / len(panel.columns)
    rows_of, columns_of = panel.axes
    bottom = _HEAD + ROW * len(panel.rows)
    columns = [
        svg.text(str(j), _LEFT + width * (x + 0.5), _HEAD - 6, "tick", anchor="middle")
        for x, j in enumerate(panel.columns)
    ]
    rows = [
        svg.text(
            f"{rows_of.letter} = {i}", _LEFT - 8, _HEAD + ROW * (y + 0.5) + 4, "tick", anchor="end"
        )
        for y, i in enumerate(panel.rows)
    ]
    return svg.figure(
        frame.WIDTH,
        bottom + 6,
        f"Half-width of {panel.title} by {rows_of.words} and {columns_of.words}",
        panel.finding,
        svg.text(f"{columns_of.letter}, {columns_of.words}", _LEFT, 14, "tick"),
        *columns,
        *rows,
        *_cells(panel, width),
        _frontier(panel, width),
        *(_mark(panel, mark, width) for mark in reversed(panel.marks)),
    )


def _cells(panel: PlannerPanel, width: float) -> list[Markup]:
    """Return the cells: the darker the narrower, numbers of those that meet the target bold."""
    widths = panel.half_widths
    usable = widths[np.isfinite(widths) & (widths > 0)]
    low, high = (math.log(end) for end in (usable.min(), usable.max())) if usable.size else (0, 1)
    found = []
    for y in range(len(panel.rows)):
        for x in range(len(panel.columns)):
            value = float(widths[y, x])
            share = (high - math.log(value)) / (high - low) if value > 0 and high > low else 1.0
            shade = _LIGHTEST + (_DARKEST - _LIGHTEST) * share
            left, top = _LEFT + width * x, _HEAD + ROW * y
            found.append(
                svg.tag(
                    "rect",
                    x=left,
                    y=top,
                    width=width,
                    height=ROW,
                    class_="share-train",
                    fill_opacity=f"{shade:.2f}",
                )
            )
            style = "heading" if value <= panel.target * (1 + 1e-9) else "num"
            words = number(value, None, SCREEN)
            found.append(svg.text(words, left + width / 2, top + ROW / 2 + 4, style, "middle"))
    return found


def _frontier(panel: PlannerPanel, width: float) -> Markup:
    """Return the staircase between what the budget buys and what it does not."""
    affordable = (panel.costs <= panel.budget * (1 + 1e-9)).sum(axis=1)
    x = [_LEFT + width * int(n) for n in affordable]
    moves = [f"M{svg.coordinate(x[0])} {svg.coordinate(_HEAD)}"]
    for y, place in enumerate(x):
        top = _HEAD + ROW * y
        moves.append(f"L{svg.coordinate(place)} {svg.coordinate(top)}")
        moves.append(f"L{svg.coordinate(place)} {svg.coordinate(top + ROW)}")
    return svg.tag("path", d="".join(moves), class_="frontier")


def _mark(panel: PlannerPanel, mark: Mark, width: float) -> Markup:
    x, y = panel.columns.index(mark.column), panel.rows.index(mark.row)
    letters = [axis.letter for axis in panel.axes]
    outline = svg.tag(
        "rect",
        svg.tag("title", f"{mark.name}: {letters[0]} = {mark.row}, {letters[1]} = {mark.column}"),
        x=_LEFT + width * x + 1.5,
        y=_HEAD + ROW * y + 1.5,
        width=width - 3,
        height=ROW - 3,
        class_=_OUTLINES.get(mark.name, "open"),
    )
    return outline
