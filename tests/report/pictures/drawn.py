"""The drawings of some results, as XML, and the marks in them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from seedwise.report.material import gather
from seedwise.report.nested import nested_info
from seedwise.report.paired import paired_info
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
