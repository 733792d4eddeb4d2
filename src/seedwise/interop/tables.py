"""The tidy table as a file."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Literal

import pandas as pd

from seedwise.errors import SeedwiseError
from seedwise.store.atomic import replace_with


def write_table(frame: pd.DataFrame, path: Path, style: Literal["csv", "parquet", "jsonl"]) -> None:
    """Write a table, all or nothing.

    Args:
        frame: The table.
        path: The file.
        style: `csv`, `parquet` (needs the extra of that name) or `jsonl`.

    Raises:
        SeedwiseError: If the file cannot be written, or pyarrow is missing.
    """
    if style == "parquet" and importlib.util.find_spec("pyarrow") is None:
        raise SeedwiseError("parquet needs pyarrow: pip install 'seedwise[parquet]'")
    writers = {
        "csv": lambda file: frame.to_csv(file, index=False),
        "parquet": lambda file: frame.to_parquet(file, index=False),
        "jsonl": lambda file: file.write_text(_lines(frame), encoding="utf-8"),
    }
    replace_with(path, writers[style])


def _lines(frame: pd.DataFrame) -> str:
    """Return one JSON object per row, numbers with all their digits, missing ones null."""
    plain = frame.astype(object).where(frame.notna(), None)
    return "".join(json.dumps(row) + "\n" for row in plain.to_dict(orient="records"))
