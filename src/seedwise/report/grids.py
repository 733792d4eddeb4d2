"""The table beside each picture: the same numbers in words, as headings and rows of text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from seedwise.report.material import Looked
from seedwise.report.nested import NestedPanel, NestedRow
from seedwise.report.numbers import (
    SCREEN,
    estimate,
    number,
    p_value,
    percent,
    percent_range,
    places,
    signed,
)
from seedwise.report.paired import PairedPanel, PairedRow
from seedwise.report.single_seed import SingleSeedPanel, SingleSeedRow
from seedwise.report.variance import VariancePanel, VarianceRow


class Grid(NamedTuple):
    """A table of text: headings, and rows whose first cell names them."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def with_looks(self, looks: Sequence[Looked], written: Sequence[str], after: str) -> Grid:
        """Return the table with the intervals that allow for earlier looks, where there were some.

        Args:
            looks: The looks of each row.
            written: The interval of each row, empty where there is none.
            after: The heading that the new column follows.
        """
        most = max((look.n for look in looks), default=1)
        if most == 1:
            return self
        at = self.head.index(after) + 1
        column = (f"interval for {most} looks", *(text or SCREEN.dash for text in written))
        lines = [
            (*line[:at], cell, *line[at:])
            for line, cell in zip((self.head, *self.rows), column, strict=True)
        ]
        return Grid(lines[0], tuple(lines[1:]))


def nested_grid(panel: NestedPanel) -> Grid:
    """Return mean, interval and the mean of every training seed, by method."""
    seeds = {lane.at: lane.seed for row in panel.rows for lane in row.lanes}
    indices = sorted(seeds)
    head = ("method", "mean", "interval", "df", *(f"seed {seeds[index]}" for index in indices))
    grid = Grid(head, tuple(_nested_row(row, indices) for row in panel.rows))
    wider = [estimate(row.mean, *row.looked[1:], SCREEN).interval for row in panel.rows]
    return grid.with_looks([row.looked for row in panel.rows], wider, "interval")


def _nested_row(row: NestedRow, indices: list[int]) -> tuple[str, ...]:
    means = {lane.at: lane.mean for lane in row.lanes}
    digits = places((row.high - row.low) / 2) if math.isfinite(row.high - row.low) else None
    cells = (number(means.get(index, math.nan), digits, SCREEN) for index in indices)
    interval = row.written.interval or f"{SCREEN.dash} ({row.reason})"
    df = f"{row.df:g}" if math.isfinite(row.df) else SCREEN.dash
    return (row.method, row.written.value, interval, df, *cells)


def variance_grid(panel: VariancePanel) -> Grid:
    """Return shares, ICC and standard deviations, by method."""
    evaluated = ("evaluation seed",) if panel.has_eval else ()
    head = (
        "method",
        "training seed",
        "unlearning seed",
        *evaluated,
        "ICC",
        "sd between training seeds",
        "sd between unlearning seeds",
        "note",
    )
    return Grid(head, tuple(_variance_row(row, has_eval=panel.has_eval) for row in panel.rows))


def _variance_row(row: VarianceRow, *, has_eval: bool) -> tuple[str, ...]:
    evaluated = (percent(row.share_eval, SCREEN),) if has_eval else ()
    icc = f"{percent(row.icc, SCREEN)} {percent_range(row.icc_low, row.icc_high)}".rstrip()
    deviations = (number(value, None, SCREEN) for value in (row.sd_train, row.sd_unlearn))
    shares = (percent(row.share_train, SCREEN), percent(row.share_unlearn, SCREEN))
    return (row.method, *shares, *evaluated, icc, *deviations, row.note)


def paired_grid(panel: PairedPanel) -> Grid:
    """Return differences with both intervals and both p-values."""
    head = (
        "difference",
        "mean",
        "interval",
        "simultaneous interval",
        "df",
        "p",
        "p (Holm)",
        "pairs",
        "pairing",
    )
    rows = (*panel.gaps, *panel.pairs)
    grid = Grid(head, tuple(_paired_row(row) for row in rows))
    wider = [signed(row.diff, *row.looked[1:], SCREEN).interval for row in rows]
    return grid.with_looks([row.looked for row in rows], wider, "simultaneous interval")


def _paired_row(row: PairedRow) -> tuple[str, ...]:
    interval = row.written.interval or f"{SCREEN.dash} ({row.reason})"
    together = signed(row.diff, row.low_sim, row.high_sim, SCREEN).interval or SCREEN.dash
    df = number(row.df, 1 if row.df % 1 else 0, SCREEN)
    tested = (
        p_value(p, SCREEN).removeprefix("p = ").removeprefix("p ") for p in (row.p, row.p_adjusted)
    )
    pairs = f"{row.n_pairs:g}" if row.n_pairs else SCREEN.dash
    name = f"{row.a} {SCREEN.minus} {row.b}"
    return (name, row.written.value, interval, together, df, *tested, pairs, row.pairing)


def single_seed_grid(panel: SingleSeedPanel) -> Grid:
    """Return the claims that miss, the chance of covering, and every claim, by method."""
    seeds = {claim.at: claim.seed for row in panel.rows for claim in row.claims}
    indices = sorted(seeds)
    head = (
        "method",
        "mean over training seeds",
        "claims that miss",
        "chance to cover",
        *(f"seed {seeds[index]} alone" for index in indices),
    )
    return Grid(head, tuple(_single_seed_row(row, indices) for row in panel.rows))


def _single_seed_row(row: SingleSeedRow, indices: list[int]) -> tuple[str, ...]:
    claims = {claim.at: claim for claim in row.claims}
    cells = []
    for index in indices:
        claim = claims.get(index)
        words = estimate(claim.mean, claim.low, claim.high, SCREEN).text if claim else SCREEN.dash
        cells.append(words)
    missed = f"{row.n_missed} of {row.n_judged}" if row.n_judged else SCREEN.dash
    ends = percent_range(row.coverage_low, row.coverage_high) if not row.deterministic else ""
    cover = f"{percent(row.coverage, SCREEN)} {ends}".rstrip()
    return (row.method, row.written.text, missed, cover, *cells)
