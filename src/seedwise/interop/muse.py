"""The CSV of MUSE: one row a model.

Format: github.com/swj0419/muse_bench, eval.py. ROUGE and the leakage are in per cent; only the
name of a model may tell where it stands in the design.
"""

from __future__ import annotations

import fnmatch
from pathlib import Path

import pandas as pd

from seedwise.contracts import MetricSpec
from seedwise.errors import TableError
from seedwise.interop.imported import Imported, Measured, Options, Value, assemble
from seedwise.interop.patterns import NAMED, needed
from seedwise.results.files import read_csv

_PERCENT = (0.0, 100.0)
SPECS = {
    "verbmem_f": MetricSpec("verbmem_f", bounds=_PERCENT, unit="%"),
    "knowmem_f": MetricSpec("knowmem_f", bounds=_PERCENT, unit="%"),
    "knowmem_r": MetricSpec("knowmem_r", bounds=_PERCENT, unit="%"),
    "privleak": MetricSpec("privleak", bounds=(-100.0, None), null=0.0, unit="%"),
}
"""Verbatim memorisation and knowledge of the forget set, knowledge of the retain set, leakage."""


def read(path: str | Path, options: Options) -> Imported:
    """Read a CSV file of MUSE.

    Args:
        path: The file.
        options: `pattern`, `original`, `reference` and `leave_out`, which concern the column
            `name`.

    Raises:
        TableError: If it is no such file, no pattern was given, or a name does not follow it.
    """
    options.only("muse", *NAMED)
    table = read_csv(Path(path))
    present = [name for name in SPECS if name in table.columns]
    if "name" not in table.columns or not present:
        raise TableError(
            f"'{path}' is no CSV of MUSE: it needs 'name' and some of {', '.join(SPECS)}, but has "
            f"{', '.join(map(str, table.columns))}"
        )
    kept = [
        row
        for _, row in table.iterrows()
        if not any(fnmatch.fnmatchcase(str(row["name"]), out) for out in options.leave_out)
    ]
    pattern = needed(options, "The rows of MUSE", [str(row["name"]) for row in kept])
    models = []
    for row in kept:
        place = pattern.place(str(row["name"]))
        values = {name: _value(row, name, path) for name in present}
        seeds = (place.training_seed, place.unlearning_seed)
        models.append(Measured(place.task, place.method, *seeds, values, str(row["name"])))
    return assemble(models, specs=SPECS)


def _value(row: pd.Series, name: str, path: str | Path) -> Value:
    text = row[name]
    if pd.isna(text):
        return Value(None, reason="empty in the CSV")
    try:
        return Value(float(text))
    except ValueError:
        raise TableError(f"'{path}', {row['name']}: {name} is '{text}', not a number") from None
