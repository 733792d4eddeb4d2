"""The study file as pydantic models: shapes and types, no knowledge of what is registered."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from seedwise.errors import did_you_mean
from seedwise.study.parts import Model
from seedwise.study.precision import Precision
from seedwise.study.seeds import DEFAULT, Seed, Seeds

REFERENCE = "retrain"
ORIGINAL = "original"
KEEP = r"auto|none|all|\d+(\.\d+)? ?(MB|GB|TB)"


class Use(Model):
    """A component by name, its arguments beside the name: `ssd` or `{name: ssd, alpha: 5}`."""

    model_config = ConfigDict(extra="allow", frozen=True)
    name: str
    label: str | None = Field(None, description="What tables call it; tells two uses apart.")

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"name": given}
        if not isinstance(given, dict | Use):
            raise ValueError(f"given {given!r}; write a name, or {{name: ..., argument: ...}}")
        if isinstance(given, dict) and "name" not in given:
            raise ValueError(f"'name' is missing in {given}; write {{name: ..., argument: ...}}")
        return given

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments as given."""
        return dict(self.model_extra or {})

    @property
    def title(self) -> str:
        """What tables call it."""
        return self.label or self.name


class TaskSpec(Model):
    """The learning problem."""

    domain: str = Field(description="Learning problem family, e.g. vision.")
    dataset: Use
    model: Use
    train: dict[str, Any] = Field(default_factory=dict, description="Recipe of the training.")


class Forget(Model):
    """One forget set: exactly one selector with its value, e.g. `{class: 3}` or `{random: 0.1}`."""

    model_config = ConfigDict(extra="allow", frozen=True)
    seed: Seed = Field(0, description="Seed of the draw; nothing else decides it.")
    name: str | None = Field(None, description="What tables call it.")

    @model_validator(mode="after")
    def _one_selector(self) -> Forget:
        if len(self.model_extra or {}) != 1:
            given = ", ".join(self.model_extra or {}) or "none"
            raise ValueError(
                f"exactly one selector is needed, given: {given}; e.g. {{class: 3}}, "
                "{random: 0.1} or {indices: forget.txt}"
            )
        return self

    @property
    def selector(self) -> str:
        """The selector's name."""
        return next(iter(self.model_extra or {}))

    @property
    def value(self) -> Any:
        """The selector's value."""
        return (self.model_extra or {})[self.selector]

    @property
    def title(self) -> str:
        """What tables call it."""
        value = str(self.value)
        value = PurePath(value).stem if "/" in value else value  # the folder of a file says little
        plain = re.sub(r"[^A-Za-z0-9.+-]+", "-", value).strip("-")
        seed = f"-seed{self.seed}" if self.seed else ""
        return self.name or f"{self.selector}-{plain}{seed}"


class Spec(Model):
    """One study: a task, forget sets, methods, metrics and seeds."""

    study: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="Name of the study.")
    task: TaskSpec
    forget: tuple[Forget, ...] = Field(description="One forget set or a list.")
    methods: tuple[Use, ...]
    metrics: tuple[Use, ...]
    seeds: Seeds
    reference: Literal["independent", "paired"] = Field(
        "independent",
        description="Whether retrained models draw their own start and order, or share the "
        "original's.",
    )
    partitions: Literal["fixed", "random"] = Field(
        "fixed",
        description="Whether results of several seeds.partition are to hold for these draws of "
        "the data, or for others like them.",
    )
    plugins: tuple[str, ...] = Field((), description="Python files or modules to load.")
    originals: str | None = Field(
        None,
        description="Existing checkpoints, e.g. 'models/{training_seed}.safetensors'; of language "
        "models also directories, and ids on the Hugging Face hub: "
        "'organisation/model-{training_seed}@revision'.",
    )
    references: str | None = Field(None, description="Existing retrained checkpoints, likewise.")
    precision: Precision | None = Field(
        None, description="Run until an interval is narrow enough or a claim settled."
    )
    keep: str = Field(
        "auto",
        description="Weights of unlearned models to keep: auto (10 GB at most), none, all, or a "
        "size such as '500 MB'.",
    )

    @field_validator("forget", mode="before")
    @classmethod
    def _one_or_list(cls, given: Any) -> Any:
        return [given] if isinstance(given, dict) else given

    @field_validator("keep")
    @classmethod
    def _policy_or_size(cls, given: str) -> str:
        if not re.fullmatch(KEEP, given):
            raise ValueError(f"given '{given}'; allowed: auto, none, all, or a size as '500 MB'")
        return given

    @field_validator("methods", "metrics", "forget", mode="after")
    @classmethod
    def _unique_titles(cls, uses: tuple[Any, ...]) -> tuple[Any, ...]:
        if not uses:
            raise ValueError("the list is empty; at least one is needed")
        titles = [use.title for use in uses]
        twice = sorted({title for title in titles if titles.count(title) > 1})
        if twice:
            raise ValueError(f"'{twice[0]}' is listed twice; give each use a label of its own")
        return uses

    @property
    def titles(self) -> tuple[str, ...]:
        """What the methods are called that unlearn."""
        return tuple(m.title for m in self.methods if m.name not in (ORIGINAL, REFERENCE))

    @model_validator(mode="after")
    def _methods_of_seeds(self) -> Spec:
        runs, titles = self.seeds.unlearning, self.titles
        if isinstance(runs, dict) and DEFAULT in titles:
            raise ValueError(
                f"seeds.unlearning: '{DEFAULT}' stands for the methods that are not named; give "
                "the method of that name a label"
            )
        for title in runs if isinstance(runs, dict) else ():
            if title not in (*titles, DEFAULT):
                meant = did_you_mean(title, (*titles, DEFAULT))
                raise ValueError(f"seeds.unlearning: no method '{title}' that unlearns; {meant}")
        return self

    @model_validator(mode="after")
    def _precision_fits(self) -> Spec:
        if self.precision is not None:
            names = tuple(use.title for use in self.methods)
            seeds = self.seeds
            self.precision.check(len(seeds.training), len(seeds.partition), names)
            if self.originals or self.references:
                raise ValueError(
                    "precision: existing checkpoints cannot be extended by new training seeds; "
                    "leave out precision, originals or references"
                )
        return self
