"""Our methods in OpenUnlearning's words: trainer, experiment, and the Hydra key of each argument.

Read off its configs/trainer and configs/experiment. What a study does not say keeps
OpenUnlearning's own value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from seedwise.errors import StudyError, did_you_mean
from seedwise.interop.open_unlearning.benchmarks import Data

_TRAINER = {
    "lr": "trainer.args.learning_rate",
    "epochs": "trainer.args.num_train_epochs",
    "weight_decay": "trainer.args.weight_decay",
}
_WEIGHTS = {name: f"trainer.method_args.{name}" for name in ("gamma", "alpha")}
_RETAIN = {**_WEIGHTS, "retain": "trainer.method_args.retain_loss_type"}
_BETA = {"beta": "trainer.method_args.beta"}


@dataclass(frozen=True)
class Trainer:
    """A trainer of OpenUnlearning.

    Args:
        name: Its config in configs/trainer.
        keys: Hydra keys by our arguments, besides those that every trainer has.
        experiment: Its kind of experiment config.
    """

    name: str
    keys: Mapping[str, str] = field(default_factory=dict)
    experiment: str = "default"


TRAINERS: Mapping[str, Trainer] = {
    "gradient-ascent": Trainer("GradAscent"),
    "grad-diff": Trainer("GradDiff", _RETAIN),
    "npo": Trainer("NPO", {**_RETAIN, **_BETA}),
    "simnpo": Trainer("SimNPO", {**_RETAIN, **_BETA, "delta": "trainer.method_args.delta"}),
    "idk-dpo": Trainer("DPO", {**_RETAIN, **_BETA}, "idk"),
    "undial": Trainer("UNDIAL", {**_RETAIN, **_BETA}),
    "wga": Trainer("WGA", {**_RETAIN, **_BETA}),
    "ceu": Trainer("CEU", {"skip": "trainer.method_args.ignore_first_n_answer_tokens"}),
    "satimp": Trainer(
        "SatImp",
        {**_RETAIN, **{name: f"trainer.method_args.{name}" for name in ("beta1", "beta2")}},
    ),
    "rmu": Trainer(
        "RMU",
        {
            "alpha": "trainer.method_args.alpha",
            "coefficient": "trainer.method_args.steering_coeff",
            "layer": "trainer.method_args.module_regex",
        },
    ),
}
"""Trainers by our methods."""

_RECIPE = {
    **_TRAINER,
    # Not in OpenUnlearning's configs, so that Hydra wants a plus; transformers knows them.
    "schedule": "+trainer.args.lr_scheduler_type",
    "beta2": "+trainer.args.adam_beta2",
}

MODELS = (
    "Llama-2-7b-chat-hf",
    "Llama-2-7b-hf",
    "Llama-2-13b-hf",
    "Llama-3.1-8B-Instruct",
    "Llama-3.2-1B-Instruct",
    "Llama-3.2-3B-Instruct",
    "Phi-3.5-mini-instruct",
    "Qwen2.5-1.5B-Instruct",
    "Qwen2.5-3B-Instruct",
    "Qwen2.5-7B-Instruct",
    "gemma-7b-it",
    "phi-1_5",
    "zephyr-7b-beta",
)
"""Its configs/model."""


def find(method: str, data: Data) -> Trainer:
    """Return the trainer of a method.

    Raises:
        StudyError: If OpenUnlearning has none, or no config of it for these data.
    """
    fitting = {name: trainer for name, trainer in TRAINERS.items() if _fits(trainer, data)}
    if method not in fitting:
        where = f" and {data.family.upper()}" if method in TRAINERS else ""
        raise StudyError(
            f"methods: OpenUnlearning has no trainer for '{method}'{where}; "
            f"{did_you_mean(method, [*fitting, 'original', 'retrain'])}"
        )
    return fitting[method]


def _fits(trainer: Trainer, data: Data) -> bool:
    known = data.trainers is None or trainer.name in data.trainers
    return known and trainer.experiment in data.experiments


def overrides(
    method: str, arguments: Mapping[str, Any], processes: int, data: Data
) -> Iterator[str]:
    """Yield the Hydra overrides for a method's arguments.

    Args:
        method: Our method.
        arguments: What the study says of it.
        processes: GPUs that share a batch.
        data: What is unlearned.

    Raises:
        StudyError: If OpenUnlearning's trainer has no such argument.

    Example:
        >>> from seedwise.interop.open_unlearning.benchmarks import DATA
        >>> list(overrides("npo", {"beta": 0.5, "retain": "kl"}, 2, DATA["forget10"]))[:2]
        ['trainer.method_args.beta=0.5', 'trainer.method_args.retain_loss_type=KL']
    """
    keys = {**_TRAINER, **find(method, data).keys}
    if data.steps:
        del keys["epochs"]
    yield from _translated(f"methods: {method}", keys, arguments, processes, data)


def recipe(arguments: Mapping[str, Any], processes: int, data: Data) -> Iterator[str]:
    """Yield the Hydra overrides for what the study says under `task.train`.

    Raises:
        StudyError: If OpenUnlearning cannot train that way.
    """
    yield from _translated("task.train", _RECIPE, arguments, processes, data)


def _translated(
    where: str, keys: Mapping[str, str], arguments: Mapping[str, Any], processes: int, data: Data
) -> Iterator[str]:
    for name, value in arguments.items():
        if name == "optimizer" and value == "adamw":
            continue  # what OpenUnlearning uses
        if name == "batch_size":
            continue
        if name not in keys:
            raise StudyError(
                f"{where}: OpenUnlearning cannot take '{name}: {value}'; "
                f"{did_you_mean(name, [*keys, 'batch_size'])}"
            )
        yield f"{keys[name]}={_value(name, value)}"
    yield from _batches(where, arguments.get("batch_size", data.batch), processes, data.most)


def _value(name: str, value: Any) -> Any:
    if name == "retain":
        return str(value).upper()
    # A regular expression; its layers count from 0. A dot stands for any character, itself too.
    return f"model.layers.{value - 1}" if name == "layer" else value


def _batches(where: str, size: Any, processes: int, most: int) -> Iterator[str]:
    """Yield how a batch is split, a few examples a device at once."""
    share, rest = divmod(size, processes) if isinstance(size, int) else (0, 1)
    if rest or share < 1:
        raise StudyError(
            f"{where}: a batch_size of {size} cannot be shared by {processes} processes; "
            "give a multiple of their number, or other --processes"
        )
    device = next(count for count in range(most, 0, -1) if share % count == 0)
    yield f"trainer.args.per_device_train_batch_size={device}"
    yield f"trainer.args.gradient_accumulation_steps={share // device}"
