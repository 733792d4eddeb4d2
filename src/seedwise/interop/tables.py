"""The tidy table as a file."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path
from typing import Any, Literal

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
        "parquet": lambda file: _write_parquet(frame, file),
        "jsonl": lambda file: file.write_text(_lines(frame), encoding="utf-8"),
    }
    replace_with(path, writers[style])


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write through a file of our own: what pyarrow says of a file it cannot open names its own."""
    with path.open("wb") as file:
        frame.to_parquet(file, index=False)


def json_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows for `json.dumps`: numbers with all their digits, missing ones None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {str(name): _json(value) for name, value in row.items()} for row in plain.to_dict("records")
    ]


def _json(value: Any) -> Any:
    """Return a numpy scalar as a Python one; infinite numbers have no JSON and become None."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _lines(frame: pd.DataFrame) -> str:
    return "".join(json.dumps(row) + "\n" for row in json_rows(frame))
