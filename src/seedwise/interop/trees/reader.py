"""A folder of runs and evaluations becomes `Results`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from seedwise.errors import TableError
from seedwise.interop.imported import Imported, Measured, Options, assemble, shares_seeds
from seedwise.interop.patterns import NAMED, Pattern, needed
from seedwise.interop.starts import Trained, resolved, training_seeds
from seedwise.interop.trees.layout import Layout, TrainRun
from seedwise.interop.trees.roles import Placed, Roles, Task, placed, start_name
from seedwise.interop.trees.tree import Evaluation, Tree
from seedwise.results.tidy import BASELINES, REFERENCE


def read(folder: str | Path, layout: Layout, options: Options | None = None) -> Imported:
    """Read the evaluations below a folder; see `seedwise.import_results`.

    Args:
        folder: The folder.
        layout: The way of the tool that wrote it.
        options: How it is to be read.

    Raises:
        TableError: If there is no such folder, nothing tells what a model is, two runs are one
            cell, or a mapping names no model.
    """
    options = options or Options()
    tree = Tree(Path(folder), layout, options.leave_out)
    if options.pattern:
        options.only("an import by --pattern", *NAMED, "retrain_logs")
        models, notes = _by_pattern(tree, needed(options, layout.name, ())), ()
    else:
        models, notes = _by_config(tree, options)
    models += _further(models, options.retrain_logs, layout)
    if shares_seeds(models):
        # With start models named, recurring labels would count as nested without a test.
        models = [replace(model, original=None) for model in models]
    return assemble(models, specs=layout.specs, notes=notes)


def _by_pattern(tree: Tree, pattern: Pattern) -> list[Measured]:
    models = []
    for one in tree.evaluations():
        place, found = pattern.place(one.name), tree.layout.read(one.files)
        seeds = (place.training_seed, place.unlearning_seed)
        models.append(
            Measured(place.task, place.method, *seeds, found.values, one.name, None, found.ratios)
        )
    return models


def _by_config(tree: Tree, options: Options) -> tuple[list[Measured], tuple[str, ...]]:
    _check_configs(tree)
    roles = Roles(tree, options.original, options.reference)
    told, left = placed(list(tree.evaluations()), roles)
    if not told:
        raise TableError("\n".join([f"'{tree.root}': no evaluation can be used", *left]))
    chosen = list(_chosen(told, options.checkpoint))
    _check_step(options.checkpoint, told, chosen)
    labels = _labels([one.run for _, _, one in chosen if one.run and one.run.unlearns])
    names = {_start(tree, role, one) for _, role, one in chosen}
    mapped = resolved(options.map or {}, sorted(names))
    models = []
    for task in dict.fromkeys(task for task, _, _ in chosen):
        mine = [(role, one) for at, role, one in chosen if at == task]
        models += _measured(tree, task, mine, labels, mapped)
    return models, tuple(left)


def _check_configs(tree: Tree) -> None:
    lost = tree.without_config()
    if not lost:
        return
    more = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
    raise TableError(
        f"'{lost[0].name}'{more} has no train config: neither it nor a folder above it holds "
        f"{tree.layout.configs}, which says the seed and the start model. Copy the configs of the "
        "runs beside the results; or let the names tell, e.g. --pattern "
        "'{*}/{method}_t{training_seed}[_u{unlearning_seed}]/{*}'; or leave it out: --leave-out "
        "NAME"
    )


def _check_step(step: int | None, told: Iterable[Placed], chosen: Iterable[Placed]) -> None:
    if step is None or any(one.role not in BASELINES for one in chosen):
        return
    steps = sorted({one.evaluation.step for one in told if one.evaluation.step is not None})
    known = ", ".join(map(str, steps)) or "none, only finished models"
    raise TableError(f"--checkpoint {step}: no unlearned model was evaluated there; known: {known}")


def _chosen(told: Iterable[Placed], step: int | None) -> Iterator[Placed]:
    """Yield one evaluation of each model and task: of the finished model, or at a step."""
    groups: dict[tuple[Task, str, str], list[Evaluation]] = defaultdict(list)
    for task, role, one in told:
        groups[task, role, one.subject].append(one)
    for (task, role, _), group in groups.items():
        one = _merged(group, None if role in BASELINES else step)
        if one is not None:
            yield Placed(task, role, one)


def _merged(group: list[Evaluation], step: int | None) -> Evaluation | None:
    """Return the evaluation at the step asked for, files of several folders joined."""
    finished = [one for one in group if one.step is None]
    last = max((one.step for one in group if one.step is not None), default=None)
    mine = (
        finished
        if step is None and finished
        else [one for one in group if one.step == (last if step is None else step)]
    )
    if not mine:
        return None
    files: dict[tuple[str, str], Path] = {}
    for one in mine:
        for kind, file in one.files.items():
            if kind in files:
                raise TableError(
                    f"'{files[kind].parent}' and '{one.folder}' are two evaluations of "
                    f"'{one.subject}' on the same split; leave one out: --leave-out NAME"
                )
            files[kind] = file
    return replace(mine[0], files=files)


def _measured(
    tree: Tree,
    task: Task,
    mine: Sequence[tuple[str, Evaluation]],
    labels: Mapping[str, str],
    mapped: Mapping[str, int],
) -> Iterator[Measured]:
    """Yield the models of one task with their values."""
    starts = {_start(tree, role, one) for role, one in mine if role != REFERENCE}
    retrained = {_start(tree, role, one) for role, one in mine if role == REFERENCE}
    seeds = [training_seeds(_trained(tree, names), mapped) for names in (starts, retrained)]
    first: dict[int, str] = {}  # two paths of one training seed are one model, as the map says
    for role, one in mine:
        start, found = _start(tree, role, one), tree.layout.read(one.files)
        training = seeds[role == REFERENCE][start]
        is_baseline = role in BASELINES
        yield Measured(
            task=str(task),
            method=role if is_baseline or one.run is None else labels[one.run.name],
            training_seed=training,
            unlearning_seed=None if is_baseline or one.run is None else one.run.seed,
            values=found.values,
            source=one.name,
            original=None if role == REFERENCE else first.setdefault(training, start),
            ratios=found.ratios,
        )


def _trained(tree: Tree, names: Iterable[str]) -> list[Trained]:
    runs = tree.runs
    return [Trained(name, runs[name].seed if name in runs else None) for name in sorted(names)]


def _start(tree: Tree, role: str, one: Evaluation) -> str:
    """Return the trained model: a baseline itself, or what an unlearning run started from."""
    return one.subject if role in BASELINES or one.run is None else start_name(tree, one.run)


def _labels(runs: Sequence[TrainRun]) -> dict[str, str]:
    """Return the method of each run: its handler, with the settings that vary between runs."""
    labels = {}
    groups: dict[tuple[str, Task], list[TrainRun]] = defaultdict(list)
    for run in runs:
        groups[run.handler, Task(run.model, run.data, run.forget)].append(run)
    for (handler, _), group in groups.items():
        keys = list(dict.fromkeys(key for run in group for key in run.settings))
        varying = [key for key in keys if len({run.settings.get(key) for run in group}) > 1]
        for run in group:
            said = [f"{key}={run.settings[key]}" for key in varying if key in run.settings]
            labels[run.name] = " ".join([handler, *said])
    return labels


def _further(
    models: Sequence[Measured], logs: Sequence[str | Path], layout: Layout
) -> list[Measured]:
    """Return the retrained models of further files, numbered after those of the tree."""
    found = []
    for place, log in enumerate(map(Path, logs)):
        match = layout.file.fullmatch(log.name)
        kind = (match["benchmark"], match["kind"]) if match else ("", "EVAL")
        stored = layout.read({kind: log}).ratios
        if stored is None:
            raise TableError(
                f"'{log}' holds no truth ratios of the forget set, nor the losses of paraphrases "
                f"and wrong answers; name one of the {layout.name} of a retrained model"
            )
        for task in dict.fromkeys(model.task for model in models):
            same = [m.training_seed for m in models if (m.task, m.method) == (task, REFERENCE)]
            seed = max(same, default=-1) + 1 + place
            found.append(Measured(task, REFERENCE, seed, None, {}, str(log), None, stored))
    return found
