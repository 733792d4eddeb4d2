"""What all parts of a study file share."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from seedwise.errors import did_you_mean


class Model(BaseModel):
    """A part of the study file; unknown keys are refused with a suggestion."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, given: Any) -> Any:
        allowed = {info.alias or name for name, info in cls.model_fields.items()}
        if isinstance(given, dict) and cls.model_config.get("extra") == "forbid":
            for key in given:
                if key not in allowed:
                    raise ValueError(f"unknown key '{key}'; {did_you_mean(str(key), allowed)}")
        return given
