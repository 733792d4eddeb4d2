"""The Hydra configs of an OpenUnlearning run: what was trained, from what, with which seed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from seedwise.errors import TableError
from seedwise.interop.trees.layout import EvalRun, TrainRun, run_name

CONFIG = Path(".hydra") / "config.yaml"
"""Where Hydra writes the config of a run, in its output folder; interpolations stay as written."""

_REFERENCE = re.compile(r"\$\{([A-Za-z_][\w.]*)\}")
_SILENT = frozenset(
    [
        "seed",
        "data_seed",
        "output_dir",
        "logging_dir",
        "logging_steps",
        "logging_strategy",
        "report_to",
        "run_name",
        "do_train",
        "do_eval",
        "eval_on_start",
        "eval_strategy",
        "eval_steps",
        "per_device_eval_batch_size",
        "bf16_full_eval",
        "save_strategy",
        "save_steps",
        "save_only_model",
        "save_total_limit",
        "save_safetensors",
        "ddp_find_unused_parameters",
        "dataloader_num_workers",
        "remove_unused_columns",
    ]
)
"""Arguments of the trainer that do not change which method it is."""


class Config:
    """A config by dotted keys, `${a.b}` replaced by what stands there.

    Args:
        tree: The parsed file.

    Example:
        >>> Config({"split": "News", "model": {"path": "muse-${split}"}}).get("model.path")
        'muse-News'
    """

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._tree = tree

    def get(self, key: str) -> Any:
        """Return the value at a dotted key; None where there is none, or `???` stands."""
        return self._resolved(self._raw(key), frozenset({key}))

    def text(self, key: str) -> str:
        """Return the value as text, empty where there is none."""
        value = self.get(key)
        return "" if value is None or isinstance(value, Mapping | list) else str(value)

    def flat(self, key: str) -> Iterator[tuple[str, str]]:
        """Yield dotted keys and values as text of everything below a key."""
        value = self.get(key)
        if isinstance(value, Mapping):
            for name in value:
                yield from self.flat(f"{key}.{name}")
        elif value is not None:
            yield key, plain(value)

    def items(self) -> Iterator[tuple[str, Any]]:
        """Yield the entries of the first level."""
        for key in self._tree:
            yield key, self.get(key)

    def _raw(self, key: str) -> Any:
        node: Any = self._tree
        for part in key.split("."):
            if not isinstance(node, Mapping) or part not in node:
                return None
            node = node[part]
        return None if node == "???" else node

    def _resolved(self, value: Any, seen: frozenset[str]) -> Any:
        if not isinstance(value, str) or "${" not in value:
            return value
        whole = _REFERENCE.fullmatch(value)
        if whole:
            return self._referred(whole, seen)
        return _REFERENCE.sub(lambda found: str(self._referred(found, seen)), value)

    def _referred(self, found: re.Match[str], seen: frozenset[str]) -> Any:
        key = found[1]
        if key in seen:  # a circle, which OmegaConf would refuse
            return None
        return self._resolved(self._raw(key), seen | {key})


def read_config(folder: Path) -> TrainRun | EvalRun | None:
    """Read the config of a run's folder; None where there is none.

    Raises:
        TableError: If it cannot be read, or lacks what every such config has.
    """
    file = folder / CONFIG
    if not file.is_file():
        return None
    config = parsed(file)
    if config.get("trainer") is None:
        path = config.text("model.model_args.pretrained_model_name_or_path")
        return EvalRun(
            path, _family(config), config.text("data_split"), config.text("forget_split")
        )
    return _train_run(folder, config)


def _train_run(folder: Path, config: Config) -> TrainRun:
    start = config.text("model.model_args.pretrained_model_name_or_path")
    seed, handler = config.text("trainer.args.seed"), config.text("trainer.handler")
    for key, value in (
        ("trainer.handler", handler),
        ("model.model_args.pretrained_model_name_or_path", start),
    ):
        if not value:
            raise TableError(f"{folder / CONFIG} has no {key}: this is no config of OpenUnlearning")
    if not re.fullmatch(r"\d+", seed):
        raise TableError(
            f"{folder / CONFIG}: trainer.args.seed is '{seed}', which should be a whole number: "
            "without it a run cannot be told from another"
        )
    unlearns = config.get("data.forget") is not None or config.text("mode") == "unlearn"
    return TrainRun(
        name=run_name(folder.absolute()),
        handler=handler,
        unlearns=unlearns,
        seed=int(seed),
        start=start,
        model=_family(config),
        data=config.text("data_split"),
        forget=config.text("forget_split"),
        trained_on="" if unlearns else _trained_on(config),
        retain_log=config.text("retain_logs_path"),
        settings=dict(_settings(config)),
    )


def _family(config: Config) -> str:
    return config.text("model.tokenizer_args.pretrained_model_name_or_path").rpartition("/")[2]


def _trained_on(config: Config) -> str:
    """Return the split of the training data, `retain...` or `full` where one is so called."""
    names = [
        text
        for key, text in config.flat("data.train")
        if key.rpartition(".hf_args.")[2] in ("name", "split")
    ]
    marked = [name for name in names if name.startswith(("retain", "full"))]
    return marked[0] if marked else ""


def _settings(config: Config) -> Iterator[tuple[str, str]]:
    for key, text in config.flat("trainer"):
        name = key.removeprefix("trainer.").removeprefix("args.").removeprefix("method_args.")
        if key != "trainer.handler" and name.partition(".")[0] not in _SILENT:
            yield name, text
    for part in ("forget", "retain"):
        sets = config.get(f"data.{part}")
        if isinstance(sets, Mapping):
            yield f"data.{part}", "+".join(map(str, sets))


def plain(value: Any) -> str:
    """Return a value as text, a number in one way of writing.

    Example:
        >>> plain("1e-5"), plain(1.0e-05), plain(True)
        ('1e-05', '1e-05', 'True')
    """
    try:
        return f"{float(value):g}" if not isinstance(value, bool | list) else str(value)
    except (TypeError, ValueError):
        return str(value)


def parsed(file: Path) -> Config:
    """Read a config file.

    Raises:
        TableError: If it cannot be read, or holds no mapping.
    """
    # PyYAML's own parser needs .2 s for one such file, libyaml's a hundredth of that.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        tree = yaml.load(file.read_text(encoding="utf-8"), loader)  # noqa: S506 - safe loaders both
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = str(error).replace("\n", " ")
        raise TableError(f"{file} cannot be read as YAML: {reason}") from None
    if not isinstance(tree, Mapping):
        raise TableError(f"{file} holds no mapping: this is no config of a run")
    return Config(tree)
