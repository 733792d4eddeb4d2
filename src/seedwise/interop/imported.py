"""What importers of other tools' results have in common: models with values become `Results`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seedwise import registry
from seedwise.contracts import MetricSpec
from seedwise.errors import TableError
from seedwise.interop.retrained import NAMES, ensembles, recomputed
from seedwise.results import Results
from seedwise.results.tidy import BASELINES, COLUMNS

ITEM_SE = "item_se"
"""Column of the table of an import: the standard error over the items of a test for one model.

It says nothing about other models and enters no statistics of `Results`."""


class Value(NamedTuple):
    """One value of a metric.

    Args:
        value: The number; None where the file holds none.
        item_se: Standard error over the items of the test, where the file has one.
        reason: Why there is no number.
    """

    value: float | None
    item_se: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Measured:
    """One model with its values.

    Args:
        task: The learning problem and forget set.
        method: Its method.
        training_seed: Which trained model it belongs to.
        unlearning_seed: Which unlearning run of that it is, None for baselines.
        values: Values by metric.
        source: What messages call it.
        original: The model it starts from, None where unknown.
        ratios: (n,) truth ratios of the questions of the forget set, NaN where one has none; None
            where they are unknown.
    """

    task: str
    method: str
    training_seed: int
    unlearning_seed: int | None
    values: Mapping[str, Value]
    source: str
    original: str | None = None
    ratios: np.ndarray | None = None


@dataclass(frozen=True)
class Options:
    """How the results of a tool are read.

    Args:
        map: Training seed of a start model or retrained model, by its path.
        original: Names (or patterns of names) of originals that nothing else tells.
        reference: The same of retrained models.
        leave_out: Patterns of names of folders that are not read.
        retrain_logs: Further files of retrained models, for forget quality.
        checkpoint: Take the evaluations at this step instead of the finished models'.
        pattern: Seeds and methods by the names (of folders, of models); no config is read then.
    """

    map: Mapping[str, int] | None = None
    original: Sequence[str] = ()
    reference: Sequence[str] = ()
    leave_out: Sequence[str] = ()
    retrain_logs: Sequence[str | Path] = ()
    checkpoint: int | None = None
    pattern: str | None = None

    def only(self, tool: str, *names: str) -> None:
        """Refuse options that say nothing to a tool.

        Args:
            tool: The tool.
            *names: The options that do.

        Raises:
            TableError: Names those that were given all the same.
        """
        given = [f.name for f in fields(self) if getattr(self, f.name) not in (None, (), {}, [])]
        wrong = [_option(name) for name in given if name not in names]
        if wrong:
            allowed = ", ".join(map(_option, names))
            raise TableError(f"{', '.join(wrong)}: not for {tool}, which takes {allowed}")


def _option(name: str) -> str:
    """Return a field's name as it is typed."""
    return f"--{name.removesuffix('s').replace('_', '-')}"


@dataclass(frozen=True)
class Imported:
    """An import.

    Args:
        results: Everything that may be asked of it.
        table: The tidy table, with the column `item_se` where the files have such errors.
    """

    results: Results
    table: pd.DataFrame


def assemble(
    models: Sequence[Measured],
    *,
    specs: Mapping[str, MetricSpec] | None = None,
    notes: Iterable[str] = (),
) -> Imported:
    """Make one table of all models, with forget quality computed anew where ratios are known.

    Args:
        models: All models.
        specs: Specs of the metrics by base name.
        notes: What a reader should know.

    Raises:
        TableError: If there is no model, or two are one cell.

    Example:
        >>> one = Measured("t", "npo", 0, 0, {"utility": Value(0.5, item_se=0.1)}, "a")
        >>> assemble([one]).table[["method", "value", "item_se"]].values.tolist()
        [['npo', 0.5, 0.1]]
    """
    if not models:
        raise TableError("nothing is left to import; see what was left out")
    check_cells(models)
    rows = [row for model in models for row in _rows(model)]
    rows += [_row(model, metric, Value(p)) for model, metric, p in recomputed(models)]
    table = _wanted(pd.DataFrame(rows))
    found = ensembles(models)
    known = {**(specs or {}), **{name: registry.metrics[name].spec for name in NAMES}}
    results = Results(
        table[list(COLUMNS)],
        metrics=known,
        notes=[*notes, *_design_notes(models)],
        ensembles=found if len(found) else None,
    )
    tidy = results.frame()
    errors = table[ITEM_SE].to_numpy()
    return Imported(results, tidy if np.isnan(errors).all() else tidy.assign(**{ITEM_SE: errors}))


