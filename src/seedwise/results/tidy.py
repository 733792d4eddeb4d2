"""The tidy table: its columns, their types, and what a row must hold."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from seedwise.errors import TableError

REFERENCE = "retrain"
"""The method whose models are the reference."""
ORIGINAL = "original"
"""The method that leaves the trained model as it is."""
BASELINES = (ORIGINAL, REFERENCE)
"""Methods without an unlearning stage."""

SEEDS = ("partition_seed", "training_seed", "unlearning_seed", "evaluation_seed")
COLUMNS = ("task", "method", "metric", *SEEDS, "value", "original", "status", "reason")
REQUIRED = ("method", "metric", "training_seed", "unlearning_seed", "value")
STATUSES = ("ok", "failed", "missing")
KEY = ("task", "method", "metric", *SEEDS)
"""The columns that tell two rows apart."""

_DEFAULTS = {"task": "", "original": None, "status": "ok", "reason": ""}


class Spec(Protocol):
    """What the table needs to know of a metric; `seedwise.contracts.MetricSpec` is one."""

    @property
    def direction(self) -> str:
        """Which values are good."""
        ...

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """Least and greatest possible value, None where there is none."""
        ...


def base_name(metric: str) -> str:
    """Return the name of the metric that a value belongs to.

    Example:
        >>> base_name("accuracy/forget")
        'accuracy'
    """
    return metric.split("/", 1)[0]


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with exactly `COLUMNS`, typed, in the given order of rows.

    A value that is not finite becomes a failed row with its reason; rows are never dropped.
    Messages name rows by the table's index, which for a file holds its line numbers.

    Args:
        frame: A table with at least `REQUIRED`; whole numbers or NA in the seed columns.

    Raises:
        TableError: If columns lack, a seed or a status is not what it must be, a baseline has
            several values per trained model, or two rows have the same key.
    """
    lacking = [name for name in REQUIRED if name not in frame.columns]
    if lacking:
        raise TableError(f"the table lacks the columns {', '.join(lacking)}")
    table = pd.DataFrame(index=pd.RangeIndex(len(frame)))
    for name in COLUMNS:
        table[name] = _column(frame, name)
    names = frame.index.to_numpy()
    _check_status(table, names)
    _fail_unusable(table)
    table.loc[table["method"].isin(BASELINES), "unlearning_seed"] = pd.NA
    _check_keys(table, names)
    return table


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name in SEEDS:
        return _seeds(frame, name)
    if name not in frame.columns:
        return pd.Series([_DEFAULTS[name]] * len(frame), dtype=object)
    given = frame[name].reset_index(drop=True)
    if name == "value":
        return pd.Series(given.to_numpy(dtype=float, na_value=np.nan))
    empty = given.isna().to_numpy()
    blank = _DEFAULTS.get(name, "")
    texts = [blank if gone else str(entry) for gone, entry in zip(empty, given, strict=True)]
    return pd.Series(texts, dtype=object)


def _seeds(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        return pd.Series(pd.NA, index=pd.RangeIndex(len(frame)), dtype="Int64")
    given = frame[name].reset_index(drop=True)
    if isinstance(given.dtype, pd.Int64Dtype) or given.dtype == np.int64:
        return given.astype("Int64")
    numbers = pd.to_numeric(given, errors="coerce").astype("Float64")
    whole = (numbers == numbers.round()).fillna(value=False).astype(bool)
    bad = (given.notna() & ~whole).to_numpy()
    if bad.any():
        raise TableError(
            f"'{name}' must hold whole numbers, but "
            f"{listed(given, bad, frame.index.to_numpy())}; number the seeds"
        )
    return numbers.astype("Int64")


def listed(column: pd.Series, bad: np.ndarray, names: np.ndarray, most: int = 3) -> str:
    """Say what stands in the first few bad rows.

    Args:
        column: The column.
        bad: (n,) which rows are bad.
        names: (n,) what the rows are called.
        most: How many to name.

    Example:
        >>> listed(pd.Series(["1", "x"]), np.array([False, True]), np.array([2, 3]))
        "row 3 holds 'x'"
    """
    places = np.flatnonzero(bad)
    named = [f"row {names[place]} holds '{column.iloc[place]}'" for place in places[:most]]
    rest = f" ({places.size - most} more)" if places.size > most else ""
    return ", ".join(named) + rest


def _check_status(table: pd.DataFrame, names: np.ndarray) -> None:
    bad = (~table["status"].isin(STATUSES)).to_numpy()
    if bad.any():
        allowed = ", ".join(STATUSES)
        raise TableError(
            f"'status' must be one of {allowed}, but {listed(table['status'], bad, names)}"
        )


def _fail_unusable(table: pd.DataFrame) -> None:
    """Turn ok rows without a finite value into failed ones, with the reason."""
    values = table["value"].to_numpy()
    unusable = (table["status"] == "ok").to_numpy() & ~np.isfinite(values)
    table.loc[unusable, "reason"] = [f"the value is {value}" for value in values[unusable]]
    table.loc[unusable, "status"] = "failed"
    table.loc[table["status"] != "ok", "value"] = np.nan


def _check_keys(table: pd.DataFrame, names: np.ndarray) -> None:
    for name in ("method", "metric", "training_seed"):
        column = table[name]
        empty = (column.isna() | (column.astype(object) == "")).to_numpy(dtype=bool)
        if empty.any():
            raise TableError(f"'{name}' is empty in {_rows(names[empty])}")
    repeated = table.duplicated(list(KEY), keep=False).to_numpy()
    if repeated.any():
        raise TableError(_repeated_message(table.loc[repeated], names))


def _rows(names: np.ndarray, most: int = 5) -> str:
    rows = list(dict.fromkeys(names))  # a row of a wide table holds several values
    listed_names = ", ".join(str(name) for name in rows[:most])
    rest = f" and {len(rows) - most} more" if len(rows) > most else ""
    return f"row{'s' if len(rows) > 1 else ''} {listed_names}{rest}"


def _repeated_message(rows: pd.DataFrame, names: np.ndarray) -> str:
    groups = rows.groupby(list(KEY), dropna=False, sort=False)
    cells = []
    for _, members in list(groups)[:3]:
        texts = members[list(KEY)].astype(object).iloc[0].dropna()
        named = ", ".join(f"{name}={entry}" for name, entry in texts.items() if entry != "")
        cells.append(f"{named} ({_rows(names[members.index.to_numpy()])})")
    more = f"; and {len(groups) - 3} more" if len(groups) > 3 else ""
    advice = "give every run its own seed"
    if rows["method"].isin(BASELINES).any():
        advice += (
            f" ('{ORIGINAL}' and '{REFERENCE}' have no unlearning seed: one value per "
            "training seed)"
        )
    many = "1 cell stands" if len(groups) == 1 else f"{len(groups)} cells stand"
    return f"{many} in several rows: {'; '.join(cells)}{more}; {advice}"
