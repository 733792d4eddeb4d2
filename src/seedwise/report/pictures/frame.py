"""What the pictures share: columns for names, drawing and numbers, and rows below each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from seedwise.report import svg

WIDTH = 720
TOP = 6
AXIS = 26
"""Room for the tick labels below the rows."""


class Columns(NamedTuple):
    """Left end of the drawing, its right end, and where the numbers start."""

    left: float
    right: float
    numbers: float


def columns(names: Sequence[str], numbers: Sequence[str]) -> Columns:
    """Divide the width: names on the left, numbers on the right, neither beyond its share."""
    left = min(max((svg.width_of(name) for name in names), default=0) + 12, WIDTH * 0.36)
    right = max((svg.width_of(words) for words in numbers), default=0) + 12
    right = min(right, WIDTH * 0.4)
    return Columns(left, WIDTH - right - 6, WIDTH - right + 4)


def name_of(words: str, columns: Columns, y: float) -> Markup:
    """Return a row's name, shortened to its column; the full name is its tooltip."""
    short = svg.fit(words, columns.left - 10)
    extra = svg.tag("title", words) if short != words else ""
    return svg.tag("text", short, extra, x=columns.left - 8, y=y + 4, text_anchor="end")


def numbers_of(words: str, columns: Columns, y: float, class_: str = "num") -> Markup:
    """Return a row's numbers, at the right."""
    return svg.text(words, columns.numbers, y + 4, class_)


def stripe(index: int, y: float, height: float) -> Markup:
    """Return the background that tells every other row from its neighbours."""
    if index % 2:
        return Markup("")
    return svg.tag("rect", x=0, y=y, width=WIDTH, height=height, class_="stripe")


def mean_mark(low: float, high: float, mean: float, y: float) -> Markup:
    """Return a diamond with its interval (pixels); NaN ends draw none."""
    bar = svg.line(low, y, high, y, "ci") if low == low and high == high else Markup("")
    return bar + svg.diamond(mean, y, 5, "mean")


def beyond(columns: Columns, y: float, *, is_right: bool) -> Markup:
    """Return the note at the edge of the drawing for a row that does not fit on the axis."""
    x = columns.right - 4 if is_right else columns.left + 4
    words = "off the axis →" if is_right else "← off the axis"
    return svg.text(words, x, y + 4, "why", anchor="end" if is_right else "start")
