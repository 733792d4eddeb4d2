"""What a study asks for: a learning problem, what must go, and a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Part:
    """A named component with its arguments, e.g. the data set or the model of a task."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """A learning problem: which domain, data set, model and train recipe."""

    domain: str
    dataset: Part
    model: Part
    train: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ForgetSet:
    """Which training data must go: a selector of the domain, its value and its own seed."""

    selector: str
    value: Any
    seed: int = 0


@dataclass(frozen=True)
class Recipe:
    """One optimisation: the arguments of the loop that loss-type methods share.

    Args:
        epochs: Passes over the leading split.
        lr: Learning rate.
        batch_size: Examples a step; None takes the whole split in its own order, without a draw.
        optimizer: `sgd` or `adam` or `adamw`.
        momentum: Momentum of `sgd`.
        weight_decay: L2 penalty (`adamw`: decoupled).
        schedule: `constant`, or `cosine` down to zero over all steps.
        beta2: Decay of the mean squared gradients of `adam` and `adamw`.
        accumulate: Batches a step: their mean loss is what it descends, one of them is in memory.
    """

    epochs: int
    lr: float
    batch_size: int | None = 64
    optimizer: Literal["sgd", "adam", "adamw"] = "sgd"
    momentum: float = 0.9
    weight_decay: float = 0.0
    schedule: Literal["constant", "cosine"] = "constant"
    beta2: float = 0.999
    accumulate: int = 1
