"""What seeds cost, by the clocks of a study's records."""

from __future__ import annotations

from collections import defaultdict
from statistics import fmean

from seedwise.design import Snapshot
from seedwise.results.costs import Costs

_LEAST = 1e-9
"""Adopted checkpoints cost nothing; a plan needs a price."""


def costs_of(snapshot: Snapshot) -> Costs | None:
    """Return the mean wall seconds of a training seed, its reference, and runs; None before any.

    A cell counts with all its phases (data, training, unlearning) and one pass of the metrics that
    draw nothing; `evaluate` is one evaluation seed of those that do. Ensemble metrics are paid once
    per study and do not count.

    Args:
        snapshot: A study and what its store holds.
    """
    design = snapshot.design
    times: dict[str, list[float]] = defaultdict(list)
    for cell in design.cells.values():
        record = snapshot.records.get(cell.key)
        if record is not None:
            times[design.label(cell)].append(sum(record["clocks"]["wall"].values()))
    labels = {m.label for m in design.lock.methods}
    methods = {name: fmean(own) for name, own in times.items() if name in labels}
    fixed, drawn = _evaluation(snapshot)
    if not times.get("original") or not set(methods) - {"original", "retrain"}:
        return None
    runs = {name: cost for name, cost in methods.items() if name not in ("original", "retrain")}
    known = sum(len(own) for own in times.values())
    return Costs(
        train=max(fmean(times["original"]) + fixed * ("original" in labels), _LEAST),
        reference=fmean(times["retrain"]) + fixed if times.get("retrain") else 0.0,
        unlearn={name: max(cost + fixed, _LEAST) for name, cost in runs.items()},
        evaluate=drawn,
        source=f"mean wall seconds of {known} models in the store",
    )


def _evaluation(snapshot: Snapshot) -> tuple[float, float]:
    """Return the seconds of one pass of metrics that draw nothing, and of those that draw."""
    times: dict[str, list[float]] = defaultdict(list)
    for entry in snapshot.values.values():
        times[entry["metric"]].append(entry["wall"])
    fixed = drawn = 0.0
    for metric in snapshot.design.lock.metrics:
        if metric.spec.level in ("model", "pair") and times.get(metric.name):
            seconds = fmean(times[metric.name])
            if metric.spec.stochastic:
                drawn += seconds
            else:
                fixed += seconds
    return fixed, drawn
