"""The summary in a terminal: one table of estimates, then what a reader should know."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from seedwise.report.material import gather
from seedwise.report.numbers import PLAIN, level_name, percent
from seedwise.report.overview import MethodLine, OverviewInfo, overview_info
from seedwise.report.single_seed import single_seed_info
from seedwise.report.variance import variance_info
from seedwise.results import Results

_COUNTED = ("failed_cells", "missing_cells")
"""Flags that the checks state with their numbers."""

GAP = 2
"""Blanks between two columns."""


def print_summary(results: Results, console: Console, *, level: float = 0.95) -> None:
    """Print the estimates of all methods and metrics, then one line per method, then warnings.

    Plain text where the console is not a terminal; split into several tables where it is narrow.

    Args:
        results: The study's results.
        console: Where to print.
        level: Confidence level of all intervals.
    """
    material = gather(results, level=level)
    info = overview_info(material, variance_info(material), single_seed_info(material))
    title = f"Mean over training seeds [{level_name(level)} interval]"
    console.print(Text(title, style="bold"))
    for table in summary_tables(info, console.width):
        console.print(table)
        console.print()
    shares = _method_table(info)
    if shares.row_count:
        heading = "Share of the training seed in the variance of a run (median over metrics)"
        console.print(Text(heading, style="bold"))
        console.print(shares)
        console.print()
    for line in _remarks(info):
        console.print(line)


def summary_tables(info: OverviewInfo, width: int) -> list[Table]:
    """Return the table of estimates, split by columns so that each part fits a width."""
    names = ["method", *(line.method for line in info.lines)]
    columns = [
        [title, *_column(info, place)]
        for title, place in zip(info.titles, range(len(info.places)), strict=True)
    ]
    first = max(cell_len(name) for name in names)
    return [_table(names, part) for part in _parts(columns, width - first)]


def _column(info: OverviewInfo, place: int) -> list[str]:
    cells = []
    for line in info.lines:
        entry = line.at(info.places[place])
        cells.append(entry.written(PLAIN).text if entry else PLAIN.dash)
    return cells


def _parts(columns: Sequence[list[str]], room: int) -> Iterable[list[list[str]]]:
    part: list[list[str]] = []
    left = room
    for column in columns:
        need = max(cell_len(cell) for cell in column) + GAP
        if part and need > left:
            yield part
            part, left = [], room
        part.append(column)
        left -= need
    if part:
        yield part


def _table(names: Sequence[str], columns: Sequence[list[str]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    table.add_column(Text(names[0]), overflow="fold")
    for column in columns:
        table.add_column(Text(column[0]), justify="right", overflow="fold")
    for index, name in enumerate(names[1:], 1):
        table.add_row(Text(name), *(Text(column[index]) for column in columns))
    return table


def _method_table(info: OverviewInfo) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), show_header=False)
    for line in info.lines:
        if line.n_unlearning_seeds[1] > 0:
            table.add_row(Text(line.method), Text(_share(line)), Text(line.design))
    return table


def _share(line: MethodLine) -> str:
    if "deterministic" in line.flags:
        return "all (deterministic)"
    if not math.isfinite(line.share_train):
        return "not estimable"
    return percent(line.share_train)


def _remarks(info: OverviewInfo) -> Iterable[Text]:
    for finding in info.findings:
        yield Text(finding)
    for check in info.checks:
        yield Text(f"! {check}", style="yellow")
    for code, flag in info.flags.items():
        if flag.kind == "warning" and code not in _COUNTED:
            methods = ", ".join(line.method for line in info.lines if code in line.flags)
            yield Text(f"! {code} ({methods}): {flag.meaning}", style="yellow")
    for note in info.notes:
        yield Text(note, style="dim")
