"""What every picture starts from: the answers of `Results`, gathered once, and runs by panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seedwise.results import Results
from seedwise.results.tidy import ORIGINAL, REFERENCE, Spec, base_name
from seedwise.stats import flags as flag_list

_CLOCKS = ("runtime", "peak-memory")
"""Metrics of a run rather than of its model, where no spec says so."""

_DIRECTIONS = {
    "higher": "higher is better",
    "lower": "lower is better",
    "closer-to-reference": "best where the retrained models are",
}


class Place(NamedTuple):
    """One panel of a picture: a task and a metric."""

    task: str
    metric: str


class Looked(NamedTuple):
    """The interval that allows for `n` looks at the data; its ends are NaN after a single one."""

    n: int
    low: float
    high: float


class Unit(NamedTuple):
    """The runs of one training seed under one method and metric.

    `at` is its place among the training seeds of the study, `seed` what it is called.
    """

    at: int
    seed: str
    values: np.ndarray

    @property
    def mean(self) -> float:
        """Return the mean of the runs."""
        return float(self.values.mean())


@dataclass(frozen=True)
class Material:
    """Everything a report draws or writes, as tables.

    Args:
        frame: The tidy table.
        summary, practice, pairs, gaps: `Results.summary()`, `.single_seed()`, `.compare()` and
            `.compare(against=reference)`; `gaps` is empty when there is no reference.
        specs: Metric specs by base name.
        checks: Findings of the harness.
        notes: Sentences a reader should know.
        is_reference_paired: Whether a retrained model belongs to the original of the same
            training seed.
        level: Confidence level of all intervals.
    """

    frame: pd.DataFrame
    summary: pd.DataFrame
    practice: pd.DataFrame
    pairs: pd.DataFrame
    gaps: pd.DataFrame
    specs: Mapping[str, Spec]
    checks: pd.DataFrame
    notes: tuple[str, ...]
    is_reference_paired: bool
    level: float

    @cached_property
    def methods(self) -> tuple[str, ...]:
        """Methods: original and reference first, then as they first occur."""
        found = list(dict.fromkeys(self.summary["method"]))
        first = [name for name in (ORIGINAL, REFERENCE) if name in found]
        return (*first, *(name for name in found if name not in first))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Tasks and metrics, as they first occur."""
        pairs = zip(self.summary["task"], self.summary["metric"], strict=True)
        return tuple(dict.fromkeys(Place(str(task), metric) for task, metric in pairs))

    @cached_property
    def tasks(self) -> tuple[str, ...]:
        """Tasks, as they first occur."""
        return tuple(dict.fromkeys(place.task for place in self.places))

    @cached_property
    def seeds(self) -> tuple[str, ...]:
        """The names of the training seeds, `partition·training` when there are partitions."""
        return tuple(self._runs.drop_duplicates("index").sort_values("index")["seed"])

    def title(self, place: Place) -> str:
        """Return what a panel is called: the metric, with its task if there are several."""
        return place.metric if len(self.tasks) == 1 else f"{place.metric} ({place.task})"

    def subtitle(self, place: Place) -> str:
        """Return which values of a metric are good, empty if unknown."""
        spec = self.specs.get(base_name(place.metric))
        return _DIRECTIONS.get(spec.direction, "") if spec else ""

    def row(self, place: Place, method: str) -> Mapping[str, Any] | None:
        """Return the summary row of a method, None if it has no such metric."""
        return self._rows.get((place.task, place.metric, method))

    def claim(self, place: Place, method: str) -> Mapping[str, Any] | None:
        """Return the row of `Results.single_seed()`, None for a method without such a stage."""
        return self._practice.get((place.task, place.metric, method))

    def units(self, place: Place, method: str) -> tuple[Unit, ...]:
        """Return the finite values by training seed, averaged over evaluation seeds."""
        return self._units.get((place.task, place.metric, method), ())

    def gathered(self, place: Place) -> Iterator[tuple[str, Mapping[str, Any], tuple[Unit, ...]]]:
        """Yield method, summary row and runs of a panel, in the order of the methods."""
        for method in self.methods:
            row = self.row(place, method)
            if row is not None:
                yield method, row, self.units(place, method)

    @cached_property
    def unchanged(self) -> dict[str, float]:
        """Share of each method's runs that equal the original on every metric of the model."""
        if self._runs.empty:
            return {}
        runs = self._runs[~self._runs["metric"].map(self._is_clock).astype(bool)]
        wide = runs.pivot_table(
            index=["task", "method", "index", "run"], columns="metric", values="value"
        ).reset_index()
        keys = ["task", "index"]
        originals = wide[wide["method"] == ORIGINAL].drop(columns=["method", "run"])
        both = wide.merge(originals, on=keys, suffixes=("", " of the original"))
        names = [name for name in originals.columns if name not in keys]
        equal = np.array([both[name] == both[f"{name} of the original"] for name in names])
        judged = np.array([both[f"{name} of the original"].notna() for name in names])
        if both.empty or not judged.any():
            return {}
        same = np.all(equal | ~judged, axis=0) & np.any(judged, axis=0)
        methods = both["method"].to_numpy()
        judged_methods = sorted(set(methods) - {ORIGINAL, REFERENCE})
        return {name: float(np.mean(same[methods == name])) for name in judged_methods}

    def _is_clock(self, metric: str) -> bool:
        spec = self.specs.get(base_name(metric))
        return base_name(metric) in _CLOCKS or getattr(spec, "level", "") == "record"

    @cached_property
    def _practice(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        return _keyed(self.practice)

    @cached_property
    def _rows(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        return _keyed(self.summary)

    @cached_property
    def _runs(self) -> pd.DataFrame:
        """One row per run with a finite value: task, method, metric, index, seed, run, value."""
        frame = self.frame
        several = frame["partition_seed"].nunique() > 1
        training = frame["training_seed"].astype(str)
        seed = frame["partition_seed"].astype(str) + "·" + training if several else training
        outer = list(zip(frame["partition_seed"].fillna(0), frame["training_seed"], strict=True))
        index = {unit: place for place, unit in enumerate(sorted(set(outer)))}
        runs = pd.DataFrame(
            {
                "task": frame["task"].astype(str),
                "method": frame["method"],
                "metric": frame["metric"],
                "index": [index[unit] for unit in outer],
                "seed": seed,
                "run": frame["unlearning_seed"]
                .astype(object)
                .where(frame["unlearning_seed"].notna(), "")
                .astype(str),
                "value": frame["value"].astype(float),
            }
        )
        finite = runs[np.isfinite(runs["value"])]
        keys = [name for name in finite.columns if name != "value"]
        return finite.groupby(keys, sort=True)["value"].mean().reset_index()

    @cached_property
    def _units(self) -> dict[tuple[str, str, str], tuple[Unit, ...]]:
        found: dict[tuple[str, str, str], list[Unit]] = {}
        runs = self._runs.sort_values(["task", "metric", "method", "index"], kind="stable")
        keys = list(zip(runs["task"], runs["metric"], runs["method"], runs["index"], strict=True))
        starts = [i for i, key in enumerate(keys) if i == 0 or key != keys[i - 1]]
        values, names = runs["value"].to_numpy(), runs["seed"].to_numpy()
        for start, stop in zip(starts, [*starts[1:], len(keys)], strict=False):
            task, metric, method, index = keys[start]
            unit = Unit(index, str(names[start]), values[start:stop])
            found.setdefault((task, metric, method), []).append(unit)
        return {key: tuple(units) for key, units in found.items()}


def gather(results: Results, *, level: float = 0.95) -> Material:
    """Ask `Results` everything a report needs, once."""
    summary = results.summary(level=level)
    pairs = results.compare(level=level)
    has_reference = REFERENCE in set(summary["method"])
    return Material(
        frame=results.frame(),
        summary=summary,
        practice=results.single_seed(level=level),
        pairs=pairs,
        gaps=results.compare(against=REFERENCE, level=level) if has_reference else pairs.iloc[:0],
        specs=results.metrics,
        checks=results.checks,
        notes=results.notes,
        is_reference_paired=results.reference == "paired",
        level=level,
    )


def _keyed(table: pd.DataFrame) -> dict[tuple[str, str, str], dict[str, Any]]:
    records: list[dict[Any, Any]] = table.to_dict("records")
    return {(str(row["task"]), row["metric"], row["method"]): row for row in records}


def looked(row: Mapping[str, Any]) -> Looked:
    """Return the looks of a row of the summary or of a comparison, and the interval for them."""
    return Looked(int(row["n_looks"]), row["ci_low_looks"], row["ci_high_looks"])


def codes(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the flags of a summary row."""
    return flag_list.split(row["flags"])


def reason(kind: str) -> str:
    """Return why there is no interval, from its kind (empty if there is one).

    Example:
        >>> reason("none: one training seed"), reason("t over training seeds")
        ('one training seed', '')
    """
    return kind.removeprefix("none: ") if kind.startswith("none") else ""
