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

from seedwise.stats import anova, parts
from seedwise.stats import flags as flag_list
from seedwise.stats.components import Components, estimate
from seedwise.stats.intervals import student
from seedwise.stats.layout import Nested, Rows, arrange
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
        mean: Unweighted mean of the means of the training seeds.
        se, df: Standard error S / sqrt(I) and its degrees of freedom I - 1.
        ci_low, ci_high, ci_kind: t interval for the mean.
        unit: The outermost random factor, whose number decides df.
        conditional_low, conditional_high: With one training seed, the interval given that model.
        n_training_seeds: I.
        n_unlearning_seeds_min, n_unlearning_seeds_max: Range of J (0 without such a stage).
        n_evaluation_seeds: Greatest K.
        n_failed: Values that are NaN.
        var_train: Variance between training seeds s_t^2.
        var_unlearn: Variance between unlearning seeds s_u^2.
        var_eval: Variance between evaluation seeds s_e^2.
        var_total: Their sum: the variance of a single run of a single training seed.
        icc: Share rho = s_t^2 / (s_t^2 + s_u^2) of the training seed.
        icc_run: Its share s_t^2 / (s_t^2 + s_u^2 + s_e^2 / K) in a run as evaluated, which is
            what an interval over runs sees. Equal to `icc` with one evaluation seed.
        df_train, ss_train, ms_train, ...: The analysis of variance behind the raw components.
        flags: Codes of `seedwise.stats.flags.FLAGS`.
    """

    mean: float
    se: float
    df: float
    ci_low: float
    ci_high: float
    ci_kind: str
    unit: str
    conditional_low: float
    conditional_high: float
    n_training_seeds: int
    n_unlearning_seeds_min: int
    n_unlearning_seeds_max: int
    n_evaluation_seeds: int
    n_failed: int
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
    deterministic: bool = False,
    level: float = 0.95,
) -> NestedFit:
    """Fit one design from long rows: a value and its seeds, each of shape (n,), in any order.

    Args:
        values: Numbers; NaN is a failed run, counted and left out.
        training: Label of the training seed of each value.
        unlearning: Label of the unlearning seed; None if there is no such stage.
        evaluation: Label of the evaluation seed; None for one value per run.
        partition: Label of the data partition. One label is stated in the result; several are
            refused.
        deterministic: The method gives one result per trained model, whatever its seed.
        level: Confidence level.

    Raises:
        ValueError: If lengths differ, a value is infinite, two values have the same seeds,
            nothing is left, or there are several partitions.

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
    given = [training, unlearning, evaluation, partition]
    codes = [_codes(labels, numbers.size) for labels in given]
    failed = np.isnan(numbers)
    _check(numbers, level)
    if partition is not None and np.unique(codes[3][~failed]).size > 1:
        raise ValueError("several partitions are not analysed yet; fit one partition at a time")
    zeros = np.zeros(int((~failed).sum()), dtype=np.int64)
    rows = Rows(numbers[~failed], zeros, *(code[~failed] for code in codes[:3]))
    stage = "none" if unlearning is None else "deterministic" if deterministic else "unlearning"
    data = arrange(rows, 1)
    table = columns(data, [stage], n_failed=np.array([failed.sum()]), level=level)
    only = {name: _scalar(column[0]) for name, column in table.items()}
    if partition is not None:
        only["flags"] = flag_list.ordered([*only["flags"], "single_partition"])
    return NestedFit(**only)


def columns(
    data: Nested,
    stages: Sequence[Stage],
    *,
    n_failed: np.ndarray | None = None,
    level: float = 0.95,
) -> dict[str, Any]:
    """Fit many designs at once: one column per field of `NestedFit`, one entry per group.

    Args:
        data: B groups.
        stages: (B,) what lies between trained model and values. A deterministic method with
            several runs per training seed is analysed like any other.
        n_failed: (B,) numbers of failed runs.
        level: Confidence level.
    """
    stage = np.array(stages)
    failed = np.zeros(len(stages), dtype=int) if n_failed is None else n_failed
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        components = estimate(data, stage, level)
        table = _mean_columns(data, stage, level)
    table |= _count_columns(data, stage, failed) | _component_columns(components.estimates)
    table["flags"] = _flags(data, stage, components, table)
    return {field.name: table[field.name] for field in fields(NestedFit)}


def _mean_columns(data: Nested, stage: np.ndarray, level: float) -> dict[str, Any]:
    cells = anova.two_level(data.cells, data.mean, data.spread, data.largest)
    units = cells.units
    se = np.sqrt(cells.var_means / units)
    mean = np.where(units > 0, data.centre + cells.mean, np.nan)
    ends = student(mean, np.where(se > 0, se, np.nan), cells.df_between, level)
    kind = np.where(np.isfinite(ends.low), "t over training seeds", parts.NO_SPREAD)
    kind = np.where(units < 2, "none: one training seed", kind)
    one_model = (units == 1) & (stage == "unlearning") & (cells.ms_within > 0)
    inside = np.where(one_model, cells.ms_within / cells.runs, np.nan)
    given = student(mean, np.sqrt(inside), cells.runs - 1, level)
    return {
        "mean": mean,
        "se": se,
        "df": np.where(units > 1, units - 1.0, np.nan),
        "ci_low": ends.low,
        "ci_high": ends.high,
        "ci_kind": np.where(units < 1, "none: no values", kind),
        "unit": np.full(units.shape, "training"),
        "conditional_low": given.low,
        "conditional_high": given.high,
    }


def _count_columns(data: Nested, stage: np.ndarray, failed: np.ndarray) -> dict[str, Any]:
    present = data.cells > 0
    most = data.cells.max(axis=1, initial=0)
    least = np.where(present, data.cells, np.inf).min(axis=1, initial=np.inf)
    has_stage = stage != "none"
    return {
        "n_training_seeds": present.sum(axis=1),
        "n_unlearning_seeds_min": np.where(has_stage, np.minimum(least, most), 0).astype(int),
        "n_unlearning_seeds_max": np.where(has_stage, most, 0).astype(int),
        "n_evaluation_seeds": data.rows_max,
        "n_failed": failed,
    }


def _component_columns(found: Estimates) -> dict[str, Any]:
    columns = {}
    named = {"train": found.train, "unlearn": found.unlearn, "eval": found.noise}
    for name, part in {**named, "total": found.total}.items():
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
