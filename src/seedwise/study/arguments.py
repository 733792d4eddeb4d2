"""A component's signature is its argument schema: keyword-only parameters become fields."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from seedwise.errors import did_you_mean
from seedwise.metrics.splits import SPLIT

_WORDS = {
    "valid tuple": "list",
    "valid list": "list",
    "valid dictionary or instance": "mapping of keys to values, as",
    "valid dictionary": "mapping of keys to values",
    "valid string": "text",
}


class Arguments(NamedTuple):
    """Checked arguments.

    Attributes:
        full: Every argument, defaults filled in, as plain JSON values.
        changed: Those that differ from the defaults and decide a result. Paths are left out:
            the content of a file counts, not its place.
    """

    full: dict[str, Any]
    changed: dict[str, Any]


@cache
def schema_of(code: Callable[..., Any]) -> type[BaseModel]:
    """Return the pydantic model of a function's keyword-only (a class's init) parameters."""
    target = code.__init__ if inspect.isclass(code) else code
    hints = get_type_hints(target, include_extras=True)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(code).parameters.items():
        if inspect.isclass(code) or parameter.kind is parameter.KEYWORD_ONLY:
            default = ... if parameter.default is parameter.empty else parameter.default
            fields[name] = (hints.get(name, Any), default)
    config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False)
    return create_model(getattr(code, "__name__", "arguments"), __config__=config, **fields)


def check(
    code: Callable[..., Any], given: Mapping[str, Any], where: str, folder: Path
) -> tuple[Arguments, list[str]]:
    """Check arguments against a signature.

    Args:
        code: The function or class whose signature is the schema.
        given: The arguments as written in the study.
        where: The path inside the study file, for messages.
        folder: What relative paths are relative to.

    Returns:
        The arguments, and the problems found as sentences (then the arguments are empty).
    """
    try:
        schema = schema_of(code)
    except (NameError, TypeError) as error:
        return Arguments({}, {}), [f"{where}: its signature cannot be read: {error}"]
    problems = [
        f"{where}: unknown argument '{key}'; {did_you_mean(str(key), schema.model_fields)}"
        for key in given
        if key not in schema.model_fields
    ]
    if problems:
        return Arguments({}, {}), problems
    try:
        checked = schema.model_validate(dict(given))
    except ValidationError as error:
        return Arguments({}, {}), [_sentence(item, where) for item in error.errors()]
    booleans = [
        f"{where}.{name}: given {value}; yes and no are no numbers"
        for name, value in given.items()
        if isinstance(value, bool) and not isinstance(getattr(checked, name), bool)
    ]
    if booleans:
        return Arguments({}, {}), booleans
    values = {name: _absolute(getattr(checked, name), folder) for name in schema.model_fields}
    defaults = {name: info.default for name, info in schema.model_fields.items()}
    changed = {
        name: value
        for name, value in values.items()
        if not isinstance(value, Path) and _plain(value) != _plain(defaults[name])
    }
    return Arguments(_plain(values), _plain(changed)), []


def bind(code: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return locked (plain JSON) arguments as the types that the signature asks for."""
    checked = schema_of(code).model_validate(dict(arguments))
    return {name: getattr(checked, name) for name in schema_of(code).model_fields}


def splits_named(code: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the splits that arguments name, by argument (those annotated as `Split`).

    Example:
        >>> from seedwise.metrics.loss import loss
        >>> splits_named(loss.function, {"splits": ["forget", "test"]})
        {'splits': ['forget', 'test']}
    """
    hints = get_type_hints(code, include_extras=True)
    given = {name: arguments.get(name) for name, hint in hints.items() if _mentions_split(hint)}
    return {
        name: [value] if isinstance(value, str) else list(value)
        for name, value in given.items()
        if value is not None
    }


def _mentions_split(hint: Any) -> bool:
    marks = getattr(hint, "__metadata__", ())
    return SPLIT in marks or any(_mentions_split(part) for part in get_args(hint))


def _absolute(value: Any, folder: Path) -> Any:
    return (folder / value.expanduser()).resolve() if isinstance(value, Path) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _sentence(item: Any, where: str) -> str:
    path = ".".join([where, *(str(part) for part in item["loc"])])
    if item["type"] == "missing":
        return f"{path}: this argument is required"
    return f"{path}: {given(item)}; {wording(item)}"


def given(item: Any) -> str:
    """Say what pydantic was given, in the words of a YAML file."""
    return "given nothing" if item["input"] is None else f"given {item['input']!r}"


def wording(item: Any) -> str:
    """Say what pydantic found in the words of a YAML file."""
    message = str(item["msg"])
    for python, plain in _WORDS.items():
        message = message.replace(python, plain)
    return f"{message[0].lower()}{message[1:]}"
