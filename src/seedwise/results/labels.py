"""Unlearning-seed labels that recur under all training seeds: do they mean the same?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedwise.results.groups import Groups
from seedwise.results.tidy import BASELINES
from seedwise.stats.two_way import LabelEffect, label_effect, two_way

COLUMNS = ("task", "method", "metric", "f", "df1", "df2", "p", "share")
_SIZE = 0.05


def label_effects(groups: Groups) -> pd.DataFrame:
    """Return the F test of the label effect for each group in which labels recur, with `COLUMNS`.

    Tables with the hashes of the originals are records of nested runs and have none.

    Args:
        groups: The grouped table.
    """
    rows = [
        {**groups.keys.loc[at, ["task", "method", "metric"]], **effect._asdict()}
        for at, effect in _effects(groups).items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def labels_recur(groups: Groups) -> np.ndarray:
    """Return the groups whose labels have an effect, or one that cannot be computed, (B,)."""
    flagged = np.zeros(len(groups.keys), dtype=bool)
    for at, effect in _effects(groups).items():
        flagged[at] = not effect.p >= _SIZE
    return flagged


def _effects(groups: Groups) -> dict[int, LabelEffect]:
    data, found = groups.data, {}
    baseline = groups.keys["method"].isin(BASELINES).to_numpy()
    unknown = (groups.original < 0).all(axis=1) & (groups.units.crossing == "none")
    several = (data.cells > 1).sum(axis=1) > 1
    ends = np.searchsorted(data.cell_group, np.arange(len(baseline) + 1))
    for at in np.flatnonzero(unknown & several & ~baseline):
        cells = slice(ends[at], ends[at + 1])
        unit, label = data.cell_unit[cells], data.cell_label[cells]
        if np.unique(label).size * np.unique(unit).size > 2 * label.size:
            continue  # most labels occur under few training seeds: they are names, not seeds
        table = two_way(data.cell_mean[cells], unit, label)
        if table.ms[1] > 0:
            found[int(at)] = label_effect(table)
    return found
