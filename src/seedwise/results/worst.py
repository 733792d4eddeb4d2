"""Rows without a value as the worst the metric allows: what `missing="worst"` does."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seedwise.results.tidy import BASELINES, REFERENCE, Spec, base_name


def impute(table: pd.DataFrame, specs: Mapping[str, Spec]) -> pd.DataFrame:
    """Return the table with failed and missing values of methods at the metric's worst bound.

    `higher`: the least possible value; `lower`: the greatest; `closer-to-reference`: the bound
    farther from the mean of the reference. Baselines and metrics without such a bound stay as they
    are. The status is kept, so that the rows are still counted.

    Args:
        table: A tidy table.
        specs: Metric specs by base name.
    """
    absent = table["value"].isna() & ~table["method"].isin(BASELINES)
    filled = table.copy()
    for (_, metric), rows in table[absent].groupby(["task", "metric"], sort=False):
        same = (table["task"] == rows["task"].iloc[0]) & (table["metric"] == metric)
        reference = table.loc[same & (table["method"] == REFERENCE), "value"].mean()
        filled.loc[rows.index, "value"] = _worst(specs.get(base_name(str(metric))), reference)
    return filled


def _worst(spec: Spec | None, reference: float) -> float:
    if spec is None:
        return np.nan
    low, high = (np.nan if bound is None else bound for bound in spec.bounds)
    if spec.direction == "closer-to-reference":
        return low if reference - low > high - reference else high
    return {"higher": low, "lower": high}.get(spec.direction, np.nan)
