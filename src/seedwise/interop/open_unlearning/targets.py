"""What of an OpenUnlearning checkout stands for a study's data, model and finished checkpoints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedwise.errors import StudyError, did_you_mean
from seedwise.interop.open_unlearning.benchmarks import DATA, Data
from seedwise.interop.open_unlearning.trainers import MODELS
from seedwise.results.tidy import REFERENCE
from seedwise.study.patterns import fill
from seedwise.study.spec import Forget, Spec


@dataclass(frozen=True)
class Checkout:
    """What a study does not say.

    Args:
        model: The model's config; None: told by the study's model.
        split: The forget set; None: told by the study's data and forget set.
        processes: GPUs that share one training run.
        folder: What the study's relative paths are relative to.
    """

    model: str | None = None
    split: str | None = None
    processes: int = 2
    folder: Path = Path()


def model_of(spec: Spec, given: str | None) -> str:
    """Return a config of configs/model: the one asked for, or that named like the study's model.

    Raises:
        StudyError: If there is none.
    """
    use = spec.task.model
    adapted = [name for name in use.arguments if name.startswith("lora")]
    if adapted:
        raise StudyError(
            f"task.model: {adapted[0]}: OpenUnlearning trains all parameters and loads no "
            "adapters; leave it out"
        )
    if given is not None and given not in MODELS:
        raise StudyError(f"--model {given}: {did_you_mean(given, MODELS)}")
    if given is not None:
        return given
    named = [Path(str(value)).name for value in (use.name, *use.arguments.values())]
    found = [name for name in named if name in MODELS]
    if not found:
        raise StudyError(
            f"task.model: OpenUnlearning has no config for '{use.name}'; name one of its own: "
            f"--model {', '.join(MODELS)}"
        )
    return found[0]


def data_of(spec: Spec, given: str | None) -> list[Data]:
    """Return OpenUnlearning's forget sets.

    Raises:
        StudyError: If it has no such data, or none that trains what the study wants trained.
    """
    found = [DATA[name] for name in _names(spec, given)]
    if spec.task.dataset.name == "tofu" and found[0].family != "tofu":
        raise StudyError(f"--split {given}: the study's data set is tofu")
    if not found[0].full and spec.originals is None:
        raise StudyError(
            f"OpenUnlearning has no config that trains originals for {found[0].family.upper()}; "
            "name finished ones, one a training seed: originals: 'lab/model-{training_seed}'"
        )
    listed = any(use.name == REFERENCE for use in spec.methods)
    if listed and not found[0].retained and spec.references is None:
        raise StudyError(
            f"methods: OpenUnlearning has no config that trains references for "
            f"{found[0].family.upper()}; leave out '{REFERENCE}', or name finished models under "
            "'references'"
        )
    return found


def _names(spec: Spec, given: str | None) -> Iterator[str]:
    if given is not None:
        if given not in DATA:
            raise StudyError(f"--split {given}: {did_you_mean(given, DATA)}")
        if len(spec.forget) > 1:
            raise StudyError(
                f"--split {given}: is for one forget set, the study has {len(spec.forget)}"
            )
        yield given
        return
    dataset = spec.task.dataset
    muse = Path(str(dataset.arguments.get("id"))).name
    if dataset.name == "tofu":
        yield from map(_tofu_name, spec.forget)
    elif dataset.name == "datasets" and muse in DATA and len(spec.forget) == 1:
        yield muse
    else:
        raise StudyError(
            f"task.dataset: OpenUnlearning has no '{dataset.name}'; Allowed: tofu, or say what "
            f"stands for it: --split {', '.join(DATA)}"
        )


def _tofu_name(one: Forget) -> str:
    fitting = [name for name, data in DATA.items() if data.family == "tofu"]
    names: list[Any] = [one.name, Path(str(one.value)).stem.removesuffix("_perturbed")]
    found = [name for name in names if name in fitting]
    if not found:
        raise StudyError(
            f"forget: '{one.title}' is none of TOFU's forget sets, the only ones that "
            f"OpenUnlearning has; say which one stands for it: --split {', '.join(fitting)}"
        )
    return found[0]


def adopted(pattern: str, training: int, task: str, folder: Path) -> str:
    """Return where a finished checkpoint is, for a command that runs elsewhere.

    Args:
        pattern: What the study says under `originals` or `references`.
        training: Training seed.
        task: Name of the forget set.
        folder: What relative paths are relative to.

    Raises:
        StudyError: If it names a revision, or single files.
    """
    name = fill(pattern, training=training, task=task)
    if "@" in name or name.endswith(".safetensors"):
        raise StudyError(
            f"'{name}': OpenUnlearning starts from directories and ids on the hub, without a "
            "revision; download it into a directory and name that"
        )
    place = folder / Path(name).expanduser()
    return str(place.resolve()) if place.is_dir() else name
