"""Tables for a paper: LaTeX with booktabs, Markdown, and CSV with every digit and column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import pandas as pd

from seedwise.errors import TableError, did_you_mean
from seedwise.report.material import Material, Place, gather
from seedwise.report.numbers import LATEX, PLAIN, SCREEN, Style, estimate, level_name, span
from seedwise.results import Results

Format = Literal["latex", "markdown", "csv"]
FORMATS: tuple[Format, ...] = ("latex", "markdown", "csv")

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}


class PaperTable(NamedTuple):
    """One task's table in words: headings, rows (method first), and a caption."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str


def render_table(
    results: Results,
    format: Format,
    *,
    level: float = 0.95,
    metrics: Sequence[str] | None = None,
) -> str:
    """Return the summary as text to paste or save.

    Args:
        results: The study's results.
        format: `latex` and `markdown` have methods as rows and metrics as columns, one table per
            task, and a caption that states I, J, df and the kind of interval; `csv` is
            `Results.summary()` with full precision.
        level: Confidence level of all intervals.
        metrics: Which metrics, in which order; None for all.

    Raises:
        TableError: If the format or a metric is not known.
    """
    if format not in FORMATS:
        raise TableError(f"no table format '{format}'; {did_you_mean(format, FORMATS)}")
    material = gather(results, level=level)
    chosen = _chosen(material, metrics)
    if format == "csv":
        return _csv(material.summary, chosen)
    style = LATEX if format == "latex" else SCREEN
    render = _latex if format == "latex" else _markdown
    tables = [render(paper_table(material, task, chosen, style=style)) for task in material.tasks]
    return "\n".join(tables)


def paper_table(
    material: Material, task: str, metrics: Sequence[str], *, style: Style = PLAIN
) -> PaperTable:
    """Return the table of one task: a row per method, an estimate per metric."""
    places = [place for metric in metrics if (place := Place(task, metric)) in material.places]
    methods = [
        method
        for method in material.methods
        if any(material.row(place, method) is not None for place in places)
    ]
    rows = tuple(
        (method, *(_cell(material, place, method, style) for place in places)) for method in methods
    )
    head = ("method", *(place.metric for place in places))
    return PaperTable(head, rows, _caption(material, task, places))


def latex_escape(text: str) -> str:
    r"""Return text that LaTeX prints as it is.

    Example:
        >>> latex_escape("js_to_reference & 5 %")
        'js\\_to\\_reference \\& 5 \\%'
    """
    return "".join(_SPECIAL.get(character, character) for character in text)


def latex_table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """Return a table with booktabs.

    Args:
        head: Headings, escaped here.
        rows: Cells as LaTeX.
        caption: Caption, escaped here.
    """
    lines = [
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{latex_escape(caption)}}}",
        rf"  \begin{{tabular}}{{l{'r' * (len(head) - 1)}}}",
        r"    \toprule",
        f"    {' & '.join(latex_escape(cell) for cell in head)} \\\\",
        r"    \midrule",
        *(f"    {' & '.join(row)} \\\\" for row in rows),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
        "",
    ]
    return "\n".join(lines)


def _chosen(material: Material, metrics: Sequence[str] | None) -> list[str]:
    known = list(dict.fromkeys(place.metric for place in material.places))
    for metric in metrics or ():
        if metric not in known:
            raise TableError(f"no metric '{metric}' in the results; {did_you_mean(metric, known)}")
    return list(metrics) if metrics else known


def _csv(summary: pd.DataFrame, metrics: Sequence[str]) -> str:
    kept = summary[summary["metric"].isin(metrics)]
    rank = kept["metric"].map({metric: place for place, metric in enumerate(metrics)})
    ordered = kept.assign(_rank=rank).sort_values(["task", "_rank"], kind="stable")
    return str(ordered.drop(columns="_rank").to_csv(index=False, lineterminator="\n"))


def _cell(material: Material, place: Place, method: str, style: Style) -> str:
    row = material.row(place, method)
    if row is None:
        return style.dash
    return estimate(row["mean"], row["ci_low"], row["ci_high"], style).text


def _caption(material: Material, task: str, places: Sequence[Place]) -> str:
    rows = [
        row
        for place in places
        for method in material.methods
        if (row := material.row(place, method)) is not None
    ]
    training = [int(row["n_training_seeds"]) for row in rows]
    runs = [
        int(row[name])
        for row in rows
        for name in ("n_unlearning_seeds_min", "n_unlearning_seeds_max")
        if row["n_unlearning_seeds_max"] > 0
    ]
    degrees = [int(row["df"]) for row in rows if math.isfinite(row["df"])]
    said = [f"I = {span(min(training), max(training))} training seeds"]
    if runs:
        said.append(f"J = {span(min(runs), max(runs))} unlearning seeds on each")
    subject = f"{task}: mean" if task and len(material.tasks) > 1 else "Mean"
    if not degrees:
        return f"{subject} ({', '.join(said)}); one training seed gives no interval."
    return (
        f"{subject} over training seeds [{level_name(material.level)} t interval on the means of "
        f"the training seeds, df = {span(min(degrees), max(degrees))}]; {', '.join(said)}."
    )


def _latex(table: PaperTable) -> str:
    rows = [(latex_escape(row[0]), *row[1:]) for row in table.rows]
    return latex_table(table.head, rows, table.caption)


def _markdown(table: PaperTable) -> str:
    head, *rows = ([_cell_text(cell) for cell in row] for row in (table.head, *table.rows))
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]

    def line(cells: Sequence[str]) -> str:
        first = cells[0].ljust(widths[0])
        rest = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))
        return f"| {' | '.join((first, *rest))} |"

    body = [line(head), line(rule), *(line(row) for row in rows)]
    return "\n".join([*body, "", table.caption, ""])


def _cell_text(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
