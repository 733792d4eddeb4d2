"""Low-rank adapters (LoRA) on a frozen base.

Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (ICLR 2022), by `peft`. A layer's
effective matrix is W + (alpha / rank) B A; W is frozen, B starts at zero. The adapters are float32
whatever the base is.
"""

from __future__ import annotations

import copy
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from seedwise.domains import weights
from seedwise.errors import DataError

_NAME = "default"


@dataclass(frozen=True)
class Lora:
    """What adapters look like.

    Args:
        rank: Rows of A.
        alpha: Scale of the product, times the rank.
        targets: Ends of the names of the layers that get one; None for all but the output.
    """

    rank: int
    alpha: float
    targets: tuple[str, ...] | None = None


def attach(model: Any, lora: Lora) -> Any:
    """Freeze a model and put adapters on its layers; torch's global generator stays as it was.

    Raises:
        DataError: If the model has no such layers.
    """
    from peft import LoraConfig, inject_adapter_in_model
    from transformers.pytorch_utils import Conv1D

    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,  # pyright: ignore[reportArgumentType]
        target_modules="all-linear" if lora.targets is None else list(lora.targets),
        lora_dropout=0.0,
        fan_in_fan_out=any(isinstance(module, Conv1D) for module in model.modules()),
    )
    try:
        with torch.random.fork_rng(devices=[]):
            made: Any = inject_adapter_in_model(config, model, adapter_name=_NAME)
    except ValueError as error:
        raise DataError(f"task.model.lora_targets: {error}") from error
    for name, parameter in made.named_parameters():
        if ".lora_" in name:
            parameter.data = parameter.data.float()
    return made.eval()


def initialise(model: Any, generator: np.random.Generator) -> None:
    """Draw every A as `peft` does, uniformly within 1 / sqrt(columns), and set every B to zero."""
    for name, parameter in trained(model).items():
        bound = 0.0 if ".lora_B." in name else parameter.shape[1] ** -0.5
        drawn = generator.uniform(-bound, bound, size=tuple(parameter.shape))
        parameter.copy_(torch.from_numpy(drawn))


def trained(model: Any) -> dict[str, Tensor]:
    """Return the tensors of the adapters by name."""
    return {name: one for name, one in weights.tensors(model).items() if ".lora_" in name}


def base(model: Any) -> dict[str, Tensor]:
    """Return the tensors of the model beneath the adapters, by the names they have without."""
    return {
        name.replace(".base_layer.", "."): one
        for name, one in weights.tensors(model).items()
        if ".lora_" not in name
    }


def effective(model: Any) -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors that the model computes with, one merged at a time, by sorted names."""
    from peft.tuners.lora import LoraLayer

    layers = {
        f"{name}.weight": module
        for name, module in model.named_modules()
        if isinstance(module, LoraLayer)
    }
    for name, tensor in sorted(base(model).items()):
        layer: Any = layers.get(name)
        yield name, tensor if layer is None else tensor.float() + layer.get_delta_weight(_NAME)


def fill(model: Any, path: Path) -> None:
    """Set the adapters of a model to those of a file.

    Raises:
        DataError: If the file's tensors are not those of its adapters.
    """
    weights.fill(trained(model), weights.read(path), path)


def in_file(path: Path) -> bool:
    """Return whether a safetensors file holds adapters rather than a whole model."""
    if path.is_dir():
        return False
    weights.check_file(path)
    try:
        with safe_open(path, "pt") as handle:
            return all(".lora_" in name for name in handle.keys())  # noqa: SIM118 - no mapping
    except SafetensorError as error:
        raise DataError(f"'{path}' is damaged or no safetensors file: {error}") from error


def sharing(model: Any) -> Any:
    """Return a copy that shares all frozen tensors with the model."""
    frozen = {id(one): one for one in model.parameters() if not one.requires_grad}
    return copy.deepcopy(model, frozen)


def check_installed() -> None:
    """Refuse adapters where `peft` is not installed.

    Raises:
        DataError: Saying what to install.
    """
    if importlib.util.find_spec("peft") is None:
        raise DataError("task.model.lora needs peft: pip install 'seedwise[lora]'")
