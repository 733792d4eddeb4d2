"""The first page as data: a sentence per method, counts, flags and what looks wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from seedwise.report.material import Material, Place, codes, reason
from seedwise.report.numbers import (
    SCREEN,
    Style,
    Written,
    count,
    estimate,
    level_name,
    percent,
    span,
)
from seedwise.report.single_seed import SingleSeedInfo
from seedwise.report.variance import VarianceInfo
from seedwise.results.tidy import ORIGINAL, REFERENCE
from seedwise.stats import flags as flag_list

MOST_ENTRIES = 3
"""Most metrics that a method's sentence quotes; the table beside it has them all."""

MOST_FAILURES = 50
"""Most failed runs that are listed one by one."""


class Entry(NamedTuple):
    """One estimate of the overview; `reason` says why there is no interval."""

    place: Place
    title: str
    mean: float
    low: float
    high: float
    reason: str

    def written(self, style: Style = SCREEN) -> Written:
        """Return mean and interval in words."""
        return estimate(self.mean, self.low, self.high, style)


@dataclass(frozen=True)
class MethodLine:
    """One method: its estimates, its design, its flags, and what went wrong with it.

    `df` is that of the mean where all metrics agree, else the smallest.
    """

    method: str
    entries: tuple[Entry, ...]
    n_training_seeds: tuple[int, int]
    n_unlearning_seeds: tuple[int, int]
    df: float
    n_failed: int
    n_missing: int
    share_train: float
    unchanged: float
    flags: tuple[str, ...]

    @property
    def design(self) -> str:
        """Return I, J and df; what has no unlearning stage has no J."""
        said = [f"I = {span(*self.n_training_seeds)}"]
        if self.n_unlearning_seeds[1] > 0:
            said.append(f"J = {span(*self.n_unlearning_seeds)}")
        if math.isfinite(self.df):
            said.append(f"df = {self.df:g}")
        return ", ".join(said)

    def at(self, place: Place) -> Entry | None:
        """Return the estimate of one metric, None if it was not measured."""
        return next((entry for entry in self.entries if entry.place == place), None)

    def sentence(self, style: Style = SCREEN) -> str:
        """Return the first metrics, the design and the training seed's share in one sentence."""
        shown = self.entries[:MOST_ENTRIES]
        said = [f"{entry.title} {entry.written(style).text}" for entry in shown]
        if len(self.entries) > len(shown):
            said.append("…")
        if math.isfinite(self.share_train):
            share = percent(self.share_train, style)
            said.append(f"the training seed makes {share} of the variance (median over metrics)")
        return f"{'; '.join(said)}; {self.design}."


class Failure(NamedTuple):
    """One run that failed, and what it said."""

    task: str
    method: str
    training_seed: str
    unlearning_seed: str
    reason: str


@dataclass(frozen=True)
class OverviewInfo:
    """What the first page says.

    Args:
        lines: One per method.
        places, titles: The metrics, in order.
        n_runs: Number of runs with at least one value.
        failures: Failed runs (the first ones, `n_failures` in all).
        flags: `{code: kind and meaning}` of the flags that occur.
        findings: Sentences that sum the pictures up.
        checks: Sentences about what looks wrong.
        level: Confidence level.
    """

    lines: tuple[MethodLine, ...]
    places: tuple[Place, ...]
    titles: tuple[str, ...]
    n_seeds: int
    n_runs: int
    failures: tuple[Failure, ...]
    n_failures: int
    flags: Mapping[str, flag_list.Flag]
    findings: tuple[str, ...]
    checks: tuple[str, ...]
    notes: tuple[str, ...]
    level: float

    def frame(self) -> pd.DataFrame:
        """Return one row per method, task and metric: mean, interval, reason."""
        rows = [
            (line.method, *entry.place, entry.mean, entry.low, entry.high, entry.reason)
            for line in self.lines
            for entry in line.entries
        ]
        return pd.DataFrame(
            rows, columns=["method", "task", "metric", "mean", "low", "high", "reason"]
        )


def overview_info(
    material: Material, variance: VarianceInfo, practice: SingleSeedInfo
) -> OverviewInfo:
    """Return the overview; the findings quote the variance split and single-seed practice."""
    lines = tuple(
        method_line(material, method, variance.median_share(method)) for method in material.methods
    )
    found = flag_list.ordered(code for line in lines for code in line.flags)
    failures = _failures(material.frame)
    keys = ["task", "method", "partition_seed", "training_seed", "unlearning_seed"]
    done = material.frame[material.frame["value"].notna()]
    return OverviewInfo(
        lines=lines,
        places=material.places,
        titles=tuple(material.title(place) for place in material.places),
        n_seeds=len(material.seeds),
        n_runs=len(done.drop_duplicates(keys)),
        failures=tuple(failures[:MOST_FAILURES]),
        n_failures=len(failures),
        flags={code: flag_list.FLAGS[code] for code in found},
        findings=_findings(variance, practice, material.level),
        checks=(*_harness(material.checks), *_checks(lines, material.checks)),
        notes=material.notes,
        level=material.level,
    )


