"""A study as the commands of an OpenUnlearning checkout: the nested design it cannot plan itself.

Every command line follows scripts/tofu_finetune.sh, scripts/tofu_unlearn.sh and
scripts/muse_unlearn.sh of github.com/locuslab/open-unlearning; each run has a task name, an output
folder and a seed of its own.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from seedwise.errors import StudyError
from seedwise.interop.open_unlearning.benchmarks import Data, Words
from seedwise.interop.open_unlearning.targets import Checkout, adopted, data_of, model_of
from seedwise.interop.open_unlearning.trainers import find, overrides, recipe
from seedwise.results.tidy import BASELINES
from seedwise.study.spec import Spec, Use

_MOST = 2**32
"""numpy takes seeds below; OpenUnlearning hands one seed to numpy, torch and Python."""

# Evaluation is a command of its own: the trainer would otherwise evaluate before, in and after
# every epoch.
_QUIET = (
    "trainer.args.do_eval=False",
    "trainer.args.eval_on_start=False",
    "trainer.args.eval_strategy=no",
)
_START = "model.model_args.pretrained_model_name_or_path"
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
        if len(spec.seeds.partition) > 1:
            raise StudyError("seeds.partition: OpenUnlearning's data are fixed; give one seed")
        self.spec, self.checkout = spec, checkout
        self.model = model_of(spec, checkout.model)
        self.data = data_of(spec, checkout.split)
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
        told = tuple(stage for stage in stages if stage.commands)
        return Sweep(self.spec.study, told, tuple(self._imported()))

    def _originals(self) -> Iterator[Words]:
        for i in self.seeds if self.spec.originals is None else ():
            yield self._finetune(self._full(i), self.data[0], self.data[0].full, 2 * i)

    def _references(self) -> Iterator[Words]:
        own = self.spec.reference == "independent"
        for data in self._trained_without():
            for i in self.seeds:
                yield self._finetune(self._retained(data, i), data, data.retained, 2 * i + own)

    def _finetune(self, name: str, data: Data, words: Words, seed: int) -> Words:
        return (
            *self._launch(),
            "src/train.py",
            *words,
            f"task_name={name}",
            f"model={self.model}",
            f"paths.output_dir={self.saves}/finetune/{name}",
            f"trainer.args.seed={_checked(seed)}",
            *recipe(self.spec.task.train, self.checkout.processes, data),
            *_SHARED,
            *_QUIET,
        )

    def _unlearning(self) -> Iterator[Words]:
        for use, data, i, j in self._runs():
            trainer, name = find(use.name, data), self._unlearned(use, data, i, j)
            yield (
                *self._launch(),
                "src/train.py",
                "--config-name=unlearn.yaml",
                f"experiment=unlearn/{data.family}/{trainer.experiment}.yaml",
                f"trainer={trainer.name}",
                f"task_name={name}",
                f"model={self.model}",
                *data.unlearn,
                f"{_START}={self._start(i)}",
                *self._compared(data, i),
                f"paths.output_dir={self.saves}/unlearn/{name}",
                f"trainer.args.seed={_checked(unlearning_seed(i, j))}",
                *overrides(use.name, use.arguments, self.checkout.processes, data),
                *_SHARED,
                *_QUIET,
            )

    def _reference_logs(self) -> Iterator[Words]:
        for data in self._with_references():
            for i in self.seeds:
                name = self._retained(data, i)
                yield self._evaluate(name, data, self._reference(data, i), f"eval/{name}")

    def _original_logs(self) -> Iterator[Words]:
        for data in self.data:
            for i in self.seeds:
                name = self._full(i)
                evaluated = self._evaluate(name, data, self._start(i), f"eval/{name}_{data.name}")
                yield (*evaluated, *self._compared(data, i))

    def _unlearned_logs(self) -> Iterator[Words]:
        for use, data, i, j in self._runs():
            name = self._unlearned(use, data, i, j)
            made = f"{self.saves}/unlearn/{name}"
            evaluated = self._evaluate(name, data, made, f"unlearn/{name}/evals")
            yield (*evaluated, *self._compared(data, i))

    def _evaluate(self, name: str, data: Data, model: str, out: str) -> Words:
        return (
            "python",
            "src/eval.py",
            f"experiment=eval/{data.family}/default.yaml",
            *data.evaluate,
            f"model={self.model}",
            f"task_name={name}",
            f"{_START}={model}",
            f"paths.output_dir={self.saves}/{out}",
        )

    def _imported(self) -> Iterator[str]:
        yield from ("seedwise", "import", "open-unlearning", self.saves)
        for i in self.seeds:
            start = self._start(i)
            yield from ("--map", f"{start.removeprefix(f'{self.saves}/')}={i}")
            if self.spec.originals:
                yield from ("--original", start)
            for data in self._with_references():
                found = self._reference(data, i)
                yield from ("--map", f"{found.removeprefix(f'{self.saves}/')}={i}")
                if self.spec.references:
                    yield from ("--reference", found)
        yield from ("--out", f"{self.spec.study}.csv")

    def _runs(self) -> Iterator[tuple[Use, Data, int, int]]:
        for data in self.data:
            for use in self.methods:
                for i in self.seeds:
                    for j in self.spec.seeds.unlearning_of(use.title):
                        yield use, data, i, j

    # --- names ----------------------------------------------------------------------------------

    def _with_references(self) -> list[Data]:
        """Return the forget sets that there are retrained models for."""
        return self.data if self.spec.references else self._trained_without()

    def _trained_without(self) -> list[Data]:
        return [] if self.spec.references else [data for data in self.data if data.retained]

    def _start(self, i: int) -> str:
        """Return where an original is."""
        if self.spec.originals is None:
            return f"{self.saves}/finetune/{self._full(i)}"
        return adopted(self.spec.originals, i, "", self.checkout.folder)

    def _reference(self, data: Data, i: int) -> str:
        """Return where a retrained model is."""
        if self.spec.references is None:
            return f"{self.saves}/finetune/{self._retained(data, i)}"
        forget = self.spec.forget[self.data.index(data)]
        return adopted(self.spec.references, i, forget.title, self.checkout.folder)

    def _compared(self, data: Data, i: int) -> Words:
        """Return the word that names the evaluation of the reference, if there is one."""
        if not data.log:
            return ()
        return (f"retain_logs_path={self.saves}/eval/{self._retained(data, i)}/{data.log}",)

    def _launch(self) -> Words:
        if self.checkout.processes == 1:
            return ("python",)
        config = "configs/accelerate/default_config.yaml"
        count = str(self.checkout.processes)
        return ("accelerate", "launch", "--config_file", config, "--num_processes", count)

    def _full(self, i: int) -> str:
        return f"{self.spec.study}_{self.model}_full_t{i}"

    def _retained(self, data: Data, i: int) -> str:
        return f"{self.spec.study}_{self.model}_{data.kept}_t{i}"

    def _unlearned(self, use: Use, data: Data, i: int, j: int) -> str:
        label = re.sub(r"[^A-Za-z0-9.-]+", "-", use.title)
        return f"{self.spec.study}_{self.model}_{data.name}_{label}_t{i}_u{j}"


def _checked(seed: int) -> int:
    if seed >= _MOST:
        raise StudyError(
            f"seeds: {seed} is too large for OpenUnlearning, which takes less than 2^32"
        )
    return seed