def check_cells(models: Sequence[Measured]) -> None:
    """Refuse two models that would be one cell of the design.

    Raises:
        TableError: If there are such; names both.
    """
    seen: dict[tuple[Any, ...], Measured] = {}
    for model in models:
        key = (model.task, model.method, model.training_seed, model.unlearning_seed)
        other = seen.setdefault(key, model)
        if other is model:
            continue
        seed = f"training seed {model.training_seed}"
        if model.unlearning_seed is not None:
            seed += f", unlearning seed {model.unlearning_seed}"
        raise TableError(
            f"'{other.source}' and '{model.source}' are two runs for one cell: {model.method} of "
            f"{model.task or 'one task'}, {seed}. Runs from one start model need different seeds; "
            "runs from different start models need different training seeds (--map). If one run "
            "is a repetition of the other, leave it out: --leave-out NAME"
        )


def _rows(model: Measured) -> Iterator[dict[str, Any]]:
    for metric, value in model.values.items():
        yield _row(model, metric, value)


def _row(model: Measured, metric: str, value: Value) -> dict[str, Any]:
    absent = value.value is None
    return {
        "task": model.task,
        "method": model.method,
        "metric": metric,
        "partition_seed": None,
        "training_seed": model.training_seed,
        "unlearning_seed": model.unlearning_seed,
        "evaluation_seed": None,
        "value": math.nan if absent else value.value,
        "original": model.original,
        "status": "missing" if absent else "ok",
        "reason": value.reason if absent else "",
        ITEM_SE: math.nan if value.item_se is None else value.item_se,
    }


def _wanted(table: pd.DataFrame) -> pd.DataFrame:
    """Drop metrics that no run of a method has: nobody asked for them."""
    if table.empty:
        raise TableError("the files hold no value of any metric")
    given = table["status"] != "missing"
    keys = [table[name] for name in ("task", "method", "metric")]
    kept = given.groupby(keys, dropna=False).transform("any")
    if not kept.any():
        raise TableError("the files hold no number for any metric: all are null")
    return table[kept].reset_index(drop=True)


def _design_notes(models: Sequence[Measured]) -> Iterator[str]:
    """Say where k runs are one replicate, and where seeds are shared between start models."""
    for task in dict.fromkeys(model.task for model in models):
        mine = [m for m in models if m.task == task and m.method not in BASELINES]
        starts = {model.training_seed for model in mine}
        where = f"{task}: " if task else ""
        if len(starts) == 1 and len(mine) > 1:
            yield (
                f"{where}all {len(mine)} unlearned models start from one trained model "
                f"({mine[0].original or f'training seed {mine[0].training_seed}'}): they are one "
                "replicate of the training, and nothing can be said about other trained models "
                "(flag single_training_seed)"
            )
        elif len(starts) > 1 and shares_seeds(mine):
            yield (
                f"{where}the same unlearning seeds were used on several trained models: such runs "
                "may share what the seed draws; see the flag labels_recur"
            )


def shares_seeds(models: Iterable[Measured]) -> bool:
    """Return whether an unlearning seed of a method occurs under several training seeds."""
    seen: dict[tuple[str, str, int | None], int] = {}
    return any(
        seen.setdefault((m.task, m.method, m.unlearning_seed), m.training_seed) != m.training_seed
        for m in models
        if m.method not in BASELINES
    )
