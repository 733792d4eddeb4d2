"""The table of variance components: df, SS, MS, component, percent of total, sd, limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = (
    "task",
    "method",
    "metric",
    "level",
    "df",
    "ss",
    "ms",
    "component",
    "component_raw",
    "percent",
    "sd",
    "low",
    "high",
    "kind",
    "flags",
)

_LEVELS = {
    "partition": "partition",
    "training": "train",
    "unlearning": "unlearn",
    "evaluation": "eval",
    "interaction": "interaction",
    "total": "total",
}


def components(keys: pd.DataFrame, table: Mapping[str, Any]) -> pd.DataFrame:
    """Arrange fitted groups with one row per group and level of variance that it has.

    Args:
        keys: The keys of the groups.
        table: The columns of `fitted`.
    """
    blocks = []
    for place, (level, short) in enumerate(_LEVELS.items()):
        value = np.asarray(table[f"var_{short}"])
        nowhere = np.full(value.shape, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            percent = 100 * value / np.asarray(table["var_total"])
        block = keys[["task", "method", "metric"]].assign(
            level=level,
            df=table.get(f"df_{short}", nowhere),
            ss=table.get(f"ss_{short}", nowhere),
            ms=table.get(f"ms_{short}", nowhere),
            component=value,
            component_raw=table[f"var_{short}_raw"],
            percent=percent,
            sd=np.sqrt(value),
            low=table[f"var_{short}_low"],
            high=table[f"var_{short}_high"],
            kind=table[f"var_{short}_kind"],
            flags=table["flags"],
            group=keys.index,
            place=place,
        )
        exists = np.isfinite(value) | np.isfinite(np.asarray(block["df"], dtype=float))
        blocks.append(block[exists])
    ordered = pd.concat(blocks).sort_values(["group", "place"])
    return ordered[list(COLUMNS)].reset_index(drop=True)
