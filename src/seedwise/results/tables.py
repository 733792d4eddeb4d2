"""Tables made elsewhere: mapping their columns, and saying exactly what cannot be read."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from seedwise.errors import TableError, did_you_mean
from seedwise.results.tidy import COLUMNS, REQUIRED, Spec, base_name, listed

_IN_MEMORY = "the table"
_ALIASES = {
    "training_seed": ("train_seed", "training", "seed", "model_seed", "model"),
    "unlearning_seed": ("unlearn_seed", "unlearning", "unlearn", "run", "repeat", "rep"),
    "method": ("algorithm", "approach", "unlearner", "name"),
    "metric": ("measure", "metric_name", "variable"),
    "value": ("score", "result", "metric_value"),
}


def from_frame(
    frame: pd.DataFrame, columns: Mapping[str, str], specs: Mapping[str, Spec]
) -> pd.DataFrame:
    """Return a table's known columns under our names, values as numbers.

    Args:
        frame: Any table.
        columns: Their names by ours.
        specs: Metric specs by base name, whose bounds the values must keep.

    Raises:
        TableError: If the table is empty, columns lack, or values cannot be read.
    """
    return _read(frame, columns, specs, _IN_MEMORY)


def from_csv(path: Path, columns: Mapping[str, str], specs: Mapping[str, Spec]) -> pd.DataFrame:
    """Return a CSV file's known columns under our names, values as numbers.

    Args:
        path: The file; the first line holds the names of the columns.
        columns: Their names by ours.
        specs: Metric specs by base name, whose bounds the values must keep.

    Raises:
        TableError: If the file cannot be read, is empty, or is no such table.
    """
    try:
        frame = pd.read_csv(path, dtype=str, skipinitialspace=True)
    except FileNotFoundError:
        raise TableError(f"there is no file '{path}'") from None
    except OSError as error:
        raise TableError(f"'{path}' cannot be read: {error.strerror}") from None
    except pd.errors.EmptyDataError:
        raise TableError(f"'{path}' is empty") from None
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise TableError(f"'{path}' is not a CSV table: {error}") from None
    frame.index = pd.RangeIndex(2, len(frame) + 2)  # the lines of the file
    return _read(frame, columns, specs, str(path))


def _read(
    frame: pd.DataFrame, columns: Mapping[str, str], specs: Mapping[str, Spec], source: str
) -> pd.DataFrame:
    renamed = _renamed(frame, columns, source)
    if renamed.empty:
        raise TableError(f"{source} has no rows")
    table = renamed[[name for name in COLUMNS if name in renamed.columns]].copy()
    table["value"] = _values(table["value"], source)
    _check_bounds(table, specs, source)
    return table


def _renamed(frame: pd.DataFrame, columns: Mapping[str, str], source: str) -> pd.DataFrame:
    for ours, theirs in columns.items():
        if ours not in COLUMNS:
            raise TableError(f"there is no column '{ours}' to map; {did_you_mean(ours, COLUMNS)}")
        if theirs not in frame.columns:
            names = [str(name) for name in frame.columns]
            raise TableError(f"{source} has no column '{theirs}'; {did_you_mean(theirs, names)}")
    free = frame.drop(
        columns=[name for name in columns if name not in columns.values()], errors="ignore"
    )
    renamed = free.rename(columns={theirs: ours for ours, theirs in columns.items()})
    lacking = [name for name in REQUIRED if name not in renamed.columns]
    if lacking:
        raise TableError(_lacking_message(frame, columns, lacking, source))
    return renamed


def _lacking_message(
    frame: pd.DataFrame, columns: Mapping[str, str], lacking: list[str], source: str
) -> str:
    found = [str(name) for name in frame.columns]
    mapping = dict(columns)
    for name in lacking:
        taken = {*mapping.values(), *REQUIRED}
        mapping[name] = _guess(name, [column for column in found if column not in taken])
    flags = " ".join(f"--column {ours}={shlex.quote(theirs)}" for ours, theirs in mapping.items())
    file = shlex.quote(source) if source != _IN_MEMORY else "TABLE.csv"
    return (
        f"{source} lacks the column{'s' if len(lacking) > 1 else ''} {', '.join(lacking)}.\n"
        f"Columns found: {', '.join(found) or 'none'}.\n"
        f"Say which is which:  seedwise analyze {file} {flags}\n"
        f"or in Python:  columns={mapping}"
    )


def _guess(name: str, free: list[str]) -> str:
    lowered = {column.lower().replace(" ", "_").replace("-", "_"): column for column in free}
    for alias in _ALIASES[name]:
        if alias in lowered:
            return lowered[alias]
    close = difflib.get_close_matches(name, list(lowered), n=1)
    return lowered[close[0]] if close else "COLUMN"


def _values(column: pd.Series, source: str) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce")
    bad = (numbers.isna() & column.notna()).to_numpy()
    if bad.any():
        raise TableError(
            f"'value' must hold numbers, but in {source} "
            f"{listed(column, bad, column.index.to_numpy())}; leave failed runs empty, or write NaN"
        )
    return numbers.astype(float)


def _check_bounds(table: pd.DataFrame, specs: Mapping[str, Spec], source: str) -> None:
    """Refuse values outside declared bounds, unless they look like percentages of a share."""
    names = table["metric"].astype(str).map(base_name)
    for name in names.unique():
        if name not in specs:
            continue
        low, high = specs[name].bounds
        mine = (names == name).to_numpy()
        value = table["value"].where(mine).to_numpy()
        if (low, high) == (0, 1) and np.nanmin(value) >= 0 and np.nanmax(value) <= 100:
            continue
        slack = 1e-6 * max(abs(end) for end in (low, high, 1) if end is not None)
        bad = mine & ~np.isnan(value)
        bad &= (value < (-np.inf if low is None else low) - slack) | (
            value > (np.inf if high is None else high) + slack
        )
        if bad.any():
            raise TableError(
                f"metric '{name}' lies between {low} and {high}, but in {source} "
                f"{listed(table['value'], bad, table.index.to_numpy())}"
            )
