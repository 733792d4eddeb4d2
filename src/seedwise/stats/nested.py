"""Fit one nested design: mean, variance components, and an interval for each.

The unit of inference is the training seed: means are unweighted at every level, and the interval
of the mean is t(I - 1) on the means of the training seeds, whatever the number of runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from seedwise.stats import flags as flag_list
from seedwise.stats import parts
from seedwise.stats.components import Components, estimate
from seedwise.stats.layout import Nested, Partitions, Rows, Units, arrange, plain
from seedwise.stats.location import mean_columns
from seedwise.stats.parts import Estimates

Stage = Literal["unlearning", "none", "deterministic"]
"""What lies between the trained model and its values: unlearning runs, nothing, or one run that
gives the same result whatever its seed."""

STAGES: tuple[Stage, ...] = ("unlearning", "none", "deterministic")


@dataclass(frozen=True)
class NestedFit:
    """What is known about one method and metric. Not estimable is NaN; `flags` say why.

    Every variance comes as estimate (REML, never negative), `_raw` (ANOVA, may be negative),
    limits, and the kind of the limits, which is `none: <reason>` where there are none.
    `var_unlearn` holds the variance between evaluation seeds as well when there is only one of
    them per run.

    Args:
        mean: Mean of the means of the training seeds, unweighted; with several partitions the mean
            of the partition means.
        se, df: Its standard error and degrees of freedom: S / sqrt(I) and I - 1 in one partition.
        ci_low, ci_high, ci_kind: t interval for the mean.
        unit: The outermost random factor, whose number decides df.
        alt_se, alt_df, alt_low, alt_high, alt_kind, alt_unit: With several partitions, the same
            mean with the partitions taken the other way: as random if they are fixed, as fixed if
            they are random.
        conditional_low, conditional_high: With one training seed, the interval given that model.
        n_partitions: P.
        n_training_seeds: I, the number of trained models, in all partitions together.
        n_unlearning_seeds_min, n_unlearning_seeds_max: Range of J (0 without such a stage).
        n_evaluation_seeds: Greatest K.
        n_failed: Values that are NaN.
        var_partition: Variance between partitions; of fixed ones, how much these differ.
        var_interaction: Variance of two crossed factors beyond the sum of their effects.
        var_train: Variance between training seeds s_t^2.
        var_unlearn: Variance between unlearning seeds s_u^2.
        var_eval: Variance between evaluation seeds s_e^2.
        var_total: Their sum: the variance of a single run of a single training seed.
        icc: Share rho = s_t^2 / (s_t^2 + s_u^2) of the training seed.
        icc_run: Its share s_t^2 / (s_t^2 + s_u^2 + s_e^2 / K) in a run as evaluated, which is
            what an interval over runs sees. Equal to `icc` with one evaluation seed.
        df_partition, ss_partition, ms_partition, ...: The analysis of variance behind the raw
            components.
        flags: Codes of `seedwise.stats.flags.FLAGS`.
    """

    mean: float
    se: float
    df: float
    ci_low: float
    ci_high: float
    ci_kind: str
    unit: str
    alt_se: float
    alt_df: float
    alt_low: float
    alt_high: float
    alt_kind: str
    alt_unit: str
    conditional_low: float
    conditional_high: float
    n_partitions: int
    n_training_seeds: int
    n_unlearning_seeds_min: int
    n_unlearning_seeds_max: int
    n_evaluation_seeds: int
    n_failed: int
    var_partition: float
    var_partition_raw: float
    var_partition_low: float
    var_partition_high: float
    var_partition_kind: str
    var_train: float
    var_train_raw: float
    var_train_low: float
    var_train_high: float
    var_train_kind: str
    var_unlearn: float
    var_unlearn_raw: float
    var_unlearn_low: float
    var_unlearn_high: float
    var_unlearn_kind: str
    var_eval: float
    var_eval_raw: float
    var_eval_low: float
    var_eval_high: float
    var_eval_kind: str
    var_interaction: float
    var_interaction_raw: float
    var_interaction_low: float
    var_interaction_high: float
    var_interaction_kind: str
    var_total: float
    var_total_raw: float
    var_total_low: float
    var_total_high: float
    var_total_kind: str
    icc: float
    icc_low: float
    icc_high: float
    icc_kind: str
    icc_run: float
    icc_run_low: float
    icc_run_high: float
    icc_run_kind: str
    df_partition: float
    ss_partition: float
    ms_partition: float
    df_train: float
    ss_train: float
    ms_train: float
    df_unlearn: float
    ss_unlearn: float
    ms_unlearn: float
    df_eval: float
    ss_eval: float
    ms_eval: float
    flags: tuple[str, ...]


def fit(
    values: ArrayLike,
    training: ArrayLike,
    unlearning: ArrayLike | None = None,
    evaluation: ArrayLike | None = None,
    partition: ArrayLike | None = None,
    *,
    crossed: bool = False,
    partitions: Partitions = "fixed",
    deterministic: bool = False,
    level: float = 0.95,
) -> NestedFit:
    """Fit one design from long rows: a value and its seeds, each of shape (n,), in any order.

    Args:
        values: Numbers; NaN is a failed run, counted and left out.
        training: Label of the training seed of each value.
        unlearning: Label of the unlearning seed. None: without evaluation seeds, the values of a
            training seed are its runs, told apart by their order; if every training seed has one
            value, or there are evaluation seeds, there is no such stage.
        evaluation: Label of the evaluation seed; None for one value per run.
        partition: Label of the data partition (or of the draw of the forget set). One label is
            stated in the result.
        crossed: Equal labels mean equal things. With partitions: one training label is one trained
            model under all of them. Without: one unlearning label is one seed under all trained
            models. By default both are nested, and a label means something new each time.
        partitions: Whether the mean is to hold for the partitions seen (`fixed`) or for others
            like them (`random`).
        deterministic: The method gives one result per trained model, whatever its seed.
        level: Confidence level.

    Raises:
        ValueError: If lengths differ, a value is infinite, two values have the same seeds, or
            nothing is left.

    Example:
        >>> seeds = [0, 0, 1, 1, 2, 2]
        >>> result = fit([1.0, 3.0, 4.0, 6.0, 6.0, 10.0], seeds, [0, 1, 0, 1, 0, 1])
        >>> result.mean, result.df, round(result.se, 4)
        (5.0, 2.0, 1.7321)
        >>> round(result.var_train_raw, 4), round(result.var_unlearn, 4), round(result.icc, 4)
        (7.0, 4.0, 0.6364)
        >>> result.flags
        ('few_training_seeds',)
    """
    numbers = np.asarray(values, dtype=float).ravel()
    if unlearning is None and evaluation is None:
        unlearning = _runs(training, partition, numbers.size)
    given = [training, unlearning, evaluation, partition]
    codes = [_codes(labels, numbers.size) for labels in given]
    failed = np.isnan(numbers)
    _check(numbers, level)
    train, unlearn, evaluate, part = (code[~failed] for code in codes)
    most = int(train.max()) + 1
    zeros = np.zeros(train.size, dtype=np.int64)
    data = arrange(Rows(numbers[~failed], zeros, part * most + train, unlearn, evaluate), 1)
    several = np.unique(part).size > 1
    recurring = crossed and np.unique(unlearn).size > 1
    kind = "nested" if several else "labels" if recurring else "none"
    kind = "partitions" if several and crossed else kind
    units = Units(data.training // most, data.training % most, np.array([kind], object), partitions)
    stage = "none" if unlearning is None else "deterministic" if deterministic else "unlearning"
    n_failed = np.array([failed.sum()])
    table = columns(data, [stage], units, n_failed=n_failed, level=level)
    only = {name: _scalar(column[0]) for name, column in table.items()}
    if partition is not None and not several:
        only["flags"] = flag_list.ordered([*only["flags"], "single_partition"])
    return NestedFit(**only)


def _runs(training: ArrayLike, partition: ArrayLike | None, size: int) -> np.ndarray | None:
    """Number the values of each training seed in their order; None if each has one."""
    train, part = _codes(training, size), _codes(partition, size)
    place = part * (int(train.max(initial=0)) + 1) + train
    order = np.argsort(place, kind="stable")
    _, first, counts = np.unique(place[order], return_index=True, return_counts=True)
    if counts.max(initial=1) == 1:
        return None
    numbers = np.empty(size, dtype=np.int64)
    numbers[order] = np.arange(size) - np.repeat(first, counts)
    return numbers


def columns(
    data: Nested,
    stages: Sequence[Stage],
    units: Units | None = None,
    *,
    n_failed: np.ndarray | None = None,
    level: float = 0.95,
) -> dict[str, Any]:
    """Fit many designs at once: one column per field of `NestedFit`, one entry per group.

    Args:
        data: B groups.
        stages: (B,) what lies between trained model and values. A deterministic method with
            several runs per training seed is analysed like any other.
        units: What the training seeds stand for; None: one partition, nothing crossed.
        n_failed: (B,) numbers of failed runs.
        level: Confidence level.
    """
    stage = np.array(stages)
    failed = np.zeros(len(stages), dtype=int) if n_failed is None else n_failed
    places = plain(data) if units is None else units
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        components = estimate(data, places, stage, level)
        table = mean_columns(data, places, stage, level)
    table |= _count_columns(data, places, stage, failed)
    table |= _component_columns(components.estimates)
    table["flags"] = _flags(data, stage, components, table)
    return {field.name: table[field.name] for field in fields(NestedFit)}


def _count_columns(
    data: Nested, units: Units, stage: np.ndarray, failed: np.ndarray
) -> dict[str, Any]:
    present = data.cells > 0
    most = data.cells.max(axis=1, initial=0)
    least = np.where(present, data.cells, np.inf).min(axis=1, initial=np.inf)
    has_stage = stage != "none"
    models = present.sum(axis=1)
    recurring = np.flatnonzero(units.crossing == "partitions")
    models[recurring] = [np.unique(units.training[g, present[g]]).size for g in recurring]
    several = np.flatnonzero(np.isin(units.crossing, ("nested", "partitions", "neighbours")))
    partitions = np.ones_like(models)
    partitions[several] = [np.unique(units.partition[g, present[g]]).size for g in several]
    return {
        "n_partitions": partitions,
        "n_training_seeds": models,
        "n_unlearning_seeds_min": np.where(has_stage, np.minimum(least, most), 0).astype(int),
        "n_unlearning_seeds_max": np.where(has_stage, most, 0).astype(int),
        "n_evaluation_seeds": data.rows_max,
        "n_failed": failed,
    }


def _component_columns(found: Estimates) -> dict[str, Any]:
    columns = {}
    named = {
        "partition": found.partition,
        "train": found.train,
        "unlearn": found.unlearn,
        "eval": found.noise,
    }
    others = {"interaction": found.interaction, "total": found.total}
    for name, part in {**named, **others}.items():
        columns |= {
            f"var_{name}": part.value,
            f"var_{name}_raw": part.raw,
            f"var_{name}_low": part.low,
            f"var_{name}_high": part.high,
            f"var_{name}_kind": part.kind,
        }
    for name, share in {"icc": found.icc, "icc_run": found.icc_run}.items():
        columns |= {
            name: share.value,
            f"{name}_low": share.low,
            f"{name}_high": share.high,
            f"{name}_kind": share.kind,
        }
    for place, name in enumerate(named):
        for row, quantity in enumerate(("df", "ss", "ms")):
            columns[f"{quantity}_{name}"] = found.table[row, place]
    return columns


def _flags(
    data: Nested, stage: np.ndarray, components: Components, table: dict[str, Any]
) -> np.ndarray:
    units = table["n_training_seeds"]
    least, most = table["n_unlearning_seeds_min"], table["n_unlearning_seeds_max"]
    no_spread = (units > 1) & (table["se"] == 0)
    declared = stage == "deterministic"
    tuples = flag_list.collect(
        {
            "single_training_seed": units == 1,
            "few_training_seeds": (units > 1) & (units < parts.FEW),
            "few_partitions": (table["unit"] == "partition") & (table["n_partitions"] < parts.FEW),
            "components_confounded": (stage == "unlearning") & (most == 1),
            "below_chance": components.below_chance,
            "degenerate": no_spread | components.constant,
            "coarse_metric": data.grain > (table["ci_high"] - table["ci_low"]) / 2,
            "failed_cells": table["n_failed"] > 0,
            "no_unlearning_stage": stage == "none",
            "boundary": components.boundary,
            "unbalanced": (least != most) | (data.rows_min != data.rows_max),
            "deterministic": declared & (table["var_unlearn"] == 0),
            "declared_deterministic_but_not": declared & (table["var_unlearn"] > 0),
        }
    )
    packed = np.empty(len(tuples), dtype=object)
    packed[:] = tuples
    return packed


def _codes(labels: ArrayLike | None, size: int) -> np.ndarray:
    if labels is None:
        return np.zeros(size, dtype=np.int64)
    given = np.asarray(labels).ravel()
    if given.size != size:
        raise ValueError(f"{size} values need {size} labels, but {given.size} were given")
    return np.unique(given, return_inverse=True)[1]


def _check(values: np.ndarray, level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"the confidence level must lie between 0 and 1, not {level}")
    if np.isinf(values).any():
        raise ValueError("infinite values have no mean; give NaN for a failed run")
    if np.isnan(values).all():
        raise ValueError("there are no values to fit")


def _scalar(entry: Any) -> Any:
    return entry.item() if isinstance(entry, np.generic) else entry
