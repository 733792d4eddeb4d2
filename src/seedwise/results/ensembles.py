"""Ensemble metrics: one value for all models of a method, its jackknife and its null."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from seedwise.errors import TableError
from seedwise.stats import flags
from seedwise.stats.jackknife import Jackknife, delete_one

COLUMNS = (
    "task",
    "method",
    "metric",
    "evaluation_seed",
    "left_out",
    "draw",
    "exchanged",
    "n_failed",
    "value",
)
"""`left_out` is the place in the list of training seeds that a value does without, NA: none;
`draw` the number of the draw of one run per training seed, NA: all runs, and `exchanged` whether
its labels unlearned and retrained were; `n_failed` the number of failed models that it has to do
without, itself included where its own computation failed. NaN without a failure is a value that
cannot be estimated from so few models."""

NULL_COLUMNS = (
    "task",
    "method",
    "metric",
    "value",
    "null_mean",
    "null_sd",
    "null_low",
    "null_high",
    "n_above_null",
    "n_draws",
    "n_training_seeds",
    "flags",
)


def checked(values: pd.DataFrame | None) -> pd.DataFrame:
    """Return the values of ensemble metrics with exactly `COLUMNS`.

    Raises:
        TableError: If a column lacks.
    """
    if values is None:
        return pd.DataFrame(columns=list(COLUMNS))
    lacking = [name for name in COLUMNS if name not in values.columns]
    if lacking:
        raise TableError(f"the ensemble table lacks the columns {', '.join(lacking)}")
    return values[list(COLUMNS)].reset_index(drop=True)


def null(values: pd.DataFrame) -> pd.DataFrame:
    """Return what each ensemble metric would be if unlearned models were retrained ones.

    A distance between two groups of models is not zero when both are drawn alike; how large it is
    depends on their number. So each draw takes one run per training seed (`value` is the mean over
    draws, which is the metric's own value only where there is one run per training seed), and
    computes the metric again with the labels unlearned and retrained exchanged at the level of
    the training seed: swapped within each pair when the reference is paired, dealt anew when not.

    Args:
        values: The table of `checked`.

    Returns:
        `NULL_COLUMNS`, one row per task, method and metric: mean, sd, least and greatest value
        of the null, and in how many of the draws the value was above the null's. These are a
        description: the draws share their models, so no p-value follows from them.
    """
    groups = values.groupby(["task", "method", "metric"], sort=False)
    rows = [_null_row(*one) for one in groups if one[1]["draw"].notna().any()]
    return pd.DataFrame(rows, columns=list(NULL_COLUMNS))


def _null_row(names: Any, mine: pd.DataFrame) -> dict[str, Any]:
    """Average over evaluation seeds, then compare draw by draw."""
    averaged = mine.groupby(["draw", "exchanged"])["value"].mean().unstack("exchanged").dropna()
    plain, exchanged = (averaged.get(side, pd.Series(dtype=float)) for side in (False, True))
    seeds = mine["left_out"].nunique()
    return {
        **dict(zip(("task", "method", "metric"), names, strict=True)),
        "value": plain.mean(),
        "null_mean": exchanged.mean(),
        "null_sd": exchanged.std(),
        "null_low": exchanged.min(),
        "null_high": exchanged.max(),
        "n_above_null": int((plain > exchanged).sum()),
        "n_draws": len(averaged),
        "n_training_seeds": seeds,
        "flags": flags.join(_flags(mine, seeds)),
    }


def summary_rows(values: pd.DataFrame, columns: list[str], level: float) -> pd.DataFrame:
    """Return one summary row per task, method and ensemble metric.

    Evaluation seeds are averaged first. Components are not defined for such a number: NaN.

    Args:
        values: The table of `checked`.
        columns: The columns of the summary.
        level: Confidence level.
    """
    return pd.DataFrame(list(_rows(values, level)), columns=columns)


def _rows(values: pd.DataFrame, level: float) -> Iterator[dict[str, Any]]:
    whole_and_jackknife = values[values["draw"].isna()]
    for (task, method, metric), mine in whole_and_jackknife.groupby(
        ["task", "method", "metric"], sort=False
    ):
        averaged = mine.assign(left_out=mine["left_out"].astype("Int64"))
        means = averaged.groupby("left_out", dropna=False)["value"].mean()
        left_out = means[means.index.notna()].to_numpy(dtype=float)
        whole = means[means.index.isna()].to_numpy(dtype=float)
        found = delete_one(float(whole[0]) if len(whole) else np.nan, left_out, level=level)
        yield {
            "task": task,
            "method": method,
            "metric": metric,
            "mean": found.estimate,
            "se": found.se,
            "df": found.df,
            "ci_low": found.low,
            "ci_high": found.high,
            "ci_kind": _kind(found),
            "unit": "training",
            "n_partitions": 1,
            "n_training_seeds": len(left_out),
            "n_unlearning_seeds_min": 0,
            "n_unlearning_seeds_max": 0,
            "n_evaluation_seeds": max(1, mine["evaluation_seed"].nunique()),
            "n_missing": 0,
            "n_failed": int(mine["n_failed"].max()),
            "flags": flags.join(_flags(mine, len(left_out))),
        }


def _kind(found: Jackknife) -> str:
    if np.isfinite(found.low):
        return "jackknife over training seeds"
    return "none: no spread" if found.se == 0 else "none: too few training seeds"


def _flags(values: pd.DataFrame, training_seeds: int) -> tuple[str, ...]:
    few = "single_training_seed" if training_seeds < 2 else "few_training_seeds"
    found = [few] if training_seeds < 5 else []
    failed = (values["n_failed"] > 0).any()
    return (*found, "failed_cells") if failed else tuple(found)
