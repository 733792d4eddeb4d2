"""Small trees in exactly the form that an OpenUnlearning checkout writes them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

NAN = float("nan")
HUB = "open-unlearning/tofu_Llama-3.2-1B-Instruct_full"


def train_config(
    mode: str,
    handler: str,
    start: str,
    seed: int = 0,
    split: str = "forget10",
    data: dict[str, Any] | None = None,
    retain_log: str | None = None,
    method_args: dict[str, Any] | None = None,
    **args: Any,
) -> dict[str, Any]:
    """A `.hydra/config.yaml` of train.py, interpolations unresolved as Hydra leaves them."""
    if data is None:
        data = {
            "anchor": "forget",
            "forget": {"TOFU_QA_forget": {"args": {"hf_args": {"name": "${forget_split}"}}}},
            "retain": {"TOFU_QA_retain": {"args": {"hf_args": {"name": "${retain_split}"}}}},
        }
    trainer: dict[str, Any] = {
        "handler": handler,
        "args": {
            "learning_rate": "1e-5",
            "num_train_epochs": 10,
            "output_dir": "${paths.output_dir}",
            "logging_dir": "${trainer.args.output_dir}/logs",
            "seed": seed,
            **args,
        },
    }
    if method_args:
        trainer["method_args"] = method_args
    return {
        "model": {
            "model_args": {"pretrained_model_name_or_path": start, "torch_dtype": "bfloat16"},
            "tokenizer_args": {"pretrained_model_name_or_path": "meta-llama/Llama-3.2-1B-Instruct"},
        },
        "trainer": trainer,
        "data": data,
        "eval": {"tofu": {"forget_split": "${forget_split}", "overwrite": True}},
        "mode": mode,
        "task_name": "???",
        "forget_split": split,
        "retain_split": "retain90",
        "retain_logs_path": retain_log,
    }


def eval_config(path: str, split: str | None = "forget10", **more: Any) -> dict[str, Any]:
    """A `.hydra/config.yaml` of eval.py; its seed is 0 whatever the model's."""
    config = {
        "model": {
            "model_args": {"pretrained_model_name_or_path": path, "device_map": "cuda"},
            "tokenizer_args": {"pretrained_model_name_or_path": "meta-llama/Llama-3.2-1B-Instruct"},
        },
        "mode": "eval",
        "seed": 0,
        **more,
    }
    return config if split is None else {**config, "forget_split": split}


def eval_log(scores: np.ndarray, **aggregates: Any) -> dict[str, Any]:
    """A TOFU_EVAL.json: metrics with per-question values, some with an aggregate alone."""
    rows = {str(place): {"score": float(score)} for place, score in enumerate(scores)}
    return {
        "forget_truth_ratio": {
            "agg_value": float(np.minimum(scores, 1 / scores).mean()),
            "value_by_index": rows,
        },
        "forget_Q_A_PERT_Prob": {
            "agg_value": 0.1,
            "value_by_index": {"0": {"prob": [0.1, 0.2], "avg_loss": [2.0, 4.0]}},
        },
        **{name: {"agg_value": value} for name, value in aggregates.items()},
    }


@dataclass
class Saves:
    """The folder `saves` of a checkout."""

    root: Path
    generator: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def config(self, name: str, config: dict[str, Any]) -> None:
        folder = self.root / name / ".hydra"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")

    def results(self, name: str, log: dict[str, Any], benchmark: str = "TOFU") -> None:
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        summary = {
            metric: entry["agg_value"]
            for metric, entry in log.items()
            if entry.get("agg_value") is not None
        }
        for kind, content in (("EVAL", log), ("SUMMARY", summary)):
            (folder / f"{benchmark}_{kind}.json").write_text(json.dumps(content, indent=4))

    def scores(self, shift: float = 0.0) -> np.ndarray:
        return self.generator.lognormal(shift, 0.5, 20)

    def finetuned(self, name: str, split: str, seed: int) -> None:
        """A finetuning run on `full` or `retain90`."""
        kind = "full" if split == "full" else "retain"
        data = {"train": {f"TOFU_QA_{kind}": {"args": {"hf_args": {"name": split}}}}}
        hub = "meta-llama/Llama-3.2-1B-Instruct"
        self.config(
            f"finetune/{name}", train_config("finetune", "FinetuneTrainer", hub, seed, data=data)
        )

    def evaluated(self, name: str, path: str, shift: float = 0.0, **aggregates: Any) -> None:
        """An evaluation of its own, under `eval/`."""
        self.config(f"eval/{name}", eval_config(path))
        self.results(f"eval/{name}", eval_log(self.scores(shift), **aggregates))

    def unlearned(
        self, name: str, handler: str, start: str, seed: int, shift: float = 1.0, **how: Any
    ) -> None:
        """An unlearning run with its evaluation in `evals/`."""
        aggregates = how.pop("aggregates", {"model_utility": 0.5 + 0.01 * seed})
        self.config(f"unlearn/{name}", train_config("unlearn", handler, start, seed, **how))
        self.config(f"unlearn/{name}/evals", eval_config(f"saves/unlearn/{name}"))
        self.results(f"unlearn/{name}/evals", eval_log(self.scores(shift), **aggregates))


def nested(root: Path, starts: int = 3, runs: int = 2, retrained: int = 3) -> Saves:
    """A nested design: NPO and GradDiff from several originals, with retrained models."""
    saves = Saves(root)
    for i in range(starts):
        saves.finetuned(f"full_t{i}", "full", 10 + i)
        path = f"saves/finetune/full_t{i}"
        saves.evaluated(f"full_t{i}_forget10", path, 2.0, model_utility=0.6 + 0.01 * i)
        for method in ("NPO", "GradDiff"):
            for j in range(runs):
                seed = 100 * i + j + (50 if method == "NPO" else 0)
                name = f"{method}_t{i}_u{j}"
                log = f"saves/eval/retain90_t{i}/TOFU_EVAL.json"
                utility = {"model_utility": 0.5 + 0.01 * i + 0.001 * j}
                saves.unlearned(name, method, path, seed, retain_log=log, aggregates=utility)
    for i in range(retrained):
        saves.finetuned(f"retain90_t{i}", "retain90", 20 + i)
        saves.evaluated(f"retain90_t{i}", f"saves/finetune/retain90_t{i}", model_utility=0.6)
    return saves
