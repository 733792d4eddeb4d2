"""Claims of single training seeds: drawn apart where they miss."""

from __future__ import annotations

from tests.report.pictures.drawn import drawings, marks


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
