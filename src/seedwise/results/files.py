"""Tables as files: CSV, Parquet and JSON lines become frames whose index names the rows."""

from __future__ import annotations

import importlib.util
import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from seedwise.errors import TableError


def read_file(path: Path) -> pd.DataFrame:
    """Read a table, its kind told by the name: `.parquet`, `.jsonl`, `.ndjson`, `.json` or CSV.

    Args:
        path: The file.

    Returns:
        The table; its index holds the line numbers of the file (Parquet: row numbers from 1).

    Raises:
        TableError: If the file cannot be read or is no such table.
    """
    readers: dict[str, Callable[[Path], pd.DataFrame]] = {
        ".parquet": _read_parquet,
        ".pq": _read_parquet,
        ".jsonl": _read_json,
        ".ndjson": _read_json,
        ".json": _read_json,
    }
    return _opened(path, readers.get(path.suffix.lower(), _read_csv))


def read_csv(path: Path) -> pd.DataFrame:
    """Read a CSV file whatever its name (`.tsv`: tabs); the first line names the columns.

    Raises:
        TableError: If the file cannot be read or is no CSV table.
    """
    return _opened(path, _read_csv)


def _opened(path: Path, reader: Callable[[Path], pd.DataFrame]) -> pd.DataFrame:
    try:
        return reader(path)
    except FileNotFoundError:
        raise TableError(f"there is no file '{path}'") from None
    except OSError as error:
        raise TableError(f"'{path}' cannot be read: {error.strerror or error}") from None


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            # A line with more fields than the header would be cut with a warning.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                path,
                sep="\t" if path.suffix.lower() == ".tsv" else ",",
                dtype=str,
                skipinitialspace=True,
                index_col=False,
                skip_blank_lines=False,
            )
    except pd.errors.EmptyDataError:
        raise TableError(f"'{path}' is empty") from None
    except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError) as error:
        raise TableError(f"'{path}' is not a CSV table: {error}") from None
    if len(frame.columns) == 1 and ";" in frame.columns[0]:
        raise TableError(f"'{path}' separates its columns by ';'; save it with commas, or as .tsv")
    frame.index = pd.RangeIndex(2, len(frame) + 2)  # the lines of the file
    return frame.dropna(how="all")


def _read_parquet(path: Path) -> pd.DataFrame:
    if importlib.util.find_spec("pyarrow") is None:
        raise TableError("parquet needs pyarrow: pip install 'seedwise[parquet]'")
    import pyarrow

    try:
        frame = pd.read_parquet(path)
    except pyarrow.ArrowInvalid as error:
        raise TableError(f"'{path}' is not a Parquet table: {error}") from None
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def _read_json(path: Path) -> pd.DataFrame:
    """Read one object a line, or one list of objects; numbers keep all their digits."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TableError(f"'{path}' is not a JSON table: {error}") from None
    if not text.strip():
        raise TableError(f"'{path}' is empty")
    rows = dict(_objects(text, path))
    return pd.DataFrame(list(rows.values()), index=pd.Index(list(rows)))


def _objects(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line (or place in the list) and object."""
    for number, row in _entries(text, path):
        if not isinstance(row, dict) or any(isinstance(x, dict | list) for x in row.values()):
            raise TableError(
                f"'{path}' must hold one flat object a line, such as "
                '{"method": "ssd", "metric": "accuracy", "training_seed": 0, '
                f'"unlearning_seed": 0, "value": 0.93}}, but row {number} does not'
            )
        yield number, row


def _entries(text: str, path: Path) -> Iterator[tuple[int, Any]]:
    if text.lstrip().startswith("["):
        yield from enumerate(_parsed(text, path, 1), 1)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, _parsed(line, path, number)


def _parsed(text: str, path: Path, line: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {line + error.lineno - 1}"
        raise TableError(f"'{path}' is not a JSON table: {error.msg} in {where}") from None
