from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedwise.report import svg


def test_text_and_attributes_are_escaped():
    drawn = svg.tag("text", "<script>", x=1, class_='a"b')
    element = ElementTree.fromstring(str(drawn))
    assert element.text == "<script>"
    assert element.attrib == {"x": "1", "class": 'a"b'}


def test_a_figure_speaks_its_title_and_description():
    element = ElementTree.fromstring(str(svg.figure(10, 10, "T & t", "d")))
    assert element.attrib["role"] == "img"
    assert element.attrib["aria-label"] == "T & t. d"
    assert [child.text for child in element] == ["T & t", "d"]


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_inside_even_and_few(low, width):
    marks = svg.ticks(low, low + width)
    assert 2 <= len(marks) <= 8
    slack = 1e-6 * width + 1e-12 * abs(low)  # a narrow range far from zero has few digits left
    assert all(low - slack <= mark <= low + width + slack for mark in marks)
    steps = [after - before for before, after in pairwise(marks)]
    assert max(steps) - min(steps) <= 1e-3 * max(steps)


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_scale_keeps_order_and_its_ends(low, width):
    along = svg.scale(low, low + width, 100, 300)
    assert 100 <= along(low) <= along(low + width) <= 300


@given(st.text(max_size=60), st.floats(20, 300))
def test_shortened_text_fits(words, room):
    short = svg.fit(words, room)
    assert svg.width_of(short) <= room or len(short) <= 2


def test_dots_are_one_path():
    drawn = svg.dots([(1, 2), (3, 4)], "run", 5)
    assert str(drawn) == '<path d="M1 2h0M3 4h0" class="run" data-seed="5"/>'


@pytest.mark.parametrize("value", [-0.04, 0.0, 0.04])
def test_no_negative_zero_in_coordinates(value):
    assert svg.coordinate(value) == "0"
