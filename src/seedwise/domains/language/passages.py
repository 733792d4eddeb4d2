"""Plain text: documents cut into passages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from seedwise.domains.language.corpus import Record
from seedwise.errors import DataError

_WORD = re.compile(r"\S+\s*")


def read_passages(path: Path, words: int) -> list[Record]:
    """Return the passages of a .txt file, or of all those in a folder and below it, by name.

    Args:
        path: The file or folder.
        words: Words a passage; the last one of a document may be shorter.

    Returns:
        One record a passage, its document (the file's place without suffix) as the author.

    Raises:
        DataError: If there is no text.
    """
    files = sorted(path.rglob("*.txt")) if path.is_dir() else [path]
    found = []
    for file in files:
        name = file.stem if file == path else file.relative_to(path).with_suffix("").as_posix()
        found += [Record("", text, name, is_text=True) for text in cut(_content(file), words)]
    if not found:
        raise DataError(f"'{path}' holds no text; give a .txt file, or a folder with some")
    return found


def cut(text: str, words: int) -> Iterator[str]:
    """Yield passages of a number of words, white space between them as it stands.

    Example:
        >>> list(cut("to be,  or not ", 2))
        ['to be,', 'or not']
    """
    found = _WORD.findall(text)
    for begin in range(0, len(found), words):
        yield "".join(found[begin : begin + words]).strip()


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"'{file}' cannot be read: {error}") from error
