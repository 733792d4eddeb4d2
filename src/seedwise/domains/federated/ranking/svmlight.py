"""Files of queries and their documents: svmlight rows, with `qid` or with a file of group sizes.

scikit-learn reads them; what it refuses, or reads as something that is no learning-to-rank data,
is then looked for line by line, so that the message names file and line.
"""

from __future__ import annotations

import gzip
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from seedwise.errors import DataError

MOST_RELEVANT = 4
"""The highest label that click models know."""


@dataclass(frozen=True)
class Table:
    """A file as read: documents in rows, grouped by query.

    Args:
        features: (documents, columns) float32; column j holds the file's feature number j.
        labels: Relevance 0, 1, ..., (documents,) int64.
        offsets: Query q has the rows offsets[q] to offsets[q + 1], (queries + 1,) int64.
        has_zero: Whether the file uses feature number 0.
        absent: How many feature values were beyond float32, which is how Istella says that a
            document has none (it writes the largest float64); they are 0 in `features`.
    """

    features: np.ndarray
    labels: np.ndarray
    offsets: np.ndarray
    has_zero: bool
    absent: int


def read_table(path: Path) -> Table:
    """Read an svmlight file, gzipped if its name ends in `.gz`.

    Each row is `label qid:number feature:value ...`, LETOR's form; rows of a query stand together.
    Where a file named like it (without `.gz`) plus `.query` stands beside it, that file gives the
    number of rows of each query, one a line, LightGBM's form, and `qid` is not read.

    Raises:
        DataError: If there is no such file, or a line of it cannot be used; names the line.
    """
    from sklearn.datasets import load_svmlight_file

    sizes = sizes_file(path)
    grouped = sizes is not None
    how: dict[str, Any] = {"query_id": True, "zero_based": True}
    try:
        matrix, labels, queries = load_svmlight_file(str(path), **how)
    except (ValueError, OverflowError) as error:
        raise _fault(path, grouped, str(error)) from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"'{path}' cannot be read: {error}") from error
    if not _usable(matrix.data, labels, None if grouped else queries):
        raise _fault(path, grouped, "it holds no learning-to-rank data")
    absent = np.abs(matrix.data) > np.finfo(np.float32).max
    matrix.data[absent] = 0.0
    return Table(
        features=matrix.astype(np.float32).toarray(),
        labels=labels.astype(np.int64),
        offsets=_from_sizes(sizes, path, len(labels)) if sizes else _from_queries(queries),
        has_zero=bool((matrix.indices == 0).any()),
        absent=int(absent.sum()),
    )


def sizes_file(path: Path) -> Path | None:
    """Return the file with the number of rows of each query, None if there is none."""
    name = path.name.removesuffix(".gz") + ".query"
    return path.with_name(name) if path.with_name(name).is_file() else None


def _usable(values: np.ndarray, labels: np.ndarray, queries: np.ndarray | None) -> bool:
    whole = (labels >= 0) & (labels <= MOST_RELEVANT) & (labels == np.floor(labels))
    if len(labels) == 0 or not whole.all() or not np.isfinite(values).all():
        return False
    if queries is None:
        return True
    starts = np.count_nonzero(np.diff(queries)) + 1
    return len(queries) == len(labels) and starts == len(np.unique(queries))


def _from_queries(queries: np.ndarray) -> np.ndarray:
    starts = np.flatnonzero(np.diff(queries)) + 1
    return np.concatenate([[0], starts, [len(queries)]]).astype(np.int64)


def _from_sizes(file: Path, path: Path, rows: int) -> np.ndarray:
    sizes = []
    text = file.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        if not line.strip().isdecimal() or int(line) == 0:
            raise DataError(
                f"'{file}', line {number}: {line.strip()!r} is no number of documents; each line "
                "holds a whole number from 1, the rows of one query"
            )
        sizes.append(int(line))
    if sum(sizes) != rows:
        raise DataError(
            f"the {len(sizes)} queries of '{file}' have {sum(sizes)} documents together, but "
            f"'{path}' has {rows} rows"
        )
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


# --- what is wrong, and where ---------------------------------------------------------------------


def _fault(path: Path, grouped: bool, otherwise: str) -> DataError:
    """Return the error of the first line that cannot be used."""
    seen: dict[str, None] = {}
    used = 0
    with _opened(path) as stream:
        for number, line in enumerate(stream, start=1):
            words = line.split("#")[0].split()
            wrong = _fault_of_row(words, grouped, seen) if words else None
            if wrong:
                return DataError(f"'{path}', line {number}: {wrong}")
            used += bool(words)
    if not used:
        return DataError(f"'{path}' is empty; it must hold rows 'label qid:number feature:value'")
    return DataError(f"'{path}' cannot be used: {otherwise}")


def _fault_of_row(words: list[str], grouped: bool, seen: dict[str, None]) -> str | None:
    label, *rest = words
    if _number(label) not in range(MOST_RELEVANT + 1):
        return f"the label {label!r} is not a whole number from 0 to {MOST_RELEVANT}"
    query = rest.pop(0) if rest and rest[0].startswith("qid:") else None
    wrong = None if grouped else _fault_of_query(query, seen)
    return wrong or _fault_of_features(rest)


def _fault_of_query(query: str | None, seen: dict[str, None]) -> str | None:
    if query is None:
        return (
            "there is no 'qid:number' after the label; add it, or put a file of group sizes "
            "named like the data plus '.query' beside it"
        )
    if not query.removeprefix("qid:").isdecimal():
        return f"{query!r} is not 'qid:' and a whole number"
    if query in seen and query != next(reversed(seen)):
        return f"query {query!r} appears again after others; rows of a query must stand together"
    seen[query] = None
    return None


def _fault_of_features(words: list[str]) -> str | None:
    last = -1
    for word in words:
        index, _, value = word.partition(":")
        if not index.isdecimal() or not math.isfinite(_number(value)):
            return f"{word!r} is not 'feature:value', a whole number from 0 and a finite number"
        if int(index) <= last:
            return f"feature {index} comes after {last}; feature numbers must ascend"
        last = int(index)
    return None


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return math.nan


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", errors="replace")
    return path.open(encoding="utf-8", errors="replace")
