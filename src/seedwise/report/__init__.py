"""What a person reads: the HTML page, the terminal's summary, tables for a paper.

Every picture and table is a frozen data object first (`.frame()`), drawn second.
"""

from seedwise.report.answers import answer, latex_answer, print_answer
from seedwise.report.html import write_html
from seedwise.report.prose import prose
from seedwise.report.tables import render_table
from seedwise.report.terminal import print_summary

__all__ = [
    "answer",
    "latex_answer",
    "print_answer",
    "print_summary",
    "prose",
    "render_table",
    "write_html",
]
