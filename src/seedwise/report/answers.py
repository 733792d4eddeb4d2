"""The tables of `Results` in words: the columns a person reads first, rounded as they deserve.

JSON and CSV carry every column; these are the ones for a terminal or a paper.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import pandas as pd
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from seedwise.report.numbers import (
    LATEX,
    PLAIN,
    Style,
    estimate,
    level_name,
    number,
    p_value,
    percent,
    percent_range,
    signed,
    span,
)
from seedwise.report.tables import latex_escape, latex_table
from seedwise.stats import flags as flag_list

Question = Literal[
    "summary",
    "components",
    "rank",
    "closeness",
    "single-seed",
    "ensembles",
    "robust",
    "failures",
    "labels",
    "compare",
]

Row = Mapping[str, Any]


class Column(NamedTuple):
    """A heading, and how a row of the frame is written under it."""

    title: str
    write: Callable[[Row, Style], str]


@dataclass(frozen=True)
class Answer:
    """A table in words.

    Args:
        title: What it shows.
        head: Headings.
        rows: As many cells each; the first ones name the row.
        flags: Who carries each warning that occurs.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    flags: Mapping[str, tuple[str, ...]]

    def frame(self) -> pd.DataFrame:
        """Return the cells as they are written."""
        return pd.DataFrame(list(self.rows), columns=list(self.head))


def answer(frame: pd.DataFrame, question: Question, level: float, style: Style = PLAIN) -> Answer:
    """Put a table of `Results` in words.

    Args:
        frame: What `Results` returned.
        question: Which method of `Results` returned it.
        level: Confidence level of its intervals.
        style: The signs of the medium.
    """
    title, columns = _LAYOUTS[question]
    counts = {name: float for name, kind in frame.dtypes.items() if isinstance(kind, pd.Int64Dtype)}
    records: list[Any] = frame.astype(counts).to_dict("records")
    several_tasks = frame["task"].nunique() > 1
    shown = [*([_text("task")] if several_tasks else []), *columns]
    return Answer(
        title.format(level=level_name(level), risk=level_name(1 - level)),
        tuple(column.title for column in shown),
        tuple(tuple(column.write(row, style) for column in shown) for row in records),
        _warnings(records),
    )


def print_answer(found: Answer, console: Console) -> None:
    """Print a table, then the meaning of every warning and whom it concerns.

    A line that is wider than the console is left to the terminal to wrap: numbers are never cut.
    """
    console.print(Text(found.title, style="bold"))
    for line in _aligned(found):
        console.print(Text(line), soft_wrap=True)
    if not found.rows:
        console.print("nothing to show")
    for code, who in found.flags.items():
        meaning = flag_list.FLAGS[code].meaning
        console.print(Text(f"! {code} ({', '.join(who)}): {meaning}", style="yellow"))


def _aligned(found: Answer) -> Iterator[str]:
    """Yield head and rows, names to the left and numbers to the right."""
    columns = list(zip(found.head, *found.rows, strict=True))
    widths = [max(cell_len(cell) for cell in column) for column in columns]
    numeric = [any(cell[:1] in "+-.0123456789" for cell in column[1:]) for column in columns]
    for row in (found.head, *found.rows):
        cells = []
        for cell, width, is_right in zip(row, widths, numeric, strict=True):
            blank = " " * (width - cell_len(cell))
            cells.append(blank + cell if is_right else cell + blank)
        yield "  ".join(cells).rstrip()


def latex_answer(frame: pd.DataFrame, question: Question, level: float) -> str:
    """Return a table of `Results` as LaTeX with booktabs, flags as a sentence in the caption."""
    found = answer(frame, question, level, LATEX)
    noted = "; ".join(f"{code}: {', '.join(who)}" for code, who in found.flags.items())
    caption = f"{found.title}." + (f" Flags: {noted}." if noted else "")
    return latex_table(found.head, found.rows, caption)


