"""One row per task, method and metric: mean, interval, variance components, flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seedwise.results import looks
from seedwise.results.groups import Groups, duplicated_training, stages
from seedwise.results.labels import labels_recur
from seedwise.results.tidy import Spec, base_name
from seedwise.stats import flags as flag_list
from seedwise.stats import nested

_PARTS = ("partition", "train", "unlearn", "eval", "interaction", "total")
_MEAN = ("mean", "se", "df", "ci_low", "ci_high", "ci_kind", "unit")
_ALT = ("alt_se", "alt_df", "alt_low", "alt_high", "alt_kind", "alt_unit")
_COUNTS = (
    "n_partitions",
    "n_training_seeds",
    "n_unlearning_seeds_min",
    "n_unlearning_seeds_max",
    "n_evaluation_seeds",
    "n_missing",
    "n_failed",
)
_ICC = tuple(
    f"{name}{end}" for name in ("icc", "icc_run") for end in ("", "_low", "_high", "_kind")
)


def _part_columns(part: str) -> tuple[str, ...]:
    ends = tuple(f"var_{part}_{suffix}" for suffix in ("low", "high", "raw", "kind"))
    return (f"var_{part}", f"sd_{part}", *ends)


COLUMNS = (
    "task",
    "method",
    "metric",
    *_MEAN,
    *_COUNTS,
    *looks.COLUMNS,
    *(column for part in _PARTS for column in _part_columns(part)),
    *_ICC,
    *_ALT,
    "conditional_low",
    "conditional_high",
    "flags",
)


def fitted(
    groups: Groups,
    specs: Mapping[str, Spec],
    deterministic: Mapping[str, str],
    seen: Sequence[int],
    level: float,
) -> dict[str, Any]:
    """Fit all groups: the columns of `nested.columns`, with the flags of the table added.

    Args:
        groups: The grouped table.
        specs: Metric specs by base name.
        deterministic: What is known of each method's determinism.
        seen: Numbers of trained models at the looks that count.
        level: Confidence level.
    """
    n_failed = groups.keys["n_failed"].to_numpy()
    kinds = stages(groups.keys, deterministic)
    table = nested.columns(groups.data, kinds, groups.units, n_failed=n_failed, level=level)
    error, count = (table["se"], table["df"]), table["n_training_seeds"]
    table |= looks.columns(table["mean"], error, count, seen, level)
    added = flag_list.collect(_table_flags(groups, specs, deterministic, table))
    table["flags"] = [
        flag_list.join((*own, *more)) for own, more in zip(table["flags"], added, strict=True)
    ]
    return table


def summary(keys: pd.DataFrame, table: Mapping[str, Any]) -> pd.DataFrame:
    """Arrange fitted groups in `COLUMNS`.

    Args:
        keys: The keys of the groups with their counts.
        table: The columns of `fitted`.
    """
    columns: dict[str, Any] = {name: keys[name] for name in ("task", "method", "metric")}
    columns["n_missing"] = keys["n_missing"]
    columns |= {name: values for name, values in table.items() if name in COLUMNS}
    for part in _PARTS:
        columns[f"sd_{part}"] = np.sqrt(columns[f"var_{part}"])
    return pd.DataFrame(columns, index=keys.index)[list(COLUMNS)]


def _table_flags(
    groups: Groups,
    specs: Mapping[str, Spec],
    deterministic: Mapping[str, str],
    table: Mapping[str, Any],
) -> dict[str, np.ndarray]:
    keys = groups.keys
    names = keys["metric"].map(base_name)
    low, high = _bounds(names, specs)
    unknown = ~names.isin(list(specs)).to_numpy()
    refuted = [method for method, how in deterministic.items() if how == "not"]
    return {
        "near_bound": (table["ci_low"] < low) | (table["ci_high"] > high),
        "missing_cells": keys["n_missing"].to_numpy() > 0,
        "duplicate_training_seeds": duplicated_training(groups, specs),
        "percent_suspected": percent_suspected(groups, specs),
        "declared_deterministic_but_not": keys["method"].isin(refuted).to_numpy(),
        "labels_recur": labels_recur(groups),
        "optional_stopping": table["n_looks"] > 1,
        "worst_imputed": groups.keys["n_imputed"].to_numpy() > 0,
        "single_partition": keys["is_declared_partition"].to_numpy(),
        "direction_unknown": unknown,
    }


def _bounds(names: pd.Series, specs: Mapping[str, Spec]) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of each group's metric, infinite where there is none."""
    declared = [specs[name].bounds if name in specs else (None, None) for name in names]
    low = [-np.inf if pair[0] is None else pair[0] for pair in declared]
    high = [np.inf if pair[1] is None else pair[1] for pair in declared]
    return np.array(low, dtype=float), np.array(high, dtype=float)


def percent_suspected(groups: Groups, specs: Mapping[str, Spec]) -> np.ndarray:
    """Return the groups whose metric is a share although its values run up to 100, (B,)."""
    low, high = _bounds(groups.keys["metric"].map(base_name), specs)
    least, most = np.full(len(groups.keys), np.inf), np.full(len(groups.keys), -np.inf)
    np.minimum.at(least, groups.rows.group, groups.rows.value)
    np.maximum.at(most, groups.rows.group, groups.rows.value)
    share = (low == 0) & (high == 1)
    return share & (least >= 0) & (most > 1 + 1e-6) & (most <= 100)
