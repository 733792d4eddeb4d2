"""YAML as people write it: `1e-3` is a number and a key given twice is an error."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from seedwise.errors import StudyError


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the float syntax of YAML 1.2 and unique keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key '{twice[0]}' is given twice", node.start_mark
            )
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:float"]
    for key, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|\.[0-9_]+(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+0123456789."),
)


def parse(text: str, where: str) -> Any:
    """Parse YAML text.

    Args:
        text: The YAML document.
        where: Name of the file, for messages.

    Raises:
        StudyError: If it is not YAML, or a key is given twice; names file, line and column.

    Example:
        >>> parse("lr: 1e-3", "study.yaml")
        {'lr': 0.001}
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
        problem = getattr(error, "problem", None) or "cannot be read as YAML"
        raise StudyError(f"{place}: {problem}") from None
    except ValueError as error:
        raise StudyError(f"{where}: {error}") from None


def read(path: Path) -> Any:
    """Read a YAML file; see `parse`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8 text"
        raise StudyError(f"{path}: cannot be read: {reason}") from None
    return parse(text, str(path))
