"""Questions and answers, or plain texts: what every data set of the domain is brought into."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from seedwise.errors import DataError

Vocabulary = Annotated[int, Field(ge=257)]
"""Number of tokens: 256 bytes and the end of an answer at least."""


@dataclass(frozen=True)
class Record:
    """One question with its answers, or a plain text.

    Args:
        question: The question; empty for a text.
        answer: The true answer, or the text, which is learnt.
        author: Whom it is about, or the text's document; empty where that is not known.
        paraphrase: The true answer in other words; empty where there is none.
        wrong: Wrong answers in the words of the paraphrase; empty where there are none.
        is_text: Whether it is a plain text.
    """

    question: str
    answer: str
    author: str = ""
    paraphrase: str = ""
    wrong: tuple[str, ...] = ()
    is_text: bool = False


@dataclass(frozen=True)
class Corpus:
    """A data set as read.

    Args:
        records: What may be forgotten.
        holdout: Records like them that no model is trained on: the split `test`.
        utility: Records by the name of their split, never to be forgotten.
        vocabulary: Tokens at most of the codec trained on the training texts.
        learnt: Whether the utility records are trained on (after `records`, always retained).
        notes: Sentences about the data.
    """

    records: tuple[Record, ...]
    holdout: tuple[Record, ...]
    vocabulary: int
    utility: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    learnt: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.records) < 2:
            raise DataError(
                f"there are {len(self.records)} records to train on; one to forget and one to "
                "retain are the least"
            )
        if not self.holdout:
            raise DataError("there are no holdout records: no attack can be measured without")

    @property
    def train(self) -> tuple[Record, ...]:
        """All records that originals are trained on."""
        learnt = self.utility.values() if self.learnt else ()
        return (*self.records, *(record for records in learnt for record in records))


def read_records(path: Path) -> list[Record]:
    """Read question-answer JSON lines.

    A line is an object with `question` and `answer`, and where known `author`,
    `paraphrased_answer` and `perturbed_answer` (one or a list), as TOFU names them; or with
    `text`, and where known `author`. Other keys are ignored.

    Raises:
        DataError: Naming the file and the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"'{path}' cannot be read: {error}") from error
    found = [
        _record(f"'{path}', line {n}", line) for n, line in enumerate(lines, 1) if line.strip()
    ]
    if not found:
        raise DataError(f"'{path}' holds no records")
    return found


def _record(where: str, line: str) -> Record:
    try:
        body = json.loads(line)
    except ValueError as error:
        raise DataError(f"{where} is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise DataError(f"{where} must be an object with 'question' and 'answer'")
    return record_of(where, body)


def record_of(where: str, body: Mapping[str, Any]) -> Record:
    """Return the record of an object; see `read_records`.

    Raises:
        DataError: Naming what lacks or has the wrong type, and where.
    """
    if "text" in body and "question" not in body:
        author = _text(where, body, "author")
        return Record("", _text(where, body, "text", needed=True), author, is_text=True)
    wrong = body.get("perturbed_answer") or []
    wrong = [wrong] if isinstance(wrong, str) else wrong
    if not isinstance(wrong, list):
        raise DataError(f"{where}: 'perturbed_answer' must be a text or a list of texts")
    return Record(
        question=_text(where, body, "question", needed=True),
        answer=_text(where, body, "answer", needed=True),
        author=_text(where, body, "author"),
        paraphrase=_text(where, body, "paraphrased_answer"),
        wrong=tuple(_text(where, {"perturbed_answer": one}, "perturbed_answer") for one in wrong),
    )


def _text(where: str, body: Mapping[str, Any], key: str, *, needed: bool = False) -> str:
    value = body.get(key)
    if value is None and not needed:
        return ""
    if value is None:
        raise DataError(f"{where} lacks '{key}'; it has {', '.join(body) or 'nothing'}")
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise DataError(f"{where}: '{key}' must be a text, not {value!r}")
    return str(value).strip()


def authors_of(records: Sequence[Record]) -> list[str]:
    """Return the authors in the order of their first record."""
    return list(dict.fromkeys(record.author for record in records if record.author))
