"""What a person reads: the HTML page, the terminal's summary, tables for a paper.

Every picture and table is a frozen data object first (`.frame()`), drawn second.
"""

from seedwise.report.html import write_html

__all__ = ["write_html"]
