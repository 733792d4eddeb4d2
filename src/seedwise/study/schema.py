"""The JSON schema of a study file, for editors: also of the short forms that people write."""

from __future__ import annotations

from typing import Any

from seedwise.study.seeds import MOST_SEEDS, RANGE
from seedwise.study.spec import KEEP, Spec

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def study_schema() -> dict[str, Any]:
    """Return the schema of what a study file may hold.

    It accepts what `seedwise validate` accepts, before names and data are looked up. Some rules
    cannot be written as a schema: labels occur once, ranges ascend and do not overlap, `tuning`
    shares no seed with a list of `training` seeds, and unlearning seeds are of methods listed.

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
        levels[name] = _level(name, level)
    for name in ("methods", "metrics", "forget"):
        keys[name] |= {"minItems": 1, "uniqueItems": True}
    keys["forget"] = _one_or_list(keys["forget"])
    keys["keep"]["pattern"] = f"^({KEEP})$"
    return {"$schema": _DIALECT, **schema}


def _count_or_list(fewest: int) -> list[dict[str, Any]]:
    seed = {"type": "integer", "minimum": 0, "exclusiveMaximum": 2**63}
    seeds: dict[str, Any] = {
        "type": "array",
        "items": {"anyOf": [seed, {"type": "string", "pattern": f"^{RANGE}$"}]},
    }
    if fewest:
        seeds |= {"minItems": fewest, "uniqueItems": True}
    return [{"type": "integer", "minimum": fewest, "maximum": MOST_SEEDS}, seeds]


def _level(name: str, level: dict[str, Any]) -> dict[str, Any]:
    """Return one level of seeds: a count, a list, for unlearning also a mapping of them."""
    forms = _count_or_list(fewest=0 if name == "tuning" else 1)
    if name == "unlearning":
        forms.append({"type": "object", "additionalProperties": {"anyOf": [*forms]}})
    kept = ("title", "description", "default")
    return {**{key: level[key] for key in kept if key in level}, "anyOf": forms}


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
