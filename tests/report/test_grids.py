"""The table beside each picture has the picture's numbers."""

import re

import pytest

from seedwise.report.grids import nested_grid, paired_grid, single_seed_grid, variance_grid
from seedwise.report.material import gather
from seedwise.report.nested import nested_info
from seedwise.report.paired import paired_info
from seedwise.report.single_seed import single_seed_info
from seedwise.report.variance import variance_info
from seedwise.results import Results

KINDS = {
    "nested": (nested_info, nested_grid),
    "variance": (variance_info, variance_grid),
    "paired": (paired_info, paired_grid),
    "single_seed": (single_seed_info, single_seed_grid),
}


@pytest.fixture(scope="module")
def tables(results):
    data = gather(results)
    return {
        kind: [(panel, grid(panel)) for panel in info(data).panels]
        for kind, (info, grid) in KINDS.items()
    }


def number(text):
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_has_a_cell_under_every_heading(tables, kind):
    assert len(tables[kind]) > 1
    for _, grid in tables[kind]:
        assert grid.rows
        assert {len(row) for row in grid.rows} == {len(grid.head)}
        assert not any("nan" in cell for row in grid.rows for cell in row)


def test_means_of_seeds_are_those_of_the_lanes(tables):
    panel, grid = tables["nested"][0]
    for row, cells in zip(panel.rows, grid.rows, strict=True):
        assert cells[0] == row.method
        means = [lane.mean for lane in sorted(row.lanes, key=lambda lane: lane.at)]
        assert [number(cell) for cell in cells[4:]] == pytest.approx(means, abs=0.01)


def test_shares_add_up(tables):
    panel, grid = tables["variance"][0]
    for row, cells in zip(panel.rows, grid.rows, strict=True):
        shares = [float(re.match(r"\d+", cell)[0]) for cell in cells[1:3]]
        assert shares[0] == pytest.approx(100 * row.share_train, abs=0.51)
        assert sum(shares) == pytest.approx(100, abs=1)


def test_gaps_stand_before_pairs_with_their_differences(tables):
    panel, grid = tables["paired"][0]
    rows = [*panel.gaps, *panel.pairs]
    assert [cells[0] for cells in grid.rows] == [f"{row.a} − {row.b}" for row in rows]
    for row, cells in zip(rows, grid.rows, strict=True):
        assert number(cells[1]) == pytest.approx(row.diff, abs=0.01)


def test_claims_that_miss_are_counted_of_those_judged(tables):
    panel, grid = tables["single_seed"][0]
    for row, cells in zip(panel.rows, grid.rows, strict=True):
        assert cells[2] == f"{row.n_missed} of {row.n_judged}"


def test_after_earlier_looks_the_wider_interval_stands_beside(results, tables):
    data = gather(Results(results.frame(), metrics=results.metrics, looks=[3]))
    for kind, after in (("nested", "interval"), ("paired", "simultaneous interval")):
        info, make = KINDS[kind]
        for panel, (_, before) in zip(info(data).panels, tables[kind], strict=True):
            grid = make(panel)
            at = grid.head.index(after) + 1
            assert grid.head[at] == "interval for 2 looks"
            assert "interval for" not in " ".join(before.head)
            for row in grid.rows:
                ends, wider = row[grid.head.index("interval")], row[at]
                if re.fullmatch(r"\[.*\]", ends):
                    assert width(wider) > width(ends)


def width(interval):
    low, high = (number(end) for end in interval.strip("[]").split(", "))
    return high - low
