"""Forget quality computed anew from truth ratios, against any set of retrained models.

The definitions are those of the metrics `forget-quality` and `forget-quality-ensemble`; here they
are applied to truth ratios that another tool has stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from seedwise.errors import TableError
from seedwise.metrics.forget_quality import rank_among
from seedwise.results.ensembles import COLUMNS
from seedwise.results.tidy import REFERENCE

if TYPE_CHECKING:
    from seedwise.interop.imported import Measured

PUBLISHED = "forget-quality"
"""p-value of the two-sample KS test against the retrained model of the same place."""
RANK = "forget-quality-rank"
"""Share of {this model, the retrained ones} at least as far from the others as this model is."""
ENSEMBLE = "forget-quality-ensemble"
"""Mean of the ranks of a method's models, with a jackknife over training seeds."""

NAMES = (PUBLISHED, ENSEMBLE)
"""Metrics that the registry knows."""


class Computed(NamedTuple):
    """A value of a model."""

    model: Measured
    metric: str
    value: float


def recomputed(models: Sequence[Measured]) -> Iterator[Computed]:
    """Yield p as published and its calibrated rank for every model with known truth ratios.

    A model is held against the retrained model of the same training seed where there is one, else
    against that of the same place in the list; a retrained model against the next one: their p is
    the floor. Ranks need two other retrained models at least.

    Args:
        models: All models, the retrained ones among them.

    Raises:
        TableError: If two models answered different numbers of questions.
    """
    for mine, references in _tasks(models):
        for model in _known(mine):
            if model.method == REFERENCE:
                others = [one for one in references if one is not model]
                after = references.index(model) + 1
                against = references[after % len(references)] if others else None
            else:
                others = references
                against = _partner(model, mine, references) if references else None
            if against is not None:
                _check(model, against)
                yield Computed(model, PUBLISHED, _p(_answered(model), _answered(against)))
            if len(others) > 1:
                yield Computed(model, RANK, _rank(model, others))


def _p(mine: np.ndarray, other: np.ndarray) -> float:
    return float(ks_2samp(mine, other)[1])  # pyright: ignore


def ensembles(models: Sequence[Measured]) -> pd.DataFrame:
    """Return the calibrated p of each method, with and without each training seed.

    Returns:
        The columns of `seedwise.results.ensembles.COLUMNS`.
    """
    rows = [
        row
        for mine, references in _tasks(models)
        if len(references) > 1
        for method in dict.fromkeys(m.method for m in mine if m.method != REFERENCE)
        for row in _ensemble([m for m in _known(mine) if m.method == method], references)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _ensemble(runs: list[Measured], references: list[Measured]) -> Iterator[dict[str, Any]]:
    """Leave out each place: the runs of one training seed and the retrained model beside it.

    What is left of too few has no value.
    """
    if not runs:
        return
    seeds = sorted({run.training_seed for run in runs})
    partner = {seed: references[at % len(references)] for at, seed in enumerate(seeds)}
    for left_out in (None, *range(len(seeds))):
        gone = None if left_out is None else partner[seeds[left_out]]
        kept = [one for one in references if one is not gone]
        rest = [run for run in runs if left_out is None or run.training_seed != seeds[left_out]]
        is_known = rest and len(kept) > 1
        yield {
            "task": runs[0].task,
            "method": runs[0].method,
            "metric": ENSEMBLE,
            "evaluation_seed": None,
            "left_out": left_out,
            "draw": None,
            "exchanged": False,
            "n_failed": 0,
            "value": float(np.mean([_rank(run, kept) for run in rest])) if is_known else np.nan,
        }


def _tasks(models: Sequence[Measured]) -> Iterator[tuple[list[Measured], list[Measured]]]:
    """Yield the models of each task, and its retrained ones with ratios in the order of seeds."""
    for task in dict.fromkeys(model.task for model in models):
        mine = [model for model in models if model.task == task]
        known = [model for model in _known(mine) if model.method == REFERENCE]
        yield mine, sorted(known, key=lambda model: model.training_seed)


def _known(models: Sequence[Measured]) -> list[Measured]:
    return [model for model in models if len(_answered(model))]


def _answered(model: Measured) -> np.ndarray:
    """Return the truth ratios that are numbers: a null is a question without tokens to score."""
    ratios = np.empty(0) if model.ratios is None else model.ratios
    return ratios[~np.isnan(ratios)]


def _partner(model: Measured, mine: list[Measured], references: list[Measured]) -> Measured:
    same = [one for one in references if one.training_seed == model.training_seed]
    seeds = sorted({one.training_seed for one in mine if one.method != REFERENCE})
    return same[0] if same else references[seeds.index(model.training_seed) % len(references)]


def _rank(model: Measured, others: Sequence[Measured]) -> float:
    for other in others:
        _check(model, other)
    return rank_among(_answered(model), [_answered(one) for one in others])


def _check(one: Measured, other: Measured) -> None:
    sizes = [len(model.ratios) for model in (one, other) if model.ratios is not None]
    if len(set(sizes)) > 1:
        raise TableError(
            f"'{one.source}' and '{other.source}' answered {sizes[0]} and {sizes[1]} questions of "
            "the forget set: forget quality compares models on the same questions; evaluate both "
            "on the same split, or leave one out: --leave-out NAME"
        )
