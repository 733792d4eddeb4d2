"""The nested seed picture: every mark at its value."""

from __future__ import annotations

from tests.report.pictures.drawn import drawings, marks


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
