"""What all drawings share: every mark inside, rows in the order of the data, names that fit."""

from __future__ import annotations

import re

import pytest
from tests.report.pictures.drawn import KINDS, drawings

from seedwise.report.pictures import frame as page


@pytest.mark.parametrize("kind", KINDS)
def test_every_mark_lies_inside_the_drawing(results, kind):
    for _, drawing in drawings(results, kind):
        width, height = (float(number) for number in drawing.get("viewBox").split()[2:])
        for element in drawing.iter():
            for key, most in (("cx", width), ("x", width), ("cy", height), ("y", height)):
                assert 0 <= float(element.get(key, 0)) <= most
            for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", element.get("d", "")):
                assert -0.5 <= float(x) <= width
                assert -0.5 <= float(y) <= height


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_named_in_the_order_of_the_data(results, kind):
    panel, drawing = drawings(results, kind)[0]
    names = [
        text.text
        for text in drawing.iter("text")
        if text.get("text-anchor") == "end" and text.get("class") is None
    ]
    if kind == "paired":
        expected = [row.a for row in panel.gaps]
        expected += [f"{row.a} − {row.b}" for row in panel.pairs]
    else:
        expected = [row.method for row in panel.rows]
    assert names == expected


def test_long_names_are_shortened_with_the_whole_name_at_hand():
    columns = page.columns(["x" * 80], [""])
    drawn = str(page.name_of("x" * 80, columns, 10))
    assert f"<title>{'x' * 80}</title>" in drawn
    assert "…" in drawn
