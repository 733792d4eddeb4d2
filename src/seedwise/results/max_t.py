"""The max-t bootstrap as a check of Holm's adjustment where comparisons are correlated."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from seedwise.results.compare import compare
from seedwise.results.groups import Groups
from seedwise.results.sides import Request, common, side_of
from seedwise.results.tidy import BASELINES
from seedwise.seeds import SeedStreams
from seedwise.stats import bootstrap

COLUMNS = ("task", "metric", "a", "b", "p", "p_adjusted", "p_max_t", "n_common")


def max_t(groups: Groups, flags: list[str], request: Request) -> pd.DataFrame:
    """Return all pairs of methods with Holm's p and that of the max-t bootstrap, with `COLUMNS`.

    `p_max_t` rests on the `n_common` training seeds that all methods share, and is missing below
    10 of them, with several partitions, or where methods are not paired.

    Args:
        groups: The grouped table.
        flags: (B) flags of the groups.
        request: What is asked for.

    Raises:
        TableError: If the metric does not occur.
    """
    table = compare(groups, flags, request)
    p_max_t, n_common = np.full(len(table), np.nan), np.zeros(len(table), dtype=int)
    keys = groups.keys
    for (task, metric), rows in table.groupby(["task", "metric"], sort=False):
        same = (keys["task"] == task) & (keys["metric"] == metric)
        places = keys.index[same & ~keys["method"].isin(BASELINES)]
        paired = (rows["pairing"] != "independent").all()
        if not paired or (groups.units.crossing[places] != "none").any():
            continue
        means = common([side_of(groups, at, flags[at]) for at in places]).means
        differences = np.array([means[a] - means[b] for a, b in combinations(range(len(means)), 2)])
        rng = SeedStreams("results/max-t").generator("bootstrap")
        p_max_t[rows.index] = bootstrap.max_t(differences.T, rng)
        n_common[rows.index] = means.shape[1]
    found = table.assign(p_max_t=p_max_t, n_common=n_common)
    return found[list(COLUMNS)]
