"""What a study with one training seed would have claimed, per method and metric."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from seedwise.results.groups import Groups
from seedwise.results.sides import common, side_of
from seedwise.results.tidy import BASELINES, REFERENCE
from seedwise.stats import flags as flag_list
from seedwise.stats import practice

COLUMNS = (
    "task",
    "method",
    "metric",
    "n_training_seeds",
    "runs",
    "icc_run",
    "icc_run_low",
    "icc_run_high",
    "coverage",
    "coverage_low",
    "coverage_high",
    "miss_share",
    "n_naive_significant",
    "sign_reversal_share",
    "best_outside_share",
    "flags",
)


def single_seed(
    groups: Groups, table: Mapping[str, Any], ranks: pd.DataFrame, level: float
) -> pd.DataFrame:
    """Say how often the interval over the runs of one trained model would have been right.

    `coverage` is exact under normality at the estimated share of the training seed in a run as
    evaluated (`icc_run`), with ends from its interval;
    `miss_share` is the share of training seeds whose own interval misses the mean of the others;
    `sign_reversal_share` the share of differences to another method, significant within one
    training seed, whose sign is opposite to the mean over the others; `best_outside_share` the
    share of training seeds whose own best method is not in the best set of the metric. Baselines
    have no unlearning runs and are left out.

    Args:
        groups: The grouped table.
        table: The columns of `fitted`.
        ranks: The table of `rank`.
        level: Confidence level of the interval in question.
    """
    keys = groups.keys
    kept = np.flatnonzero(~keys["method"].isin(BASELINES).to_numpy())
    runs = np.asarray(table["n_unlearning_seeds_max"])
    rows = keys[["task", "method", "metric"]].assign(
        n_training_seeds=table["n_training_seeds"],
        runs=runs,
        icc_run=table["icc_run"],
        icc_run_low=table["icc_run_low"],
        icc_run_high=table["icc_run_high"],
        coverage=_coverage(table["icc_run"], runs, table, level),
        # The more the training seed matters, the lower the coverage: the ends change sides.
        coverage_low=_coverage(table["icc_run_high"], runs, table, level),
        coverage_high=_coverage(table["icc_run_low"], runs, table, level),
        miss_share=[_miss_share(_units(groups, at), level) for at in keys.index],
        flags=table["flags"],
        **_reversals(groups, level),
        best_outside_share=_best_outside(groups, table, ranks),
    )
    return rows.iloc[kept][list(COLUMNS)].reset_index(drop=True)


def _coverage(
    icc: np.ndarray, runs: np.ndarray, table: Mapping[str, Any], level: float
) -> np.ndarray:
    """Return coverage; repeating a deterministic method has no width and never covers."""
    declared = np.array(
        ["deterministic" in flag_list.split(text) for text in table["flags"]], dtype=bool
    )
    return np.where(
        declared & (table["icc_run"] == 1),
        0.0,
        practice.single_seed_coverage(icc, runs, level=level),
    )


def _units(groups: Groups, at: int) -> practice.Units:
    data = groups.data
    present = data.cells[at] > 0
    return practice.Units(
        data.cells[at, present], data.mean[at, present] + data.centre[at], data.spread[at, present]
    )


def _miss_share(units: practice.Units, level: float) -> float:
    misses = practice.single_seed_misses(units, level=level)
    judged = misses[~np.isnan(misses)]
    return float(judged.mean()) if judged.size else float("nan")


def _best_outside(groups: Groups, table: Mapping[str, Any], ranks: pd.DataFrame) -> np.ndarray:
    """Return the share of training seeds whose best method is not in the best set, per group."""
    keys = groups.keys
    share = np.full(len(keys), np.nan)
    place = {tuple(key): at for at, *key in keys[["task", "method", "metric"]].itertuples()}
    judged = ranks[ranks["in_best_set"].notna()]
    for (task, metric), rows in judged.groupby(["task", "metric"], sort=False):
        at = [place[task, method, metric] for method in rows["method"]]
        means = common([side_of(groups, k, "") for k in at]).means
        way = rows["direction"].iloc[0]
        if way == "closer-to-reference":
            score = -abs(means - table["mean"][place[task, REFERENCE, metric]])
        else:
            score = means if way == "higher" else -means
        if means.shape[1]:
            outside = ~rows["in_best_set"].to_numpy(dtype=bool)
            share[at] = outside[score.argmax(axis=0)].mean()
    return share


def _reversals(groups: Groups, level: float) -> dict[str, np.ndarray]:
    """Return, per group, naive significant differences and the share with a false sign."""
    keys, data = groups.keys, groups.data
    significant = np.zeros(len(keys), dtype=int)
    reversed_sign = np.zeros(len(keys), dtype=int)
    contestants = keys[~keys["method"].isin(BASELINES)]
    for _, members in contestants.groupby(["task", "metric"], sort=False):
        for a, b in combinations(members.index, 2):
            left, right = (data.training[at, data.cells[at] > 0] for at in (a, b))
            _, mine, theirs = np.intersect1d(left, right, return_indices=True)
            first, second = _units(groups, a), _units(groups, b)
            counts = practice.sign_reversals(
                practice.Units(*(column[mine] for column in first)),
                practice.Units(*(column[theirs] for column in second)),
                level=level,
            )
            for at in (a, b):
                significant[at] += counts[0]
                reversed_sign[at] += counts[1]
    with np.errstate(invalid="ignore"):
        share = np.where(significant > 0, reversed_sign / significant, np.nan)
    return {"n_naive_significant": significant, "sign_reversal_share": share}
