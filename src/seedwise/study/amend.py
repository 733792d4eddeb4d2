"""Changing seeds in a study file: only the values are replaced, comments and layout stay."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import yaml

from seedwise.errors import StudyError, did_you_mean
from seedwise.study.load import validate
from seedwise.study.seeds import DEFAULT, written
from seedwise.study.spec import ORIGINAL, REFERENCE, Spec
from seedwise.study.yaml import parse


class _Edit(NamedTuple):
    """Replace the text between two places."""

    start: int
    stop: int
    text: str


def amend_seeds(
    text: str, where: str, counts: Mapping[str, int], runs: Mapping[str, int] | None = None
) -> str:
    r"""Return the text of a study file with more seeds.

    Seeds that are there stay, so nothing that was run is lost: a count becomes a greater count, a
    list is continued with labels that neither it nor `tuning` holds. A level that has enough
    already is left alone. Methods that are to have unequal numbers of unlearning seeds are named.

    Args:
        text: The file.
        where: Its name, for messages.
        counts: Number of seeds by level (`training`, `evaluation`, `partition`).
        runs: Number of unlearning seeds by method; None leaves them alone.

    Raises:
        StudyError: If the file is no study, or has no such method.

    Example:
        >>> study = (
        ...     "study: s\n"
        ...     "task: {domain: toy, dataset: gaussian, model: linear}\n"
        ...     "forget: {random: 0.2}\n"
        ...     "methods: [finetune, ssd]\n"
        ...     "metrics: [loss]\n"
        ...     "seeds:\n"
        ...     "  training: 3  # mine\n"
        ... )
        >>> found = amend_seeds(study, "s.yaml", {"training": 8}, {"finetune": 5, "ssd": 1})
        >>> print("\n".join(found.splitlines()[-2:]))
          training: 8  # mine
          unlearning: {default: 1, finetune: 5}
    """
    spec = validate(parse(text, where), where)
    node = _seeds_node(text, where)
    edits: list[_Edit] = []
    for level, count in counts.items():
        known = getattr(spec.seeds, level)
        if count > len(known):
            labels = extended(known, count, spec.seeds.tuning)
            edits.append(_edit(text, node, level, written(labels)))
    edits += _runs(text, node, spec, _of_study(runs or {}, spec, where))
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


def _of_study(runs: Mapping[str, int], spec: Spec, where: str) -> dict[str, int]:
    """Return the numbers of the methods that unlearn, all of which the study must have."""
    own = {title: n for title, n in runs.items() if title not in (ORIGINAL, REFERENCE)}
    for title in own:
        if title not in spec.titles:
            meant = did_you_mean(title, spec.titles)
            raise StudyError(f"{where}: the study has no method '{title}'; {meant}")
    return own


def _runs(
    text: str, node: yaml.MappingNode, spec: Spec, runs: Mapping[str, int]
) -> Iterator[_Edit]:
    """Yield what gives methods their unlearning seeds: one number for all, or some by name."""
    known = {title: spec.seeds.unlearning_of(title) for title in spec.titles}
    wanted = {title: extended(own, runs.get(title, 1), ()) for title, own in known.items()}
    changed = {title: own for title, own in wanted.items() if own != known[title]}
    mapping = _value(node, "unlearning")
    if isinstance(mapping, yaml.MappingNode) and mapping.value:
        yield from (_edit(text, mapping, title, written(own)) for title, own in changed.items())
    elif changed and len(set(wanted.values())) == 1:
        yield _edit(text, node, "unlearning", written(next(iter(wanted.values()))))
    elif changed:
        rest = spec.seeds.unlearning_of(DEFAULT)
        entries = [f"{_key(title)}: {written(own)}" for title, own in changed.items()]
        value = ", ".join([f"{DEFAULT}: {written(rest)}", *entries])
        yield _edit(text, node, "unlearning", f"{{{value}}}")


def _key(title: str) -> str:
    """Return a title as a YAML key that reads as text."""
    is_plain = re.fullmatch(r"[A-Za-z_][\w./+-]*", title) and parse(title, title) == title
    return title if is_plain else json.dumps(title)


def _value(node: yaml.MappingNode, name: str) -> yaml.Node | None:
    return next((value for key, value in node.value if key.value == name), None)


def _stop(node: yaml.Node) -> int:
    """Return where a value ends: a block with its last entry, not where the next key begins."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return node.end_mark.index


def _seeds_node(text: str, where: str) -> yaml.MappingNode:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if key.value == "seeds" and isinstance(value, yaml.MappingNode):
                return value
    raise StudyError(f"{where}: 'seeds' is not written as a mapping here; change it by hand")


def _edit(text: str, node: yaml.MappingNode, name: str, value: str) -> _Edit:
    """Return what gives a key of a mapping a new value, or adds it at the end."""
    known = _value(node, name)
    if known is not None:
        return _Edit(known.start_mark.index, _stop(known), value)
    entry = f"{_key(name)}: {value}"
    last_key, last = node.value[-1]
    end = _stop(last)
    if node.flow_style:
        return _Edit(end, end, f", {entry}")
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    indent = " " * last_key.start_mark.column
    return _Edit(line_end, line_end, f"\n{indent}{entry}")
