"""A small set of inline-SVG primitives: escaped tags, scales, ticks, axes, text that fits.

Everything returns `Markup` made by `tag`, so whatever a study is called cannot become code.
Colours are classes; the page's style sheet gives them their light and dark values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from seedwise.report.numbers import SCREEN, number

TEXT = 12
"""Font size of labels, in pixels of the drawing."""

Attribute = str | float | None


def tag(name: str, *children: str, **attributes: Attribute) -> Markup:
    """Return one element, everything in it escaped that is not markup already.

    Args:
        name: Name of the element.
        children: Text or markup.
        attributes: `data_seed` becomes `data-seed`, `class_` becomes `class`; None is left out;
            numbers are rounded to a tenth of a pixel.

    Example:
        >>> str(tag("text", "<ssd>", x=1.25, class_="label"))
        '<text x="1.2" class="label">&lt;ssd&gt;</text>'
    """
    written = (
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _attribute(value))
        for key, value in attributes.items()
        if value is not None
    )
    head = Markup("<") + name + Markup("").join(written)
    if not children:
        return head + Markup("/>")
    return head + Markup(">") + join(children) + Markup("</") + name + Markup(">")


def join(parts: Iterable[str]) -> Markup:
    """Return parts one after the other, escaped where they are plain text."""
    return Markup("").join(parts)


def _attribute(value: Attribute) -> str:
    if isinstance(value, str):
        return escape(value)
    return coordinate(float(value or 0))


def coordinate(value: float) -> str:
    """Write a coordinate, rounded to a tenth of a pixel.

    Example:
        >>> coordinate(12.04), coordinate(-0.01), coordinate(3.55)
        ('12', '0', '3.5')
    """
    return f"{round(value, 1) + 0.0:g}" if abs(value) < 1e5 else f"{value:.0f}"


def figure(width: float, height: float, title: str, description: str, *parts: str) -> Markup:
    """Return an accessible drawing: a title and a description that a screen reader speaks."""
    return tag(
        "svg",
        tag("title", title),
        tag("desc", description),
        *parts,
        role="img",
        aria_label=f"{title}. {description}",
        viewBox=f"0 0 {coordinate(width)} {coordinate(height)}",
        width=width,
        height=height,
    )


class Scale(NamedTuple):
    """A linear map from values to pixels."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value; beyond the ends it is held at the end.

        Example:
            >>> Scale(0.0, 2.0, 100.0, 200.0)(0.5), Scale(0.0, 2.0, 100.0, 200.0)(9.0)
            (125.0, 200.0)
        """
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.stop - self.start)


def scale(low: float, high: float, start: float, stop: float) -> Scale:
    """Return a scale with a little room at both ends, also where all values are equal."""
    width, size = high - low, max(abs(low), abs(high))
    if not width > 1e-12 * max(size, 1e-280):
        width = size if size > 1e-280 else 1.0
    return Scale(low - 0.04 * width, high + 0.04 * width, start, stop)


def ticks(low: float, high: float, count: int = 7) -> tuple[float, ...]:
    """Return round numbers inside a range: steps of 1, 2 or 5 times a power of ten.

    Example:
        >>> ticks(0.12, 0.93)
        (0.2, 0.4, 0.6, 0.8)
        >>> ticks(0.31, 0.93)
        (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    """
    raw = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    decimals = max(0, -math.floor(math.log10(step)))
    return tuple(round(index * step, decimals) for index in range(first, last + 1))


def axis(along: Scale, top: float, bottom: float, *, percent: bool = False) -> Markup:
    """Return grid lines and tick labels of a horizontal axis that is not forced through zero."""
    marks = ticks(along.low, along.high)
    step = marks[1] - marks[0] if len(marks) > 1 else abs(marks[0] if marks else 1) or 1.0
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    parts = []
    for mark in marks:
        x = along(mark)
        label = "0" if mark == 0 else number(mark, decimals, SCREEN)
        label = f"{mark * 100:.0f} %" if percent else label
        parts.append(line(x, top, x, bottom, "grid"))
        parts.append(text(label, x, bottom + TEXT + 3, "tick", anchor="middle"))
    return join(parts)


def line(
    x1: float, y1: float, x2: float, y2: float, class_: str, seed: int | None = None
) -> Markup:
    """Return a straight line; `seed` is the index of the training seed it belongs to."""
    d = f"M{coordinate(x1)} {coordinate(y1)}L{coordinate(x2)} {coordinate(y2)}"
    return tag("path", d=d, class_=class_, data_seed=_seed(seed))


def _seed(seed: int | None) -> str | None:
    return None if seed is None else str(seed)


def text(
    words: str, x: float, y: float, class_: str | None = None, anchor: str | None = None
) -> Markup:
    """Return a line of text; `anchor` is start, middle or end."""
    return tag("text", words, x=x, y=y, class_=class_, text_anchor=anchor)


def dots(points: Sequence[tuple[float, float]], class_: str, seed: int | None = None) -> Markup:
    """Return many equal dots as ONE path of zero-length strokes with round caps.

    A circle per run would make a page of 60,000 runs five times as large.
    """
    moves = "".join(f"M{coordinate(x)} {coordinate(y)}h0" for x, y in points)
    return tag("path", d=moves, class_=class_, data_seed=_seed(seed))


def diamond(x: float, y: float, radius: float, class_: str) -> Markup:
    """Return a diamond around a point."""
    r = coordinate(radius)
    d = f"M{coordinate(x - radius)} {coordinate(y)}l{r} -{r}l{r} {r}l-{r} {r}z"
    return tag("path", d=d, class_=class_)


def width_of(words: str, size: float = TEXT) -> float:
    """Return about how wide a text will be, in pixels: fonts differ, so this errs upwards.

    Example:
        >>> width_of("iii") < width_of("mmm")
        True
    """
    narrow = sum(character in "iljtf.,:;'|![] " for character in words)
    wide = sum(character in "mwMW@%" for character in words)
    return size * (0.64 * (len(words) - narrow - wide) + 0.38 * narrow + 0.92 * wide)


def fit(words: str, room: float, size: float = TEXT) -> str:
    """Return a text shortened to a width, with an ellipsis in its middle.

    Example:
        >>> fit("neg-grad-plus", 200), fit("neg-grad-plus", 50)
        ('neg-grad-plus', 'neg…us')
    """
    if width_of(words, size) <= room:
        return words
    for keep in range(len(words) - 1, 2, -1):
        short = words[: (keep + 1) // 2] + "…" + words[len(words) - keep // 2 :]
        if width_of(short, size) <= room:
            return short
    return words[:1] + "…"
