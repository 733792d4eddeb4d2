"""From a study file to a validated spec, with errors that name the file and the path inside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from seedwise.errors import StudyError
from seedwise.study import yaml
from seedwise.study.arguments import given, wording
from seedwise.study.seeds import DEFAULT
from seedwise.study.spec import Spec


def load(path: str | Path, overrides: Sequence[str] = ()) -> Spec:
    """Read and validate a study file.

    Args:
        path: The YAML file.
        overrides: Changes such as `seeds.training=5` or `methods.1.lr=1e-3`.

    Raises:
        StudyError: Lists every problem with its place, what was given and what is allowed.
    """
    path = Path(path)
    content = yaml.read(path)
    for override in overrides:
        content = _set(content, override)
    return validate(content, str(path))


def validate(content: Any, where: str) -> Spec:
    """Validate the content of a study file, already read.

    Example:
        >>> validate({"study": "x"}, "x.yaml")
        Traceback (most recent call last):
        ...
        seedwise.errors.StudyError: x.yaml: 5 problems
          task: is missing
          forget: is missing
          methods: is missing
          metrics: is missing
          seeds: is missing
    """
    if not isinstance(content, dict):
        raise StudyError(f"{where}: a study is a mapping of keys to values, given: {content!r}")
    try:
        return Spec.model_validate(content)
    except ValidationError as error:
        raise problems_error(where, [_sentence(item) for item in error.errors()]) from None


def problems_error(where: str, problems: Sequence[str]) -> StudyError:
    """Return one error that lists all problems of a file."""
    if len(problems) == 1:
        return StudyError(f"{where}: {problems[0]}")
    return StudyError("\n  ".join([f"{where}: {len(problems)} problems", *problems]))


def _sentence(item: Any) -> str:
    path = item["loc"]
    if path[-1:] == ("[key]",):
        return f"{_place(path[:-2])}the key {path[-2]!r} is no name"
    place = _place(path)
    if item["type"] == "missing":
        return f"{place}is missing"
    message = item["msg"].removeprefix("Value error, ")
    if item["type"] == "value_error":
        return f"{place}{message}"
    return f"{place}{given(item)}; {wording(item)}"


def _place(path: Sequence[Any]) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"{place.lstrip('.')}: " if place else ""


def _set(content: Any, override: str) -> Any:
    """Return the content with one value replaced; a list is addressed by position."""
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise StudyError(f"--set {override}: write it as key=value, e.g. seeds.training=5")
    value = yaml.parse(text, f"--set {override}")
    *parents, last = key.split(".")
    if parents == ["seeds", "unlearning"]:
        content = _per_method(content, last)
    node = content
    for part in parents:
        node = _child(node, part, override)
    if isinstance(node, list):
        _child(node, last, override)
        node[int(last)] = value
    elif isinstance(node, dict):
        node[last] = value
    else:
        raise StudyError(f"--set {override}: '{'.'.join(parents)}' has no parts")
    return content


def _per_method(content: Any, method: str) -> Any:
    """Return the content with one count or list of unlearning seeds as that of every method."""
    seeds = content.get("seeds") if isinstance(content, dict) else None
    known = seeds.get("unlearning") if isinstance(seeds, dict) else None
    is_list = isinstance(known, list) and not method.isdigit()
    if isinstance(seeds, dict) and (isinstance(known, int) or is_list):
        return {**content, "seeds": {**seeds, "unlearning": {DEFAULT: known}}}
    return content


def _child(node: Any, part: str, override: str) -> Any:
    if isinstance(node, list) and part.isdigit() and int(part) < len(node):
        return node[int(part)]
    if isinstance(node, dict):
        return node.setdefault(part, {})
    raise StudyError(f"--set {override}: there is no '{part}' in the study")
