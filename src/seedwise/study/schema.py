"""The JSON schema of a study file, for editors: also of the short forms that people write."""

from __future__ import annotations

from typing import Any

from seedwise.study.spec import KEEP, MOST_SEEDS, Spec

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def study_schema() -> dict[str, Any]:
    """Return the schema of what a study file may hold.

    It accepts what `seedwise validate` accepts, before names and data are looked up. Two rules
    cannot be written as a schema: labels occur once, and `tuning` shares no seed with a list of
    `training` seeds.

    Example:
        >>> study_schema()["required"]
        ['study', 'task', 'forget', 'methods', 'metrics', 'seeds']
    """
    schema = Spec.model_json_schema(by_alias=True)
    parts, keys = schema["$defs"], schema["properties"]
    parts["Use"] = {"anyOf": [{"type": "string"}, parts["Use"]]}
    parts["Forget"] |= _one_selector()
    levels = parts["Seeds"]["properties"]
    for name, level in levels.items():
        levels[name] = _count_or_list(level, fewest=0 if name == "tuning" else 1)
    for name in ("methods", "metrics", "forget"):
        keys[name] |= {"minItems": 1, "uniqueItems": True}
    keys["forget"] = _one_or_list(keys["forget"])
    keys["keep"]["pattern"] = f"^({KEEP})$"
    return {"$schema": _DIALECT, **schema}


def _count_or_list(level: dict[str, Any], *, fewest: int) -> dict[str, Any]:
    seeds = {"type": "array", "items": level.pop("items")}
    if fewest:
        seeds |= {"minItems": fewest, "uniqueItems": True}
    count = {"type": "integer", "minimum": fewest, "maximum": MOST_SEEDS}
    del level["type"]
    return {**level, "anyOf": [count, seeds]}


def _one_or_list(several: dict[str, Any]) -> dict[str, Any]:
    kept = {key: several.pop(key) for key in ("description", "title")}
    return {**kept, "anyOf": [several["items"], several]}


def _one_selector() -> dict[str, Any]:
    """A forget set has one key besides `seed` and `name`."""
    seed, name = ({"required": [key]} for key in ("seed", "name"))
    number = {n: {"minProperties": n, "maxProperties": n} for n in (1, 2, 3)}
    return {
        "oneOf": [
            {"not": {"anyOf": [seed, name]}, **number[1]},
            {"oneOf": [seed, name], **number[2]},
            {"allOf": [seed, name], **number[3]},
        ]
    }
