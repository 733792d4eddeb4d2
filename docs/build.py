"""Write the picture and the tables of the documentation from the quickstart's own results.

Run by `make docs`, which runs the demo first: `python docs/build.py runs`.
"""

import sys
from importlib.resources import files
from pathlib import Path

import seedwise as sw
from seedwise.report import render_table
from seedwise.report.material import gather
from seedwise.report.nested import nested_info
from seedwise.report.pictures.nested import draw

DOCS = Path(__file__).parent
METRICS = ["accuracy/forget", "accuracy/retain", "accuracy/test", "js-to-reference"]
PICTURED = "accuracy/forget"


def picture(results: sw.Results) -> str:
    """Return the nested-seed picture as an SVG file that brings its own style."""
    panels = nested_info(gather(results)).panels
    panel = next(panel for panel in panels if panel.place[1] == PICTURED)
    style = (files("seedwise.report") / "templates" / "style.css.j2").read_text(encoding="utf-8")
    svg = str(draw(panel)).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    head, end, rest = svg.partition(">")
    return f"{head}{end}<style>{style} svg {{ background: var(--paper) }}</style>{rest}\n"


def components(results: sw.Results) -> str:
    """Return where the spread comes from, and what one training seed would have claimed."""
    summary = results.summary().set_index(["method", "metric"])
    practice = results.single_seed().set_index(["method", "metric"])
    lines = [
        "| method | metric | sd between training seeds | sd between unlearning seeds | share of "
        "the training seed [95 %] | coverage of one training seed's 95 % interval |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for method in ("finetune", "neg-grad-plus", "random-labels", "gradient-ascent", "ssd"):
        for metric in ("accuracy/forget", "accuracy/test"):
            row = summary.loc[(method, metric)]
            coverage = practice.loc[(method, metric)].get("coverage", float("nan"))
            share = f"{row.icc:.0%}"
            if row.icc_low == row.icc_low:
                share += f" [{row.icc_low:.0%}, {row.icc_high:.0%}]"
            lines.append(
                f"| {method} | {metric} | {row.sd_train:.4f} | {row.sd_unlearn:.4f} | {share} | "
                f"{coverage:.2f} |"
            )
    return "\n".join(lines)


def main(store: str) -> None:
    """Write the picture and the page."""
    results = sw.load(store, "quickstart")
    (DOCS / "images").mkdir(exist_ok=True)
    (DOCS / "images" / "quickstart.svg").write_text(picture(results), encoding="utf-8")
    page = [
        "# The quickstart study in numbers",
        "Written by `make docs` from the records of `seedwise demo`.",
        render_table(results, "markdown", metrics=METRICS),
        "## Where the spread comes from",
        components(results),
    ]
    (DOCS / "quickstart.md").write_text("\n\n".join(page) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
