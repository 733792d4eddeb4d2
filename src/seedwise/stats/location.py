"""The columns of a fit that say where the mean lies and what it rests on."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from seedwise.stats import anova, means, parts
from seedwise.stats.intervals import student
from seedwise.stats.layout import Nested, Units
from seedwise.stats.quantiles import t_quantile

_ALT = ("alt_se", "alt_df", "alt_low", "alt_high")


def mean_columns(data: Nested, units: Units, stage: np.ndarray, level: float) -> dict[str, Any]:
    """Return mean, standard error and interval, one entry per group.

    Args:
        data: B groups.
        units: What their training seeds stand for.
        stage: (B,) `unlearning`, `none` or `deterministic`.
        level: Confidence level.
    """
    cells = anova.two_level(data.cells, data.mean, data.spread, data.largest)
    count = cells.units
    se = np.sqrt(cells.var_means / count)
    mean = np.where(count > 0, data.centre + cells.mean, np.nan)
    ends = student(mean, np.where(se > 0, se, np.nan), cells.df_between, level)
    kind = np.where(np.isfinite(ends.low), "t over training seeds", parts.NO_SPREAD)
    kind = np.where(count < 2, "none: one training seed", kind)
    one_model = (count == 1) & (stage == "unlearning") & (cells.ms_within > 0)
    inside = np.where(one_model, cells.ms_within / cells.runs, np.nan)
    given = student(mean, np.sqrt(inside), cells.runs - 1, level)
    table = {
        "mean": mean,
        "se": se,
        "df": np.where(count > 1, count - 1.0, np.nan),
        "ci_low": ends.low,
        "ci_high": ends.high,
        "ci_kind": np.where(count < 1, "none: no values", kind),
        "unit": np.full(count.shape, "training"),
        **{name: np.full(count.shape, np.nan) for name in _ALT},
        "alt_kind": np.full(count.shape, parts.ONE_PARTITION, dtype=object),
        "alt_unit": np.full(count.shape, "", dtype=object),
        "conditional_low": given.low,
        "conditional_high": given.high,
    }
    for group in np.flatnonzero(units.crossing != "none"):
        for name, entry in _group(data, units, int(group), level).items():
            table[name] = table[name].astype(object) if isinstance(entry, str) else table[name]
            table[name][group] = entry
    return table


def _group(data: Nested, units: Units, group: int, level: float) -> dict[str, Any]:
    """Return the entries of one group with several partitions or crossed unlearning seeds."""
    mean, alternative = _means(data, units, group)
    own = _entries(mean, level)
    found = {
        "mean": mean.mean,
        "se": mean.se,
        "df": mean.df,
        "ci_low": own.low,
        "ci_high": own.high,
        "ci_kind": own.kind,
        "unit": mean.unit,
        "conditional_low": np.nan,
        "conditional_high": np.nan,
    }
    if alternative is not None:
        other = _entries(alternative, level)
        found |= {"alt_se": alternative.se, "alt_df": alternative.df, "alt_unit": alternative.unit}
        found |= {"alt_low": other.low, "alt_high": other.high, "alt_kind": other.kind}
    return found


def _means(data: Nested, units: Units, group: int) -> tuple[means.Mean, means.Mean | None]:
    present = data.cells[group] > 0
    centre = data.centre[group]
    values = data.mean[group, present] + centre
    if units.crossing[group] == "labels":
        mine = data.cell_group == group
        cells = (data.cell_mean[mine] + centre, data.cell_unit[mine], data.cell_label[mine])
        return means.over_labels(*cells), None
    partition, training = (x[group, present] for x in (units.partition, units.training))
    other = "random" if units.partitions == "fixed" else "fixed"
    if units.crossing[group] == "neighbours":
        found, alternative = (
            means.neighbours(values, partition, partitions=ways)
            for ways in (units.partitions, other)
        )
        return found, alternative if np.unique(partition).size > 1 else None
    if units.crossing[group] == "nested":
        return (
            means.nested(values, partition, partitions=units.partitions),
            means.nested(values, partition, partitions=other),
        )
    return (
        means.crossed(values, training, partition, partitions=units.partitions),
        means.crossed(values, training, partition, partitions=other),
    )


class _Entries(NamedTuple):
    low: float
    high: float
    kind: str


def _entries(mean: means.Mean, level: float) -> _Entries:
    """Return the interval of a mean, or why there is none."""
    if not mean.se > 0:
        none = mean.kind if mean.kind.startswith("none") else parts.NO_SPREAD
        return _Entries(np.nan, np.nan, none)
    half = float(t_quantile(level, mean.df)) * mean.se
    return _Entries(mean.mean - half, mean.mean + half, mean.kind)
