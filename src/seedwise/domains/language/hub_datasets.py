"""Data sets by the name they have for the library `datasets`."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seedwise.domains.language.corpus import Record, record_of
from seedwise.domains.language.passages import cut
from seedwise.errors import DataError, SeedwiseError


def load_split(
    source: str | Path,
    config: str | None,
    split: str,
    revision: str | None,
    columns: Mapping[str, str],
) -> list[Record]:
    """Return the rows of a split as records.

    Args:
        source: An id on the Hugging Face hub, or a folder with data files.
        config: Its configuration.
        split: Its split.
        revision: Branch, tag or commit on the hub.
        columns: The data set's name of each key of a record (see `corpus.read_records`).

    Raises:
        DataError: If it cannot be loaded, or lacks a column.
        SeedwiseError: If the library is not installed.
    """
    rows = _rows(source, config, split, revision)
    lacking = sorted(set(columns.values()) - set(rows.column_names))
    if lacking:
        raise DataError(
            f"the data set '{source}' has no columns {', '.join(lacking)}; it has "
            f"{', '.join(rows.column_names)}; name yours under task.dataset"
        )
    return [
        record_of(f"'{source}', row {number}", {key: row[name] for key, name in columns.items()})
        for number, row in enumerate(rows)
    ]


def passages(records: Sequence[Record], words: int | None) -> list[Record]:
    """Return the records, their texts cut into passages of a number of words."""
    if words is None:
        return list(records)
    return [
        Record("", part, record.author, is_text=True)
        for record in records
        for part in cut(record.answer, words)
    ]


def _rows(source: str | Path, config: str | None, split: str, revision: str | None) -> Any:
    if importlib.util.find_spec("datasets") is None:
        raise SeedwiseError(
            "data sets by name need the library datasets: pip install 'seedwise[datasets]'"
        )
    import datasets
    from datasets.exceptions import DatasetsError

    datasets.disable_progress_bars()
    try:
        return datasets.load_dataset(str(source), config, split=split, revision=revision)
    except (OSError, ValueError, KeyError, DatasetsError) as error:
        raise DataError(f"the data set '{source}' cannot be loaded: {error}") from error
