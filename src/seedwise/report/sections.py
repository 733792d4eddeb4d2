"""What a page is made of: sections with panels, and the templates that write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import jinja2
from markupsafe import Markup

from seedwise.report.grids import Grid

OPEN_PANELS = 4
"""Up to so many panels stand open side by side; of more, the first one is open."""


class Panel(NamedTuple):
    """One picture with its caption and its table."""

    title: str
    subtitle: str
    finding: str
    picture: Markup
    grid: Grid


@dataclass(frozen=True)
class Section:
    """One kind of picture: how to read it, its key, and a panel per task and metric."""

    anchor: str
    title: str
    how: str
    key: Sequence[tuple[str, str]]
    panels: Sequence[Panel]
    most_open: int = OPEN_PANELS

    @property
    def is_folded(self) -> bool:
        """Whether panels are folded away behind their titles."""
        return len(self.panels) > self.most_open


def environment() -> jinja2.Environment:
    """Return the templates; everything written into them is escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
