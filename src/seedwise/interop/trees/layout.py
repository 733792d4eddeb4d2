"""What a tool leaves in its folders: which files hold results, which say what was run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seedwise.contracts import MetricSpec
from seedwise.interop.imported import Value


@dataclass(frozen=True)
class TrainRun:
    """A run that trained or unlearned a model.

    Args:
        name: The last two parts of its folder.
        handler: What the tool calls the method.
        unlearns: Whether it unlearned, rather than finetuned.
        seed: Its seed.
        start: The path of the model it started from.
        model: The model family, told by its tokenizer.
        data: The benchmark's data, such as `News` of MUSE; empty for TOFU.
        forget: The forget set, empty where the config names none.
        trained_on: What a finetuning run trained on: `full`, `retain90`, ...
        retain_log: The evaluation of a retrained model that it was compared with.
        settings: Arguments of trainer and method that tell it from others of the same handler.
    """

    name: str
    handler: str
    unlearns: bool
    seed: int
    start: str
    model: str
    data: str
    forget: str
    trained_on: str
    retain_log: str
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EvalRun:
    """A run that evaluated a model: which one, on what. Its seed says nothing of the model's.

    Args:
        path: The model that was evaluated.
        model: The model family.
        data: As in `TrainRun`.
        forget: As in `TrainRun`.
    """

    path: str
    model: str
    data: str
    forget: str


class Read(NamedTuple):
    """What the files of an evaluation hold.

    Args:
        values: Values by metric.
        ratios: (n,) truth ratios on the forget set, None where they are unknown.
    """

    values: Mapping[str, Value]
    ratios: np.ndarray | None


Files = Mapping[tuple[str, str], Path]
"""The files of one evaluation by benchmark and kind."""


@dataclass(frozen=True)
class Layout:
    """A tool's way of writing.

    Args:
        name: What messages call its files.
        file: Matches the names of result files; groups `benchmark` and `kind`.
        config: Reads the config in a folder; None where there is none.
        read: Reads the files of one evaluation.
        specs: Specs of its metrics.
        configs: Where its configs lie, for messages.
        advice: What to name instead of a folder without results.
    """

    name: str
    file: re.Pattern[str]
    config: Callable[[Path], TrainRun | EvalRun | None]
    read: Callable[[Files], Read]
    specs: Mapping[str, MetricSpec]
    configs: str
    advice: str


def run_name(folder: Path) -> str:
    """Return the last two parts of a folder.

    Example:
        >>> run_name(Path("saves/unlearn/tofu_NPO"))
        'unlearn/tofu_NPO'
    """
    return "/".join(folder.parts[-2:])
