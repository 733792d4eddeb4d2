"""The paragraph for a paper: design, estimates, intervals and what may not be claimed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from seedwise.report.material import reason
from seedwise.report.numbers import (
    count,
    estimate,
    level_name,
    number,
    p_value,
    percent,
    percent_range,
    signed,
    span,
)
from seedwise.results import Results
from seedwise.results.tidy import BASELINES, REFERENCE
from seedwise.stats import flags as flag_list

Row = Mapping[str, Any]


def prose(results: Results, *, level: float = 0.95, metrics: Sequence[str] | None = None) -> str:
    """Return one paragraph per task and metric, ready to paste and to shorten.

    Each says the design, the mean of every method with its interval, the variance of the training
    seed with the assumption behind its interval, the differences to the reference (or between
    methods when there is none), and every warning.

    Args:
        results: The study, or a table made elsewhere.
        level: Confidence level.
        metrics: Which metrics; None for all.
    """
    summary = results.summary(level=level)
    has_reference = REFERENCE in set(summary["method"])
    pairs = results.compare(against=REFERENCE if has_reference else None, level=level)
    close = results.closeness(level=level) if has_reference else pairs.iloc[:0]
    chosen = summary if metrics is None else summary[summary["metric"].isin(metrics)]
    return "\n\n".join(
        " ".join(
            (
                *_sentences(_rows(own), _rows(_place(pairs, task, metric)), level),
                *_margins(_rows(_place(close, task, metric)), level),
                *_looks(_rows(own), _rows(_place(pairs, task, metric)), level),
                *_limits(_rows(own), _rows(_place(pairs, task, metric))),
            )
        )
        for (task, metric), own in chosen.groupby(["task", "metric"], sort=False)
    )


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.to_dict("records")  # pyright: ignore[reportReturnType]


def _place(table: pd.DataFrame, task: Any, metric: Any) -> pd.DataFrame:
    return table[(table["task"] == task) & (table["metric"] == metric)]


def _sentences(rows: Sequence[Row], pairs: Sequence[Row], level: float) -> Iterable[str]:
    yield _design(rows)
    yield _means(rows, level)
    yield from _components(rows, level)
    yield from _differences(pairs, level)


def _design(rows: Sequence[Row]) -> str:
    methods = [row for row in rows if row["method"] not in BASELINES]
    units = [int(row["n_training_seeds"]) for row in methods or rows]
    runs = [int(row[f"n_unlearning_seeds_{end}"]) for row in methods for end in ("min", "max")]
    evaluations = max(int(row["n_evaluation_seeds"]) for row in rows)
    noun = "training seed" if max(units) == 1 else "training seeds"
    said = f"Over I = {span(min(units), max(units))} {noun}"
    if runs and max(runs) > 0:
        plural = "" if max(runs) == 1 else "s"
        said += f" and J = {span(min(runs), max(runs))} unlearning seed{plural} on each"
    if evaluations > 1:
        said += f" (K = {evaluations} evaluation seeds)"
    references = sum(int(row["n_training_seeds"]) for row in rows if row["method"] == REFERENCE)
    if references:
        said += f", beside {count(references, 'retrained model')}"
    task = f" on {rows[0]['task']}" if rows[0]["task"] else ""
    return f"{said}, {rows[0]['metric']}{task} was as follows."


def _means(rows: Sequence[Row], level: float) -> str:
    said = []
    for row in rows:
        written = estimate(row["mean"], row["ci_low"], row["ci_high"])
        said.append(f"{row['method']} {written.text}" + _given(row))
    kinds = {row["ci_kind"] for row in rows if math.isfinite(row["ci_low"])}
    if not kinds:
        return f"Means: {'; '.join(said)}; no interval for the mean can be given."
    degrees = [int(row["df"]) for row in rows if math.isfinite(row["df"])]
    how = " and ".join(sorted(kinds))
    df = span(min(degrees), max(degrees))
    return f"Means [{level_name(level)} interval, {how}, df = {df}]: {'; '.join(said)}."


def _given(row: Row) -> str:
    """Return the interval that holds for one trained model only, and says so."""
    if not math.isfinite(row["conditional_low"]):
        return ""
    ends = estimate(row["mean"], row["conditional_low"], row["conditional_high"]).interval
    return f" ({ends} given this trained model only)"


def _components(rows: Sequence[Row], level: float) -> Iterable[str]:
    known = [row for row in rows if row["method"] not in BASELINES and math.isfinite(row["icc"])]
    if not known:
        return
    said = []
    for row in known:
        parts = f"{number(row['sd_train'])} and {number(row['sd_unlearn'])}"
        limits = percent_range(row["icc_low"], row["icc_high"])
        share = f"{percent(row['icc'])} {limits}".rstrip()
        said.append(f"{row['method']} {parts} ({share} of the variance from the training seed)")
    normal = [row for row in known if "normal" in str(row["icc_kind"])]
    label = f", {level_name(level)} intervals by normal theory" if normal else ""
    yield (
        "Standard deviations between training seeds and between unlearning seeds (REML"
        f"{label}): {'; '.join(said)}."
    )


def _differences(pairs: Sequence[Row], level: float) -> Iterable[str]:
    if not pairs:
        return
    said = []
    for row in pairs:
        written = signed(row["diff"], row["ci_low"], row["ci_high"])
        why = f" (no interval: {reason(row['ci_kind'])})" if not written.interval else ""
        p = f", adjusted {p_value(row['p_adjusted'])}" if math.isfinite(row["p_adjusted"]) else ""
        said.append(f"{row['a']} - {row['b']} {written.text}{why}{p}")
    how = " and ".join(sorted({_pairing(row) for row in pairs}))
    family = count(len(pairs), "comparison")
    yield f"Differences ({how}; Holm over {family}, {level_name(level)}): {'; '.join(said)}."


def _pairing(row: Row) -> str:
    paired = "paired t on the trained models"
    return {"original": paired, "label": "paired t by the label of the training seed"}.get(
        row["pairing"], "Welch t on independent models"
    )


def _margins(rows: Sequence[Row], level: float) -> Iterable[str]:
    """Yield the least margins at which methods would count as equivalent to the reference."""
    methods = [row for row in rows if row["method"] not in BASELINES]
    known = [row for row in methods if math.isfinite(row["smallest_margin"])]
    if known:
        said = "; ".join(f"{row['method']} {number(row['smallest_margin'])}" for row in known)
        yield (
            "Equivalence to the retrained models would be claimed for margins from (two one-sided "
            f"tests at {level_name(1 - level)}) {said} upwards, if chosen beforehand."
        )


def _looks(rows: Sequence[Row], pairs: Sequence[Row], level: float) -> Iterable[str]:
    """Yield the intervals that hold although training seeds were added after a look."""
    most = max((int(row["n_looks"]) for row in rows), default=1)
    if most < 2:
        return
    said = [
        f"{row['method']} {estimate(row['mean'], row['ci_low_looks'], row['ci_high_looks']).text}"
        for row in rows
        if math.isfinite(row["ci_low_looks"])
    ] + [
        f"{row['a']} - {row['b']} "
        f"{signed(row['diff'], row['ci_low_looks'], row['ci_high_looks']).text}"
        for row in pairs
        if math.isfinite(row["ci_low_looks"])
    ]
    yield (
        f"Results were looked at with {most} numbers of training seeds; intervals that hold at all "
        f"of them together ({level_name(level)}, Bonferroni): {'; '.join(said)}."
    )


def _limits(rows: Sequence[Row], pairs: Sequence[Row]) -> Iterable[str]:
    """Yield every warning once, with whom it concerns."""
    carried: dict[str, dict[str, None]] = {}
    for row in (*rows, *pairs):
        who = row["method"] if "method" in row else f"{row['a']} - {row['b']}"
        for code in flag_list.split(row["flags"]):
            if flag_list.FLAGS[code].kind == "warning":
                carried.setdefault(code, {})[who] = None
    for code in flag_list.ordered(carried):
        methods = [who for who in carried[code] if " - " not in who] or list(carried[code])
        yield f"({', '.join(methods)}) {flag_list.FLAGS[code].meaning}"
