"""How many training seeds failed, and how many may without contradicting what was seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seedwise.results.sides import known
from seedwise.stats.practice import failure_bound

COLUMNS = (
    "task",
    "method",
    "n_training_seeds",
    "n_failed_training_seeds",
    "share",
    "share_high",
)


def failures(
    table: pd.DataFrame, limits: Mapping[str, tuple[float, float]], level: float
) -> pd.DataFrame:
    """Return one row per task and method, with `COLUMNS`.

    A training seed fails if one of its runs failed or has a value beyond a limit. `share_high` is
    the upper limit of the share of training seeds that fail: without a failure among 10, 26 %.

    Args:
        table: The tidy table.
        limits: Least and greatest acceptable value by metric.
        level: Confidence level of the upper limit.

    Raises:
        TableError: If a metric does not occur.
    """
    failed = (table["status"] == "failed").to_numpy()
    for metric, (low, high) in limits.items():
        known("metric", metric, table["metric"])
        value = table["value"].to_numpy()
        failed = failed | (table["metric"] == metric).to_numpy() & ((value < low) | (value > high))
    tried = table.assign(failed=failed)[table["status"] != "missing"]
    seeds = ["partition_seed", "training_seed"]
    units = tried.groupby(["task", "method", *seeds], sort=False, dropna=False)["failed"].any()
    counts = units.groupby(["task", "method"], sort=False).agg(["size", "sum"]).reset_index()
    size, bad = counts["size"].to_numpy(), counts["sum"].to_numpy()
    return pd.DataFrame(
        {
            "task": counts["task"],
            "method": counts["method"],
            "n_training_seeds": size,
            "n_failed_training_seeds": bad,
            "share": bad / np.maximum(size, 1),
            "share_high": failure_bound(size, bad, level=level),
        }
    )
