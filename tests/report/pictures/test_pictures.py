"""The drawings: well-formed, in the order of the data, and every mark at its value."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from seedwise.report.material import gather
from seedwise.report.nested import nested_info
from seedwise.report.paired import paired_info
from seedwise.report.pictures import frame as page
from seedwise.report.pictures import nested, paired, single_seed, variance
from seedwise.report.single_seed import single_seed_info
from seedwise.report.variance import variance_info

KINDS = {
    "nested": (nested_info, nested.draw),
    "variance": (variance_info, variance.draw),
    "paired": (paired_info, paired.draw),
    "single_seed": (single_seed_info, single_seed.draw),
}


def drawings(results, kind: str):
    info, draw = KINDS[kind]
    panels = info(gather(results)).panels
    return [(panel, ElementTree.fromstring(str(draw(panel)))) for panel in panels]


def marks(drawing, class_: str):
    return [element for element in drawing.iter() if element.get("class") == class_]


def x_of(element) -> float:
    return float(re.match(r"M(-?[\d.]+)", element.get("d")).group(1))


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


def test_nested_marks_are_ordered_as_their_values(results):
    panel, drawing = drawings(results, "nested")[0]
    lanes = [lane for row in panel.rows for lane in row.lanes]
    circles = marks(drawing, "seed")
    assert len(circles) == len(lanes)
    by_value = sorted(range(len(lanes)), key=lambda place: lanes[place].mean)
    xs = [float(circles[place].get("cx")) for place in by_value]
    assert xs == sorted(xs)


def test_nested_axis_does_not_start_at_zero(results):
    panel, drawing = drawings(results, "nested")[1]
    ticks = [text.text for text in drawing.iter("text") if text.get("class") == "tick"]
    assert panel.title == "accuracy/retain"
    assert all(0.9 < float(tick) < 1 for tick in ticks)


def test_a_row_off_the_axis_has_numbers_but_no_marks(results):
    panel, drawing = drawings(results, "nested")[3]
    assert panel.title == "loss/forget"
    on_axis = [row for row in panel.rows if row.on_axis]
    assert len(marks(drawing, "mean")) == len(on_axis) == 6
    words = [text.text for text in drawing.iter("text")]
    assert "27 [17, 37]" in words
    assert "off the axis →" in words


def test_variance_bars_fill_the_whole(results):
    panel, drawing = drawings(results, "variance")[0]
    widths = sum(
        float(bar.get("width"))
        for kind in ("train", "unlearn")
        for bar in marks(drawing, f"share-{kind}")
    )
    train = marks(drawing, "share-train")
    full = max(float(bar.get("width")) for bar in train)
    assert widths == pytest.approx(len(panel.rows) * full, abs=1)


def test_variance_without_a_split_says_why(make_results, make_frame):
    _, drawing = drawings(make_results(make_frame(unlearning=1)), "variance")[0]
    assert marks(drawing, "share-train") == []
    assert any("J = 1" in (text.text or "") for text in drawing.iter("text"))


def test_differences_lie_on_their_side_of_zero(results):
    panel, drawing = drawings(results, "paired")[0]
    zeros = [x_of(line) for line in marks(drawing, "zero")]
    diamonds = [x_of(mark) + 4.5 for mark in marks(drawing, "mean")]
    rows = [*panel.gaps, *panel.pairs]
    for row, x in zip(rows, diamonds, strict=True):
        zero = zeros[0] if row.family == "gap" else zeros[1]
        assert (x > zero) == (row.diff > 0)


def test_claims_that_miss_are_drawn_apart(results):
    panel, drawing = drawings(results, "single_seed")[0]
    claims = [claim for row in panel.rows for claim in row.claims]
    assert len(marks(drawing, "miss")) == sum(claim.misses == 1 for claim in claims)
    assert len(marks(drawing, "hit")) == sum(claim.misses == 0 for claim in claims)


def test_seeds_carry_their_number_for_highlighting(results):
    panel, drawing = drawings(results, "single_seed")[0]
    seeds = [element.get("data-seed") for element in drawing.iter() if element.get("data-seed")]
    assert len(seeds) == sum(len(row.claims) for row in panel.rows)
    assert set(seeds) == {str(index) for index in range(10)}


def test_long_names_are_shortened_with_the_whole_name_at_hand():
    columns = page.columns(["x" * 80], [""])
    drawn = str(page.name_of("x" * 80, columns, 10))
    assert f"<title>{'x' * 80}</title>" in drawn
    assert "…" in drawn
