"""How an answer is printed: as a table, JSON with every field, CSV or LaTeX."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from seedwise.errors import SeedwiseError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from seedwise.report.answers import Question
    from seedwise.results import Results


def say(
    results: Results, frame: pd.DataFrame, question: Question, style: str, level: float
) -> None:
    """Print an answer of `Results`; what a reader should know goes to stderr beside files.

    Args:
        results: Where it comes from.
        frame: The answer, or some of its rows.
        question: What was asked.
        style: `table`, `json`, `csv` or `latex`.
        level: Confidence level.
    """
    from seedwise.report import answer, latex_answer, print_answer, print_summary, render_table

    is_whole = len(frame) == len(results.summary(level=level))
    if style == "table" and question == "summary" and is_whole:
        print_summary(results, Console(), level=level)
        return
    say_notes(results)
    if style == "table":
        print_answer(answer(frame, question, level), Console())
    elif style == "latex" and question == "summary":
        metrics = list(dict.fromkeys(frame["metric"]))
        typer.echo(render_table(results, "latex", level=level, metrics=metrics))
    elif style == "latex":
        typer.echo(latex_answer(frame, question, level))
    else:
        typer.echo(rendered(frame, style))


def say_notes(results: Results) -> None:
    """Print what a reader should know of the data to stderr."""
    for note in results.notes:
        typer.echo(note, err=True)


def rendered(frame: pd.DataFrame, style: str) -> str:
    """Return a table as JSON (every field; not estimable is null) or CSV."""
    if style == "json":
        from seedwise.interop.tables import json_rows

        return json.dumps(json_rows(frame), indent=1)
    return frame.to_csv(index=False).rstrip("\n")


def require(results: Results, metrics: Sequence[str] | None) -> None:
    """Refuse metrics that do not occur.

    Raises:
        SeedwiseError: If one does not.
    """
    names = {*results.frame()["metric"], *results.ensembles()["metric"]}
    for metric in metrics or []:
        if metric not in names:
            raise SeedwiseError(f"no metric '{metric}' here; {did_you_mean(metric, names)}")


def only(frame: pd.DataFrame, metrics: Sequence[str] | None) -> pd.DataFrame:
    """Return the rows of some metrics; an answer need not have rows of each."""
    return frame[frame["metric"].isin(metrics)] if metrics else frame
