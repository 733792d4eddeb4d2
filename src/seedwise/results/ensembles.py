"""Ensemble metrics: one value for all models of a method, with a jackknife over training seeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from seedwise.errors import TableError
from seedwise.stats import flags
from seedwise.stats.jackknife import delete_one

COLUMNS = ("task", "method", "metric", "evaluation_seed", "left_out", "n_failed", "value")
"""`left_out` is the place in the list of training seeds that a value does without, NA: none;
`n_failed` the number of failed models that it has to do without."""


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
    for (task, method, metric), mine in values.groupby(["task", "method", "metric"], sort=False):
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
            "ci_kind": "jackknife over training seeds",
            "unit": "training",
            "n_partitions": 1,
            "n_training_seeds": len(left_out),
            "n_unlearning_seeds_min": 0,
            "n_unlearning_seeds_max": 0,
            "n_evaluation_seeds": max(1, mine["evaluation_seed"].nunique()),
            "n_missing": 0,
            "n_failed": int(mine["n_failed"].max() + mine["value"].isna().sum()),
            "flags": flags.join(_flags(mine, len(left_out))),
        }


def _flags(values: pd.DataFrame, training_seeds: int) -> tuple[str, ...]:
    few = "single_training_seed" if training_seeds < 2 else "few_training_seeds"
    found = [few] if training_seeds < 5 else []
    failed = values["value"].isna().any() or (values["n_failed"] > 0).any()
    return (*found, "failed_cells") if failed else tuple(found)