def _warnings(records: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    carried: dict[str, dict[str, None]] = {}
    for row in records:
        who = row["method"] if "method" in row else f"{row['a']} - {row['b']}"
        for code in flag_list.split(row.get("flags", "")):
            if flag_list.FLAGS[code].kind == "warning":
                carried.setdefault(code, {})[who] = None
    return {code: tuple(carried[code]) for code in flag_list.ordered(carried)}


def _text(name: str, title: str | None = None) -> Column:
    def write(row: Row, style: Style) -> str:
        said = style.dash if pd.isna(row[name]) else str(row[name])
        return latex_escape(said) if style == LATEX else said

    return Column(title or name, write)


def _number(name: str, title: str) -> Column:
    return Column(title, lambda row, style: number(row[name], None, style))


def _count(name: str, title: str) -> Column:
    return Column(
        title, lambda row, style: f"{row[name]:g}" if math.isfinite(row[name]) else style.dash
    )


def _estimate(name: str, low: str, high: str, title: str) -> Column:
    return Column(title, lambda row, style: estimate(row[name], row[low], row[high], style).text)


def _share(name: str, title: str) -> Column:
    """Write a share in per cent, with its limits where there are any."""

    def write(row: Row, style: Style) -> str:
        ends = [row.get(f"{name}_{end}", math.nan) for end in ("low", "high")]
        said = f"{percent(row[name], style)} {percent_range(*ends)}".rstrip()
        return said.replace("%", r"\%") if style == LATEX else said

    return Column(title, write)


def _p(name: str, title: str) -> Column:
    def write(row: Row, style: Style) -> str:
        said = p_value(row[name], style).removeprefix("p = ").removeprefix("p ")
        return said.replace("<", "$<$") if style == LATEX else said

    return Column(title, write)


def _limits(row: Row, style: Style) -> str:
    if not math.isfinite(row["high"]):
        return style.dash
    return f"[{number(row['low'], None, style)}, {number(row['high'], None, style)}]"


def _ends(low: str, high: str) -> Callable[[Row, Style], str]:
    def write(row: Row, style: Style) -> str:
        return estimate(row["mean"], row[low], row[high], style).interval or style.dash

    return write


def _percent_of_total(row: Row, style: Style) -> str:
    said = percent(row["percent"] / 100, style)
    return said.replace("%", r"\%") if style == LATEX else said


def _runs(row: Row, style: Style) -> str:
    most = row["n_unlearning_seeds_max"]
    return span(int(row["n_unlearning_seeds_min"]), int(most)) if most else style.dash


def _difference(row: Row, style: Style) -> str:
    return signed(row["diff"], row["ci_low"], row["ci_high"], style).text


def _ranks(row: Row, style: Style) -> str:
    if not math.isfinite(row["rank"]):
        return style.dash
    return span(int(row["rank_low"]), int(row["rank_high"]))


def _yes(name: str, title: str) -> Column:
    words = {True: "yes", False: "no"}
    return Column(title, lambda row, style: words.get(row[name], style.dash))


def _simultaneous(row: Row, style: Style) -> str:
    return signed(row["diff"], row["ci_low_sim"], row["ci_high_sim"], style).interval or style.dash


_LAYOUTS: Mapping[Question, tuple[str, tuple[Column, ...]]] = {
    "summary": (
        "Mean over training seeds [{level} interval]",
        (
            _text("metric"),
            _text("method"),
            _estimate("mean", "ci_low", "ci_high", "mean"),
            _count("n_training_seeds", "I"),
            Column("J", _runs),
            _number("sd_train", "sd training"),
            _number("sd_unlearn", "sd unlearning"),
            _share("icc", "share of training seed"),
        ),
    ),
    "components": (
        "Variance components by REML [{level} limits, normal theory unless named otherwise]",
        (
            _text("metric"),
            _text("method"),
            _text("level"),
            _count("df", "df"),
            _number("ss", "SS"),
            _number("ms", "MS"),
            _number("component", "component"),
            Column("of total", _percent_of_total),
            _number("sd", "sd"),
            Column("limits", _limits),
            _text("kind"),
        ),
    ),
    "single-seed": (
        "What one training seed would have claimed ({level} intervals over its runs)",
        (
            _text("metric"),
            _text("method"),
            _count("runs", "J"),
            _share("icc_run", "share of training seed"),
            _share("coverage", "covers the mean in"),
            _share("miss_share", "missed here"),
            _count("n_naive_significant", "significant pairs"),
            _share("sign_reversal_share", "with false sign"),
        ),
    ),
    "ensembles": (
        "Ensemble metrics beside the same models with their labels exchanged, one run per seed",
        (
            _text("metric"),
            _text("method"),
            _count("n_training_seeds", "I"),
            _number("value", "value"),
            _number("null_mean", "null"),
            _number("null_sd", "its sd"),
            _number("null_low", "least"),
            _number("null_high", "greatest"),
            _count("n_above_null", "value above null"),
            _count("n_draws", "of draws"),
        ),
    ),
    "rank": (
        "Ranks that the comparisons allow (Holm, error rate {risk} within a metric)",
        (
            _text("metric"),
            _text("method"),
            _text("direction"),
            _number("mean", "mean"),
            _number("gap", "gap to reference"),
            Column("rank", _ranks),
            _yes("in_best_set", "in best set"),
            _share("p_best", "best in resamples"),
            _count("n_better", "worse than"),
            _count("n_worse", "better than"),
        ),
    ),
    "closeness": (
        "Closeness to the retrained models [{level} interval]",
        (
            _text("metric"),
            _text("method"),
            Column("gap", _difference),
            _number("smallest_margin", "smallest margin"),
            _number("margin", "margin"),
            _p("p_equivalence", "p"),
            _yes("equivalent", "equivalent"),
            _estimate("typical_gap", "typical_gap_low", "typical_gap_high", "typical gap"),
            _estimate("floor", "floor_low", "floor_high", "its floor"),
            _number("sd_ratio", "sd ratio"),
            _share("share_outside", "outside references"),
            _text("pairing"),
        ),
    ),
    "robust": (
        "Other summaries of the same runs [{level} interval]",
        (
            _text("metric"),
            _text("method"),
            _count("n_training_seeds", "I"),
            _estimate("mean", "ci_low", "ci_high", "mean, t"),
            Column("bootstrap-t", _ends("bootstrap_low", "bootstrap_high")),
            Column("Gaffke bound", _ends("bound_low", "bound_high")),
            _estimate("iqm", "iqm_low", "iqm_high", "IQM"),
            _estimate("median", "median_low", "median_high", "median"),
            _estimate("gls", "gls_low", "gls_high", "GLS mean"),
            _share("icc", "share of training seed, jackknife"),
        ),
    ),
    "labels": (
        "Do equal unlearning seeds mean equal things? F test of their effect over training seeds",
        (
            _text("metric"),
            _text("method"),
            _number("f", "F"),
            _count("df1", "df"),
            _count("df2", "df of interaction"),
            _p("p", "p"),
            _share("share", "share of the label"),
        ),
    ),
    "failures": (
        "Training seeds that failed, and the share of them that may [{level} upper limit]",
        (
            _text("method"),
            _count("n_training_seeds", "I"),
            _count("n_failed_training_seeds", "failed"),
            _share("share", "share"),
            _share("share_high", "at most"),
        ),
    ),
    "compare": (
        "Differences of means over training seeds [{level} interval], p adjusted by Holm",
        (
            _text("metric"),
            _text("a"),
            _text("b"),
            Column("a - b", _difference),
            Column("simultaneous", _simultaneous),
            _p("p", "p"),
            _p("p_adjusted", "adjusted"),
            _number("mean_a", "mean a"),
            _number("mean_b", "mean b"),
            _text("pairing"),
            _count("n_pairs", "pairs"),
        ),
    ),
}
