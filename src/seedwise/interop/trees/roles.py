"""Which evaluated model is an original, which a retrained one, and what task it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from seedwise.interop.starts import fits, same_path
from seedwise.interop.trees.layout import EvalRun, TrainRun
from seedwise.interop.trees.tree import Evaluation, Tree
from seedwise.results.tidy import BASELINES, ORIGINAL, REFERENCE

_WHOLE = "forget"
"""MUSE's name of its one forget set; only unlearning runs' configs name it."""


@dataclass(frozen=True, order=True)
class Task:
    """A model family, the benchmark's data and the forget set.

    Example:
        >>> str(Task("Llama-3.2-1B-Instruct", "", "forget10")), str(Task("m", "News", "forget"))
        ('Llama-3.2-1B-Instruct forget10', 'm News')
    """

    model: str
    data: str
    forget: str

    def __str__(self) -> str:
        forget = "" if self.data and self.forget == _WHOLE else self.forget
        return " ".join(part for part in (self.model, self.data, forget) if part)


@dataclass(frozen=True)
class Roles:
    """Tells roles in a tree.

    Args:
        tree: The tree.
        original: Patterns that name originals, from the user.
        reference: Patterns that name retrained models, from the user.
    """

    tree: Tree
    original: Sequence[str] = ()
    reference: Sequence[str] = ()

    @cached_property
    def starts(self) -> frozenset[str]:
        """The models that unlearning runs start from."""
        return frozenset(start_name(self.tree, run) for run in self._unlearning)

    @cached_property
    def used_logs(self) -> frozenset[str]:
        """The evaluations of retrained models that unlearning runs were compared with."""
        return frozenset(run.retain_log for run in self._unlearning if run.retain_log)

    @property
    def _unlearning(self) -> list[TrainRun]:
        return [run for run in self.tree.runs.values() if run.unlearns]

    def of(self, evaluation: Evaluation) -> str | None:
        """Return `original`, `retrain`, the handler of an unlearning run, or None if unknown."""
        names = (evaluation.subject, evaluation.name)
        if fits(names, self.original):
            return ORIGINAL
        if fits(names, self.reference):
            return REFERENCE
        if evaluation.run is not None and evaluation.run.unlearns:
            return evaluation.run.handler
        if evaluation.run is not None and evaluation.run.trained_on:
            return REFERENCE if evaluation.run.trained_on.startswith("retain") else ORIGINAL
        return self._outside(evaluation)

    def tasks(self, evaluation: Evaluation, known: Iterable[Task]) -> list[Task]:
        """Return the tasks that an evaluation of a baseline belongs to.

        Its own config may name no forget set (MUSE, lm-eval): it then belongs to every task of
        its model and data.
        """
        said = evaluation.config or evaluation.run
        if said is None:
            return []
        fitting = [
            task
            for task in known
            if task.model == said.model
            and (not said.data or task.data == said.data)
            and (not said.forget or task.forget == said.forget)
        ]
        return fitting or [Task(said.model, said.data, said.forget)]

    def _outside(self, evaluation: Evaluation) -> str | None:
        if evaluation.subject in self.starts:
            return ORIGINAL
        logs = [file.as_posix() for file in evaluation.files.values()]
        if any(same_path(log, used) for log in logs for used in self.used_logs):
            return REFERENCE
        name = evaluation.subject.rpartition("/")[2]
        if re.search(r"(^|[_-])(retain\d*|retrain(ed)?)([_-]|$)", name):
            return REFERENCE
        return ORIGINAL if re.search(r"(^|[_-])(full|target)([_-]|$)", name) else None


class Placed(NamedTuple):
    """An evaluation with its place.

    Args:
        task: Its task.
        role: `original`, `retrain` or the handler of an unlearning run.
        evaluation: The evaluation.
    """

    task: Task
    role: str
    evaluation: Evaluation


def placed(evaluations: Sequence[Evaluation], roles: Roles) -> tuple[list[Placed], list[str]]:
    """Return task and role of each evaluation, and why others are left out."""
    told = [(roles.of(one), one) for one in evaluations]
    found, left = [], []
    for role, one in told:
        if role is None:
            left.append(
                f"{one.name}: left out, since nothing says what '{one.subject}' is; if it is the "
                "model before unlearning or a retrained one, give --original or --reference NAME"
            )
        elif role not in BASELINES and one.run is not None:
            if _elsewhere(one.config, one.run):
                left.append(f"{one.name}: left out, since it is not on {one.run.forget}")
            else:
                found.append(Placed(Task(one.run.model, one.run.data, one.run.forget), role, one))
    known = list(dict.fromkeys(task for task, _, _ in found))
    for role, one in told:
        for task in roles.tasks(one, known) if role in BASELINES else ():
            trained_on = one.run.trained_on if one.run else one.subject.rpartition("_")[2]
            if role == REFERENCE and not serves(trained_on, task.forget):
                left.append(
                    f"{one.name}: left out, since a model trained on {trained_on} is no reference "
                    f"for {task.forget}"
                )
            elif role is not None:
                found.append(Placed(task, role, one))
    return found, left


def _elsewhere(said: EvalRun | None, run: TrainRun) -> bool:
    """Return whether a model was evaluated on another forget set than it unlearned."""
    return bool(said and said.forget and run.forget and said.forget != run.forget)


def start_name(tree: Tree, run: TrainRun) -> str:
    """Return what the model that a run started from is called."""
    made = tree.made_by(run.start)
    return made.name if made else run.start.rstrip("/")


def serves(trained_on: str, forget: str) -> bool:
    """Return whether a model retrained on a part of TOFU lacks just this forget set.

    Example:
        >>> serves("retain90", "forget10"), serves("retain99", "forget10"), serves("retain", "")
        (True, False, True)
    """
    kept, gone = (re.fullmatch(r"[a-z]+(\d+)", name) for name in (trained_on, forget))
    return kept is None or gone is None or int(kept[1]) + int(gone[1]) == 100
