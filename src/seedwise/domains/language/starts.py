"""Where the training of a model begins: what it looks like, its tokens, its first weights."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seedwise.contracts import Artifact, Part
from seedwise.domains import weights
from seedwise.domains.language import adapters
from seedwise.domains.language.adapters import Lora
from seedwise.domains.language.corpus import Corpus
from seedwise.domains.language.hub import check_model, downloaded, identity
from seedwise.domains.language.models import at_rest, blank, initialise
from seedwise.domains.language.tokenizer import PretrainedCodec
from seedwise.domains.language.tokens import Codec, TrainedCodec, texts
from seedwise.errors import DataError

_FRESH_NOTE = (
    "the tokens were learnt from all texts, forget set and holdout alike, so that neither is "
    "easier for a model that saw none of them; originals and references share them"
)
_PRETRAINED_NOTE = (
    "originals and references start from the same pretrained weights; what those knew of the "
    "forget set before is not forgotten by a reference either"
)


class Start:
    """A model before the first step of its training.

    Attributes:
        codec: Its tokens.
        context: Most tokens of a sequence, None where there is no such number.
        identity: Hash of weights that it starts from, empty where they are drawn.
        notes: Sentences about it.
        lora: Its adapters, None where every parameter is trained.
        dtype: What its products are computed in.
    """

    codec: Codec
    context: int | None
    identity: str = ""
    notes: tuple[str, ...]
    lora: Lora | None = None
    dtype: str = "float32"

    def blank(self) -> Any:
        """Return a model whose drawn parameters are not set yet."""
        raise NotImplementedError

    def initialise(self, model: Any, generator: np.random.Generator) -> None:
        """Set the parameters that are drawn."""
        raise NotImplementedError

    def untaught(self, generator: np.random.Generator) -> Any:
        """Return a model without adapters whose parameters are all drawn."""
        raise NotImplementedError

    def precision(self, device: torch.device) -> AbstractContextManager[Any]:
        """Return the block in which the model computes."""
        raise NotImplementedError

    def adopt(self, path: Path) -> Any:
        """Return a model of this kind with the weights of a directory or file.

        Raises:
            DataError: If they are not in safetensors, or do not fit.
        """
        model = self.whole()
        if path.is_dir():
            found = weights.tensors(read_model(path, next(model.parameters()).dtype))
        else:
            found = weights.read(path)
        weights.fill(weights.tensors(model), found, path)
        return model if self.lora is None else adapters.attach(model, self.lora)

    def whole(self) -> Any:
        """Return a model without adapters."""
        return self.blank()


class Fresh(Start):
    """Built from its configuration, all parameters drawn, with a codec trained on the texts."""

    notes = (_FRESH_NOTE,)

    def __init__(self, part: Part, corpus: Corpus) -> None:
        self._part = part
        self.codec = TrainedCodec(texts((*corpus.train, *corpus.holdout)), corpus.vocabulary)
        self.context = self.blank().config.max_position_embeddings

    def blank(self) -> Any:
        """Return a model with arbitrary parameters."""
        return blank(self._part, self.codec.size)

    def initialise(self, model: Any, generator: np.random.Generator) -> None:
        """Draw all parameters."""
        initialise(model, generator)

    def untaught(self, generator: np.random.Generator) -> Any:
        """Return a model before its training."""
        model = self.blank()
        self.initialise(model, generator)
        return model

    def precision(self, device: torch.device) -> AbstractContextManager[Any]:
        """Return a block that changes nothing: float32."""
        return nullcontext()


class Pretrained(Start):
    """The weights and the tokenizer of a model in the format of the Hugging Face hub.

    Args: as `seedwise.domains.language.models.pretrained` explains them.
    """

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        self._options = arguments
        self.lora = _lora(arguments)
        self.dtype = arguments["precision"]
        if arguments["devices"] == "all":
            _check_accelerate()
        self._directory = _directory(arguments)
        self.notes = (_PRETRAINED_NOTE, *_hub_note(arguments["hub"], self._directory))
        self.identity = identity(self._directory)
        self.codec = PretrainedCodec(self._directory, chat=arguments["chat"])
        config = configuration(self._directory)
        self.context = getattr(config, "max_position_embeddings", None)
        _check_vocabulary(self._directory, self.codec.size, config.vocab_size)
        if self.lora is not None:
            _check_targets(config, self.lora)
        self._base: Any = None

    def blank(self) -> Any:
        """Return the pretrained model; with adapters, all share its frozen weights."""
        if self.lora is None:
            return self.whole()
        if self._base is None:
            self._base = adapters.attach(self.whole(), self.lora)
        return adapters.sharing(self._base)

    def whole(self) -> Any:
        """Return the pretrained model without adapters."""
        dtype = torch.float32 if self.lora is None else getattr(torch, self.dtype)
        model = read_model(
            self._directory,
            dtype,
            attention=self._options["attention"],
            split=self._options["devices"] == "all",
        )
        if self._options["checkpointing"]:
            _recompute(model)
        return model

    def initialise(self, model: Any, generator: np.random.Generator) -> None:
        """Draw the adapters; without any nothing is drawn."""
        if self.lora is not None:
            adapters.initialise(model, generator)

    def untaught(self, generator: np.random.Generator) -> Any:
        """Return a model of the same configuration that was never trained."""
        from transformers import AutoModelForCausalLM

        config, attention = configuration(self._directory), self._options["attention"]
        with torch.random.fork_rng(devices=[]):
            model = AutoModelForCausalLM.from_config(config, attn_implementation=attention)
        initialise(model.float(), generator)
        return at_rest(model)

    def precision(self, device: torch.device) -> AbstractContextManager[Any]:
        """Return a block in which products are computed in the precision asked for."""
        return torch.autocast(device.type, torch.bfloat16, enabled=self.dtype == "bfloat16")


def configuration(directory: Path) -> Any:
    """Return the configuration of a model's directory, without dropout.

    Raises:
        DataError: If transformers knows no such model by itself.
    """
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(directory, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"the config.json of '{directory}' cannot be used: {error}") from error
    for name, value in config.to_dict().items():
        if isinstance(value, float) and ("dropout" in name or name.endswith("pdrop")):
            setattr(config, name, 0.0)
    return config


def read_model(
    directory: Path, dtype: torch.dtype, *, attention: str = "eager", split: bool = False
) -> Any:
    """Read a causal model from its directory; code in a directory is never run.

    Args:
        directory: Where its configuration and safetensors files are.
        dtype: Type of its parameters.
        attention: Implementation of the attention.
        split: Whether its layers are dealt to all GPUs (by accelerate).

    Raises:
        DataError: If there is none.
    """
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    config = configuration(check_model(directory))
    try:
        with torch.random.fork_rng(devices=[]):
            model = AutoModelForCausalLM.from_pretrained(
                directory,
                config=config,
                dtype=dtype,
                attn_implementation=attention,
                device_map="balanced" if split else None,
                use_safetensors=True,
                local_files_only=True,
            )
    except (OSError, ValueError, RuntimeError) as error:
        raise DataError(f"no causal model can be read from '{directory}': {error}") from error
    return at_rest(model)


def _recompute(model: Any) -> None:
    """Have activations computed again in the backward pass; the method was renamed within 5.x."""
    newer = getattr(model, "activation_checkpointing_enable", None)
    enable = model.gradient_checkpointing_enable if newer is None else newer
    enable({"use_reentrant": False})


def make_start(part: Part, corpus: Corpus) -> Start:
    """Return the start of a model that a study names."""
    return Pretrained(part.arguments) if part.name == "pretrained" else Fresh(part, corpus)


def base_of(artifact: Artifact, model: Any) -> Any:
    """Return a model whose frozen weights are those that adapters belong to.

    Raises:
        DataError: If they are others.
    """
    found = weights.digest_of(sorted(adapters.base(model).items()))
    if artifact.base is not None and found != artifact.base:
        raise DataError(
            f"the adapters of '{artifact.path}' belong to the weights {artifact.base[:12]}, not to "
            f"{found[:12]}: another model is beneath them now"
        )
    return model


def _check_accelerate() -> None:
    if importlib.util.find_spec("accelerate") is None:
        raise DataError("task.model.devices: all needs accelerate: pip install 'seedwise[gpus]'")


def _lora(arguments: Mapping[str, Any]) -> Lora | None:
    if arguments["lora"] is None:
        return None
    adapters.check_installed()
    targets = arguments["lora_targets"]
    alpha = arguments["lora_alpha"] or 2.0 * arguments["lora"]
    return Lora(arguments["lora"], alpha, None if targets is None else tuple(targets))


def _directory(arguments: Mapping[str, Any]) -> Path:
    path, name = arguments["path"], arguments["hub"]
    if (path is None) == (name is None):
        raise DataError(
            "task.model: a pretrained model is given by 'path', a directory, or by 'hub', its id "
            "on the Hugging Face hub; one of the two is needed"
        )
    return check_model(Path(path)) if name is None else downloaded(name, arguments["revision"])


def _check_targets(config: Any, lora: Lora) -> None:
    """Refuse adapters that fit no layer, on a model without numbers: before anything is trained."""
    from transformers import AutoModelForCausalLM

    with torch.device("meta"), torch.random.fork_rng(devices=[]):
        adapters.attach(AutoModelForCausalLM.from_config(config), lora)


def _hub_note(name: str | None, directory: Path) -> tuple[str, ...]:
    return () if name is None else (f"the pretrained weights are '{name}' at {directory.name}",)


def _check_vocabulary(directory: Path, tokens: int, rows: int) -> None:
    if tokens > rows:
        raise DataError(
            f"the tokenizer of '{directory}' has {tokens} tokens but the model only {rows}: they "
            "do not belong together"
        )
