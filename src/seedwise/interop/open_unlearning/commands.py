"""A study as the commands of an OpenUnlearning checkout: the nested design it cannot plan itself.

Every command line follows scripts/tofu_finetune.sh and scripts/tofu_unlearn.sh of
github.com/locuslab/open-unlearning; each run has a task name, an output folder and a seed of its
own.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedwise.errors import StudyError, did_you_mean
from seedwise.interop.open_unlearning.trainers import MODELS, SPLITS, find, overrides, recipe
from seedwise.results.tidy import BASELINES
from seedwise.study.spec import Forget, Spec, Use

_MOST = 2**32
"""numpy takes seeds below; OpenUnlearning hands one seed to numpy, torch and Python."""

# Evaluation is a command of its own: the trainer would otherwise evaluate before, in and after
# every epoch.
_QUIET = (
    "trainer.args.do_eval=False",
    "trainer.args.eval_on_start=False",
    "trainer.args.eval_strategy=no",
)
_SHARED = (
    "trainer.args.ddp_find_unused_parameters=true",
    "trainer.args.gradient_checkpointing=true",
)


@dataclass(frozen=True)
class Stage:
    """Commands that do not depend on each other.

    Args:
        title: What they do.
        commands: Their words.
    """

    title: str
    commands: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Sweep:
    """All commands of a study.

    Args:
        study: Its name.
        stages: In order; each needs those before it.
        imported: The words of the command that reads the results back.
    """

    study: str
    stages: tuple[Stage, ...]
    imported: tuple[str, ...]

    def script(self) -> str:
        """Return a shell script: one command a line, comments between the stages."""
        lines = [
            "#!/bin/sh",
            f"# The study '{self.study}' for OpenUnlearning; run it in the root of a checkout.",
            "# One command a line. Those of a stage may run side by side; stages need each other.",
            "# When all is done:",
            f"#   {shlex.join(self.imported)}",
            "set -eu",
        ]
        for number, stage in enumerate(self.stages, 1):
            lines += ["", f"# {number}. {stage.title}: {len(stage.commands)}"]
            lines += [shlex.join(command) for command in stage.commands]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Checkout:
    """What a study does not say.

    Args:
        model: The model's config; None: told by the study's model.
        split: TOFU's forget set; None: told by the study's.
        processes: GPUs that share one training run.
    """

    model: str | None = None
    split: str | None = None
    processes: int = 2


def sweep(spec: Spec, checkout: Checkout | None = None) -> Sweep:
    """Return the commands of a study.

    Seeds: original i is trained with 2 i, its reference with 2 i + 1 (2 i where references are
    paired), run j of a method on it with the Cantor pair of i and j. No two runs of a method
    share a seed, and a study that grows keeps the seeds it has.

    Args:
        spec: The study.
        checkout: What it does not say.

    Raises:
        StudyError: If OpenUnlearning has no such data, model, method or argument.
    """
    return _Planner(spec, checkout or Checkout()).sweep()


def unlearning_seed(training: int, unlearning: int) -> int:
    """Return a seed for each pair of labels, no two alike (Cantor's pairing).

    Example:
        >>> [unlearning_seed(i, j) for i in range(2) for j in range(3)]
        [0, 2, 5, 1, 4, 8]
    """
    total = training + unlearning
    return total * (total + 1) // 2 + unlearning


class _Planner:
    """Writes the commands of one study."""

    def __init__(self, spec: Spec, checkout: Checkout) -> None:
        if spec.task.dataset.name != "tofu":
            raise StudyError(
                f"task.dataset: OpenUnlearning has no '{spec.task.dataset.name}'; Allowed: tofu"
            )
        if len(spec.seeds.partition) > 1:
            raise StudyError("seeds.partition: OpenUnlearning's data are fixed; give one seed")
        self.spec, self.checkout = spec, checkout
        self.model = _model(spec.task.model, checkout.model)
        self.splits = _splits(spec.forget, checkout.split)
        self.saves = f"saves/{spec.study}"
        self.methods = [use for use in spec.methods if use.name not in BASELINES]
        self.seeds = [_checked(seed) for seed in spec.seeds.training]

    def sweep(self) -> Sweep:
        stages = (
            Stage("originals, trained on everything", tuple(self._originals())),
            Stage("references, trained without a forget set", tuple(self._references())),
            Stage("evaluations of the references", tuple(self._reference_logs())),
            Stage("evaluations of the originals", tuple(self._original_logs())),
            Stage("unlearning", tuple(self._unlearning())),
            Stage("evaluations of the unlearned models", tuple(self._unlearned_logs())),
        )
        return Sweep(self.spec.study, stages, tuple(self._imported()))

    def _originals(self) -> Iterator[tuple[str, ...]]:
        for i in self.seeds:
            yield self._finetune(self._full(i), "TOFU_QA_full", "full", 2 * i)

    def _references(self) -> Iterator[tuple[str, ...]]:
        own = self.spec.reference == "independent"
        for split in self.splits:
            kept = SPLITS[split][1]
            for i in self.seeds:
                name = self._retained(split, i)
                yield self._finetune(name, "TOFU_QA_retain", kept, 2 * i + own)

    def _finetune(self, name: str, data: str, part: str, seed: int) -> tuple[str, ...]:
        return (
            *self._launch(),
            "src/train.py",
            "experiment=finetune/tofu/default.yaml",
            f"task_name={name}",
            f"model={self.model}",
            f"data/datasets@data.train={data}",
            f"data.train.{data}.args.hf_args.name={part}",
            f"paths.output_dir={self.saves}/finetune/{name}",
            f"trainer.args.seed={_checked(seed)}",
            *recipe(self.spec.task.train, self.checkout.processes),
            *_SHARED,
            *_QUIET,
        )

    def _unlearning(self) -> Iterator[tuple[str, ...]]:
        for use, split, i, j in self._runs():
            trainer, name = find(use.name), self._unlearned(use, split, i, j)
            yield (
                *self._launch(),
                "src/train.py",
                "--config-name=unlearn.yaml",
                f"experiment={trainer.experiment}",
                f"trainer={trainer.name}",
                f"task_name={name}",
                f"model={self.model}",
                f"forget_split={split}",
                f"retain_split={SPLITS[split][1]}",
                f"model.model_args.pretrained_model_name_or_path={self.saves}/finetune/{self._full(i)}",
                f"retain_logs_path={self._retain_log(split, i)}",
                f"paths.output_dir={self.saves}/unlearn/{name}",
                f"trainer.args.seed={_checked(unlearning_seed(i, j))}",
                *overrides(use.name, use.arguments, self.checkout.processes),
                *_SHARED,
                *_QUIET,
            )

    def _reference_logs(self) -> Iterator[tuple[str, ...]]:
        for split in self.splits:
            for i in self.seeds:
                name = self._retained(split, i)
                yield self._evaluate(name, split, f"finetune/{name}", f"eval/{name}")

    def _original_logs(self) -> Iterator[tuple[str, ...]]:
        for split in self.splits:
            for i in self.seeds:
                name = self._full(i)
                log = f"retain_logs_path={self._retain_log(split, i)}"
                where = f"eval/{name}_{split}"
                yield (*self._evaluate(name, split, f"finetune/{name}", where), log)

    def _unlearned_logs(self) -> Iterator[tuple[str, ...]]:
        for use, split, i, j in self._runs():
            name = self._unlearned(use, split, i, j)
            log = f"retain_logs_path={self._retain_log(split, i)}"
            yield (*self._evaluate(name, split, f"unlearn/{name}", f"unlearn/{name}/evals"), log)

    def _evaluate(self, name: str, split: str, model: str, out: str) -> tuple[str, ...]:
        return (
            "python",
            "src/eval.py",
            "experiment=eval/tofu/default.yaml",
            f"forget_split={split}",
            f"holdout_split={SPLITS[split][0]}",
            f"model={self.model}",
            f"task_name={name}",
            f"model.model_args.pretrained_model_name_or_path={self.saves}/{model}",
            f"paths.output_dir={self.saves}/{out}",
        )

    def _imported(self) -> Iterator[str]:
        yield from ("seedwise", "import", "open-unlearning", self.saves)
        for i in self.seeds:
            yield from ("--map", f"finetune/{self._full(i)}={i}")
            for split in self.splits:
                yield from ("--map", f"finetune/{self._retained(split, i)}={i}")
        yield from ("--out", f"{self.spec.study}.csv")

    def _runs(self) -> Iterator[tuple[Use, str, int, int]]:
        for split in self.splits:
            for use in self.methods:
                for i in self.seeds:
                    for j in self.spec.seeds.unlearning_of(use.title):
                        yield use, split, i, j

    def _launch(self) -> tuple[str, ...]:
        if self.checkout.processes == 1:
            return ("python",)
        config = "configs/accelerate/default_config.yaml"
        count = str(self.checkout.processes)
        return ("accelerate", "launch", "--config_file", config, "--num_processes", count)

    def _full(self, i: int) -> str:
        return f"{self.spec.study}_{self.model}_full_t{i}"

    def _retained(self, split: str, i: int) -> str:
        return f"{self.spec.study}_{self.model}_{SPLITS[split][1]}_t{i}"

    def _unlearned(self, use: Use, split: str, i: int, j: int) -> str:
        label = re.sub(r"[^A-Za-z0-9.-]+", "-", use.title)
        return f"{self.spec.study}_{self.model}_{split}_{label}_t{i}_u{j}"

    def _retain_log(self, split: str, i: int) -> str:
        return f"{self.saves}/eval/{self._retained(split, i)}/TOFU_EVAL.json"


def _model(use: Use, given: str | None) -> str:
    """Return a config of configs/model: the one asked for, or that named like the study's model."""
    adapted = [name for name in use.arguments if name.startswith("lora")]
    if adapted:
        raise StudyError(
            f"task.model: {adapted[0]}: OpenUnlearning trains all parameters; leave it out"
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


def _splits(forget: Sequence[Forget], given: str | None) -> list[str]:
    """Return TOFU's names of the forget sets."""
    if given is not None:
        if given not in SPLITS or len(forget) > 1:
            problem = f"is for one forget set, the study has {len(forget)}"
            wrong = did_you_mean(given, SPLITS)
            raise StudyError(f"--split {given}: {wrong if given not in SPLITS else problem}")
        return [given]
    return [_split(one) for one in forget]


def _split(one: Forget) -> str:
    names: list[Any] = [one.name, Path(str(one.value)).stem.removesuffix("_perturbed")]
    found = [name for name in names if name in SPLITS]
    if not found:
        raise StudyError(
            f"forget: '{one.title}' is none of TOFU's forget sets, the only ones that "
            f"OpenUnlearning has; say which one stands for it: --split {', '.join(SPLITS)}"
        )
    return found[0]


def _checked(seed: int) -> int:
    if seed >= _MOST:
        raise StudyError(
            f"seeds: {seed} is too large for OpenUnlearning, which takes less than 2^32"
        )
    return seed
