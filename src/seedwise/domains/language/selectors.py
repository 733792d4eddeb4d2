"""Which training records are to be forgotten, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seedwise.contracts import ForgetSet
from seedwise.domains.indices import read_indices
from seedwise.domains.language.corpus import Record, authors_of, read_records
from seedwise.errors import ForgetError, did_you_mean
from seedwise.seeds import SeedStreams

SELECTORS = {
    "authors": "all records of a share (between 0 and 1) or a number of authors (or documents), "
    "drawn at random, or of those named in a list",
    "indices": "the training records numbered in a .txt, .npy or .json file, counted from 0",
    "random": "a share (between 0 and 1) or a number of training records, drawn at random",
    "records": "the training records whose question and answer, or text, stand in a JSON lines "
    "file",
}
FILE_SELECTORS = frozenset({"indices", "records"})
"""Selectors whose value is a file."""


def draw(forget: ForgetSet, records: Sequence[Record], streams: SeedStreams) -> np.ndarray:
    """Return the numbers of the training records to forget, ascending.

    Args:
        forget: Selector, value and seed; `authors` and `random` draw.
        records: The records that may be forgotten.
        streams: Streams of scope `forget` and the partition: the draw depends on nothing else.

    Raises:
        ForgetError: If nothing or everything would be forgotten, or the value cannot be used.
    """
    if forget.selector not in SELECTORS:
        raise ForgetError(
            f"unknown forget set '{forget.selector}'; {did_you_mean(forget.selector, SELECTORS)}"
        )
    generator = streams.generator("draw", forget.seed)
    if forget.selector == "authors":
        rows = _of_authors(forget.value, records, generator)
    elif forget.selector == "random":
        count = _count("random", forget.value, len(records), "records")
        rows = np.sort(generator.permutation(len(records))[:count])
    elif forget.selector == "indices":
        rows = read_indices(Path(forget.value).expanduser(), len(records), "record")
    else:
        rows = _same(Path(forget.value).expanduser(), records)
    _check(forget, len(rows), len(records))
    return rows


def _check(forget: ForgetSet, chosen: int, size: int) -> None:
    if chosen == 0:
        raise ForgetError(f"the forget set {forget.selector}: {forget.value} is empty")
    if chosen == size:
        raise ForgetError(
            f"the forget set {forget.selector}: {forget.value} holds all {size} records; "
            "something must be left to retain"
        )


def _of_authors(
    value: Any, records: Sequence[Record], generator: np.random.Generator
) -> np.ndarray:
    names = authors_of(records)
    if not names:
        raise ForgetError(
            "authors: no record of this data set names its author; give each an 'author', or "
            "forget 'random' records"
        )
    if isinstance(value, list | tuple):
        return _of_named(value, names, records)
    count = _count("authors", value, len(names), "authors")
    gone = {names[number] for number in generator.permutation(len(names))[:count]}
    return np.flatnonzero([record.author in gone for record in records])


def _of_named(value: Sequence[Any], names: Sequence[str], records: Sequence[Record]) -> np.ndarray:
    for name in value:
        if name not in names:
            raise ForgetError(
                f"authors: there is no {name!r}; the first are {', '.join(names[:5])}"
            )
    return np.flatnonzero([record.author in value for record in records])


def _count(selector: str, value: Any, size: int, what: str) -> int:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and isinstance(value, float) and 0 < value < 1:
        return max(1, round(value * size))
    if number and not isinstance(value, float) and 1 <= value <= size:
        return value
    raise ForgetError(
        f"{selector}: {value!r} is neither a share strictly between 0 and 1 nor a whole number of "
        f"{what} from 1 to {size - 1}"
    )


def _same(path: Path, records: Sequence[Record]) -> np.ndarray:
    """Return where records stand that a file holds; all of them must be found."""
    wanted = {(record.question, record.answer) for record in read_records(path)}
    rows = np.flatnonzero([(record.question, record.answer) in wanted for record in records])
    found = {(records[row].question, records[row].answer) for row in rows.tolist()}
    missing = sorted(wanted - found)
    if missing:
        raise ForgetError(
            f"{len(missing)} of {len(wanted)} records of '{path}' are not in the training data, "
            f"e.g. the question {missing[0][0]!r}"
        )
    return rows
