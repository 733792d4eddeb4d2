"""Changing seeds in a study file: only the values are replaced, comments and layout stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import yaml

from seedwise.errors import StudyError
from seedwise.study.load import validate
from seedwise.study.yaml import parse


class _Edit(NamedTuple):
    """Replace the text between two places."""

    start: int
    stop: int
    text: str


def amend_seeds(text: str, where: str, counts: Mapping[str, int]) -> str:
    r"""Return the text of a study file with more seeds of some levels.

    Seeds that are there stay, so nothing that was run is lost: a count becomes a greater count, a
    list is continued with labels that neither it nor `tuning` holds. A level that has enough
    already is left alone.

    Args:
        text: The file.
        where: Its name, for messages.
        counts: Number of seeds by level (`training`, `unlearning`, `evaluation`, `partition`).

    Raises:
        StudyError: If the file is no study.

    Example:
        >>> study = (
        ...     "study: s\n"
        ...     "task: {domain: toy, dataset: gaussian, model: linear}\n"
        ...     "forget: {random: 0.2}\n"
        ...     "methods: [retrain]\n"
        ...     "metrics: [loss]\n"
        ...     "seeds:\n"
        ...     "  training: 3  # mine\n"
        ... )
        >>> amend_seeds(study, "s.yaml", {"training": 8}).splitlines()[-1]
        '  training: 8  # mine'
    """
    spec = validate(parse(text, where), where)
    node = _seeds_node(text, where)
    edits: list[_Edit] = []
    for level, count in counts.items():
        known = getattr(spec.seeds, level)
        if count <= len(known):
            continue
        labels = extended(known, count, spec.seeds.tuning)
        edits.append(_edit(text, node, level, labels))
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.stop :]
    validate(parse(text, where), where)
    return text


def extended(known: Sequence[int], count: int, tuning: Sequence[int]) -> tuple[int, ...]:
    """Return seed labels with more of them: the next numbers that are neither used nor tuned on.

    Example:
        >>> extended((0, 1), 4, (2,))
        (0, 1, 3, 4)
    """
    labels, taken = list(known), {*known, *tuning}
    following = max(known, default=-1) + 1
    while len(labels) < count:
        if following not in taken:
            labels.append(following)
        following += 1
    return tuple(labels)


def _written(labels: Sequence[int]) -> str:
    """Return a count where labels are 0 .. n-1, else a list."""
    if tuple(labels) == tuple(range(len(labels))):
        return str(len(labels))
    return "[" + ", ".join(str(label) for label in labels) + "]"


def _seeds_node(text: str, where: str) -> yaml.MappingNode:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if key.value == "seeds" and isinstance(value, yaml.MappingNode):
                return value
    raise StudyError(f"{where}: 'seeds' is not written as a mapping here; change it by hand")


def _edit(text: str, node: yaml.MappingNode, level: str, labels: Sequence[int]) -> _Edit:
    for key, value in node.value:
        if key.value == level:
            start, stop = value.start_mark.index, value.end_mark.index
            # A block list ends where the next key begins; what follows its last item stays.
            own = text[start:stop]
            stop = start + len(own.rstrip())
            return _Edit(start, stop, _written(labels))
    entry = f"{level}: {_written(labels)}"
    last_key, last = node.value[-1]
    end = last.end_mark.index
    if node.flow_style:
        return _Edit(end, end, f", {entry}")
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    indent = " " * last_key.start_mark.column
    return _Edit(line_end, line_end, f"\n{indent}{entry}")
