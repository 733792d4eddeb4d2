"""Differences lie on their side of zero."""

from __future__ import annotations

from tests.report.pictures.drawn import drawings, marks, x_of


def test_differences_lie_on_their_side_of_zero(results):
    panel, drawing = drawings(results, "paired")[0]
    zeros = [x_of(line) for line in marks(drawing, "zero")]
    diamonds = [x_of(mark) + 4.5 for mark in marks(drawing, "mean")]
    rows = [*panel.gaps, *panel.pairs]
    for row, x in zip(rows, diamonds, strict=True):
        zero = zeros[0] if row.family == "gap" else zeros[1]
        assert (x > zero) == (row.diff > 0)
