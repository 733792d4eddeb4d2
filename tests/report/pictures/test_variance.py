"""The variance bars: they fill the whole, or say why there is none."""

from __future__ import annotations

import pytest
from tests.report.pictures.drawn import drawings, marks


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