def method_line(material: Material, method: str, share_train: float) -> MethodLine:
    """Return the line of one method over all tasks and metrics."""
    found = [(place, material.row(place, method)) for place in material.places]
    known = [(place, row) for place, row in found if row is not None]
    rows = [row for _, row in known]
    degrees = [row["df"] for row in rows if math.isfinite(row["df"])]
    return MethodLine(
        method=method,
        entries=tuple(_entry(material, place, row) for place, row in known),
        n_training_seeds=_range(rows, "n_training_seeds", "n_training_seeds"),
        n_unlearning_seeds=_range(rows, "n_unlearning_seeds_min", "n_unlearning_seeds_max"),
        df=min(degrees, default=float("nan")),
        n_failed=max(int(row["n_failed"]) for row in rows),
        n_missing=max(int(row["n_missing"]) for row in rows),
        share_train=share_train,
        unchanged=material.unchanged.get(method, 0.0),
        flags=flag_list.ordered(code for row in rows for code in codes(row)),
    )


def _entry(material: Material, place: Place, row: Mapping[str, Any]) -> Entry:
    why = reason(row["ci_kind"])
    return Entry(place, material.title(place), row["mean"], row["ci_low"], row["ci_high"], why)


def _range(rows: Sequence[Mapping[str, Any]], low: str, high: str) -> tuple[int, int]:
    # Ensemble metrics, one value for all runs, count none.
    counted = [row for row in rows if row[high] > 0] or rows
    return min(int(row[low]) for row in counted), max(int(row[high]) for row in counted)


def _failures(frame: pd.DataFrame) -> list[Failure]:
    lost = frame[frame["status"] == "failed"]
    keys = ["task", "method", "training_seed", "unlearning_seed"]
    lost = lost.drop_duplicates(keys)
    said = lost["reason"].fillna("no value").replace("", "no value")
    columns = [lost[key].astype(object).where(lost[key].notna(), "").astype(str) for key in keys]
    return [Failure(*row) for row in zip(*columns, said.astype(str), strict=True)]


def _findings(variance: VarianceInfo, practice: SingleSeedInfo, level: float) -> tuple[str, ...]:
    said = []
    shares = variance.frame()["share_train"].dropna()
    if len(shares):
        said.append(
            f"The training seed makes {percent(float(shares.median()), SCREEN)} of the variance of "
            f"a single run (median over methods and metrics; from {percent(shares.min(), SCREEN)} "
            f"to {percent(shares.max(), SCREEN)})."
        )
    missed, judged = practice.counts
    if judged:
        said.append(
            f"Taken alone, one training seed would have reported a {level_name(level)} interval "
            f"that misses the mean of the others in {missed:,} of {judged:,} cases "
            f"({percent(missed / judged, SCREEN)} instead of {level_name(1 - level)})."
        )
    return tuple(said)


def _checks(lines: Sequence[MethodLine], harness: pd.DataFrame) -> tuple[str, ...]:
    said = []
    named = set(harness["method"])  # the harness compared parameters: no need to guess
    methods = {line.method for line in lines}
    if REFERENCE not in methods:
        said.append(
            "There are no retrained models in this table, so nothing says where a perfect "
            "unlearner would be."
        )
    for line in lines:
        if line.unchanged > 0 and line.method not in named:
            said.append(
                f"{line.method} did nothing in {percent(line.unchanged)} of its runs: every metric "
                f"equals that of the {ORIGINAL} model."
            )
        if line.n_failed:
            lost = count(line.n_failed, "failed run")
            said.append(f"{line.method}: {lost}; its numbers are conditional on success.")
        if line.n_missing:
            said.append(f"{line.method}: {count(line.n_missing, 'run')} not there (yet).")
    return tuple(said)


def _harness(checks: pd.DataFrame) -> list[str]:
    """Return one sentence per finding of the harness, with the number of runs it holds for."""
    said = []
    for (method, message), rows in checks.groupby(["method", "message"], sort=False):
        runs = count(len(rows), "run")
        said.append(f"{method}: {str(message).rstrip('.')} ({runs}).")
    return said
