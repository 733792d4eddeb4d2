"""Logs of the code released with TOFU, and of what grew from it (NPO and others).

`eval_log_aggregated.json` holds, for each of four question sets, losses and ROUGE by question, as
a dict or as a list. Values are computed from them by the definitions of our own metrics, under
their names. Formats: github.com/locuslab/tofu (evaluate_util.py, forget.py, finetune.py) and
github.com/licong-lin/negative-preference-optimization (TOFU/dataloader.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import hmean

from seedwise import registry
from seedwise.contracts import MetricSpec
from seedwise.errors import TableError
from seedwise.interop.imported import Value
from seedwise.interop.json_files import by_index, number, read_object
from seedwise.interop.open_unlearning.config import Config, parsed, plain
from seedwise.interop.retrained import RANK
from seedwise.interop.starts import natural
from seedwise.interop.trees.layout import Files, Layout, Read, TrainRun, run_name
from seedwise.metrics.probability import probabilities
from seedwise.metrics.truth_ratio import score, truth_ratios

_SPLITS = {
    "eval_log.json": "retain",
    "eval_log_forget.json": "forget",
    "eval_real_author_wo_options.json": "real-authors",
    "eval_real_world_wo_options.json": "world-facts",
}
_OPTIONS = ("real-authors", "world-facts")
"""Sets whose probability is that among the answers offered."""

_METRICS = ("probability", "rouge-l-recall", "truth-ratio", "model-utility", "forget-quality")
_SILENT = {"seed", "run_index", "save_dir", "overwrite_dir", "eval", "eval_only", "save_model"}
_KEPT = {"model_path", "model_family", "split", "forget_loss", "data_path", "eval_while_train"}


def read_config(folder: Path) -> TrainRun | None:
    """Read `config.yaml` of forget.py or `cfg.yaml` of finetune.py in a folder.

    Raises:
        TableError: If it cannot be read, or has no seed.
    """
    for name in ("config.yaml", "cfg.yaml"):
        if (folder / name).is_file():
            config = parsed(folder / name)
            if config.text("model_family"):
                return _run(folder, folder / name, config)
    return None


def _run(folder: Path, file: Path, config: Config) -> TrainRun:
    seed = config.text("seed")
    if not re.fullmatch(r"\d+", seed):
        raise TableError(
            f"{file}: seed is '{seed}', which should be a whole number: without it a run cannot be "
            "told from another"
        )
    loss = config.text("forget_loss")
    split = config.text("split")
    flat = {key: plain(value) for key, value in config.items() if key not in _SILENT | _KEPT}
    return TrainRun(
        name=run_name(folder.absolute()),
        handler=loss or "finetune",
        unlearns=bool(loss),
        seed=int(seed),
        start=config.text("model_path"),
        model=config.text("model_family"),
        data="",
        forget=split if loss else "",
        trained_on="" if loss else config.text("retain_type") or split,
        retain_log="",
        settings=flat,
    )


def read_files(files: Files) -> Read:
    """Read one aggregated log; what a question set lacks is missing.

    Raises:
        TableError: If the file cannot be read, or holds no such question set.
    """
    (file,) = files.values()
    logs = {_SPLITS[key]: entry for key, entry in read_object(file).items() if key in _SPLITS}
    if not logs:
        raise TableError(f"'{file}' holds none of {', '.join(_SPLITS)}")
    found: dict[str, float] = {}
    for split, log in logs.items():
        found |= dict(_values(split, log if isinstance(log, Mapping) else {}))
    utility = [value for name, value in found.items() if not name.endswith("/forget")]
    if len(utility) == 9:  # of three sets, as the definition says
        found["model-utility"] = float(hmean(utility)) if min(utility) > 0 else 0.0
    ratios = _ratios(logs["forget"]) if isinstance(logs.get("forget"), Mapping) else None
    return Read({name: Value(value) for name, value in found.items()}, ratios)


def _values(split: str, log: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    losses, rouge = _column(log, "avg_gt_loss"), _column(log, "rougeL_recall")
    options = split in _OPTIONS
    outputs = {"loss": losses, "probability-wrong": _wrong(log) if options else losses}
    if losses.size and len(outputs["probability-wrong"]) == losses.size:
        yield f"probability/{split}", float(np.nanmean(probabilities(outputs, options=options)))
    if rouge.size:
        yield f"rouge-l-recall/{split}", float(np.nanmean(rouge))
    ratios = _ratios(log)
    if ratios is not None:
        with np.errstate(divide="ignore"):  # a ratio of 0 counts as 0
            yield f"truth-ratio/{split}", score(ratios[~np.isnan(ratios)], split)


def _ratios(log: Mapping[str, Any]) -> np.ndarray | None:
    paraphrase, wrong = _column(log, "avg_paraphrased_loss"), _column(log, "average_perturb_loss")
    if not paraphrase.size or paraphrase.size != wrong.size:
        return None
    with np.errstate(over="ignore"):  # a collapsed model: infinite, which is as good as any rank
        return truth_ratios({"loss-paraphrase": paraphrase, "loss-wrong": wrong})


def _column(log: Mapping[str, Any], name: str) -> np.ndarray:
    """Return one number a question in the order of questions; lists become their means."""
    rows = by_index(log.get(name))
    numbers = [number(rows[index]) for index in sorted(rows, key=natural)]
    found = np.array([np.nan if one is None else one for one in numbers], dtype=float)
    return np.empty(0) if np.isnan(found).all() else found


def _wrong(log: Mapping[str, Any]) -> np.ndarray:
    """Return the summed probabilities of the wrong answers of each question, (n,)."""
    rows = by_index(log.get("average_perturb_loss"))
    losses = [rows[index] for index in sorted(rows, key=natural)]
    return np.array([_summed(one) for one in losses], dtype=float)


def _summed(losses: Any) -> float:
    known = [number(one) for one in (losses if isinstance(losses, list) else [losses])]
    return float(sum(np.nan if one is None else np.exp(-one) for one in known))


def _specs() -> dict[str, MetricSpec]:
    own = MetricSpec(RANK, direction="higher", bounds=(0.0, 1.0), unit="p")
    return {RANK: own, **{name: registry.metrics[name].spec for name in _METRICS}}


LAYOUT = Layout(
    name="eval_log_aggregated.json",
    file=re.compile(r"(?P<benchmark>eval_log)_(?P<kind>aggregated)\.json"),
    config=read_config,
    read=read_files,
    specs=_specs(),
    configs="config.yaml or cfg.yaml",
    advice="name the folder that the models were saved in",
)
"""How TOFU's code writes."""
