"""Write the list of flags as a page: `python docs/flags.py`."""

from pathlib import Path

from seedwise.stats.flags import FLAGS


def page() -> str:
    """Return the page as Markdown."""
    rows = [f"| `{code}` | {flag.kind} | {flag.meaning} |" for code, flag in FLAGS.items()]
    head = "# Flags\n\nWritten by `python docs/flags.py` from the program's own list.\n"
    return "\n".join([head, "| flag | kind | meaning |", "|---|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / "flags.md").write_text(page(), encoding="utf-8")
