"""On request beside t: robust summaries, and intervals for skewed or bounded metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from seedwise.results.groups import Groups
from seedwise.results.sides import known, side_of
from seedwise.results.tidy import BASELINES, Spec, base_name
from seedwise.seeds import SeedStreams
from seedwise.stats import robust as statistics
from seedwise.stats.bootstrap import bootstrap_t, gaffke

COLUMNS = (
    "task",
    "method",
    "metric",
    "n_training_seeds",
    "mean",
    "ci_low",
    "ci_high",
    "bootstrap_low",
    "bootstrap_high",
    "bound_low",
    "bound_high",
    "iqm",
    "iqm_low",
    "iqm_high",
    "median",
    "median_low",
    "median_high",
    "gls",
    "gls_low",
    "gls_high",
    "icc",
    "icc_low",
    "icc_high",
    "flags",
)
_STREAMS = SeedStreams("results/robust")


def robust(
    groups: Groups,
    table: Mapping[str, Any],
    specs: Mapping[str, Spec],
    metric: str | None,
    level: float,
) -> pd.DataFrame:
    """Return one row per task, method and metric, with `COLUMNS`.

    `bootstrap_*`: studentised cluster bootstrap (8 training seeds and more); `bound_*`: Gaffke's
    interval for metrics with declared bounds; `iqm` and `median` of all runs, and the `gls` mean,
    with a jackknife over training seeds; `icc`: share of the training seed with a jackknife of
    log F (10 training seeds and more). All are for one partition. Random numbers are fixed, so
    results repeat.

    Args:
        groups: The grouped table.
        table: The columns of `fitted`.
        specs: Metric specs by base name.
        metric: One metric, None for all.
        level: Confidence level.

    Raises:
        TableError: If the metric does not occur.
    """
    keys = groups.keys
    known("metric", metric, keys["metric"])
    chosen = keys.index if metric is None else keys.index[keys["metric"] == metric]
    rows = [
        {
            **keys.loc[at, ["task", "method", "metric"]],
            **{name: table[name][at] for name in ("n_training_seeds", "mean", "ci_low", "ci_high")},
            **_row(groups, at, specs.get(base_name(keys["metric"][at])), level),
            "flags": table["flags"][at],
        }
        for at in chosen
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(groups: Groups, at: int, spec: Spec | None, level: float) -> dict[str, float]:
    if groups.units.crossing[at] != "none":
        return {}
    means = side_of(groups, at, "").mean
    mine = groups.data.cell_group == at
    runs = groups.data.cell_mean[mine] + groups.data.centre[at]
    has_stage = groups.keys["method"][at] not in BASELINES
    row: dict[str, float] = {}
    ends = bootstrap_t(means, _STREAMS.generator("bootstrap"), level=level)
    row |= {"bootstrap_low": float(ends.low), "bootstrap_high": float(ends.high)}
    bounds = _bounds(spec)
    if (
        means.size
        and np.isfinite(bounds).any()
        and bounds[0] <= runs.min() <= runs.max() <= bounds[1]
    ):
        ends = gaffke(means, bounds, _STREAMS.generator("weights"), level=level)
        row |= {"bound_low": float(ends.low), "bound_high": float(ends.high)}
    for name in ("iqm", "median", "gls", *(["icc"] if has_stage else [])):
        found = getattr(statistics, name)(runs, groups.data.cell_unit[mine], level=level)
        row |= {name: found.estimate, f"{name}_low": found.low, f"{name}_high": found.high}
    return row


def _bounds(spec: Spec | None) -> tuple[float, float]:
    low, high = (None, None) if spec is None else spec.bounds
    return (-np.inf if low is None else low, np.inf if high is None else high)
