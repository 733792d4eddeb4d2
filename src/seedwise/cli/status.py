"""`seedwise status`: what a store holds of a study, what failed, what is stale and why."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from seedwise.cli import options
from seedwise.errors import StoreError


def command(
    store: options.Store = options.DEFAULT_STORE,
    study: options.StudyName = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show progress, failures and stale cells. Loads neither torch nor data."""
    from seedwise.design import Design, Snapshot
    from seedwise.interop.store import find_lock
    from seedwise.store import FileStore

    opened = FileStore(store)
    names = [study] if study else opened.studies()
    if not names:
        raise StoreError(f"{opened.root}: no study was run here yet; see 'seedwise run'")
    locks = {name: find_lock(opened, name) for name in names}
    found = {name: describe(Snapshot(Design(lock), opened)) for name, lock in locks.items()}
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    for name, content in found.items():
        typer.echo("\n".join(_lines(name, content)))


def describe(snapshot: Any) -> dict[str, Any]:
    """Return counts by method and state, the reasons of failures, and why cells are made again."""
    states: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: Counter[str] = Counter()
    for cell in snapshot.wanted_cells():
        state = snapshot.state(cell)
        name = snapshot.design.label(cell)
        states[name][state] += 1
        if state in ("failed", "not-reproducible"):
            reasons[f"{name}: {snapshot.failures[cell.key][-1]['message']}"] += 1
    for failures in snapshot.failures.values():
        last = failures[-1]
        if last["stage"] == "measure" and last["key"] not in snapshot.values:
            reasons[f"{last['metric']}: {last['message']}"] += 1
    return {
        "cells": {name: dict(counts) for name, counts in states.items()},
        "failures": dict(reasons),
        "changes": dict(_changes(snapshot)),
    }


def _changes(snapshot: Any) -> Counter[str]:
    """Say why missing cells do not match the finished cells of the same place."""
    lock = snapshot.design.lock
    old: dict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for key, record in snapshot.records.items():
        if record["study"] == lock.study and key not in snapshot.design.cells:
            place = (record["stage"], record["method"], *record["seeds"].values())
            old[place].append(record["ingredients"])
    reasons: Counter[str] = Counter()
    for cell in snapshot.pending(["missing"]):
        name = snapshot.design.label(cell)
        known = old.get((cell.stage, name, *cell.seeds.labels().values()))
        if known:
            reasons[f"{name}: {', '.join(_differences(known[-1], cell.ingredients))}"] += 1
    return reasons


def _differences(old: Any, new: Any, path: str = "") -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        found = []
        for key in sorted({*old, *new}):
            inner = f"{path}.{key}" if path else key
            found += _differences(old.get(key), new.get(key), inner)
        return found
    if old == new:
        return []
    if path.endswith("fingerprint"):
        return ["its source was edited or its version changed"]
    if path == "parent":
        return ["its original changed"]
    return [f"{path} changed"]


def _lines(name: str, content: Mapping[str, Any]) -> list[str]:
    lines = [name]
    for label, counts in content["cells"].items():
        total, done = sum(counts.values()), counts.get("done", 0)
        rest = ", ".join(f"{n} {state}" for state, n in counts.items() if state != "done")
        lines.append(f"  {label:24} {done}/{total}{'  (' + rest + ')' if rest else ''}")
    for title in ("failures", "changes"):
        for reason, count in content[title].items():
            word = "failed" if title == "failures" else "to make again"
            lines.append(f"  {count} {word}: {reason}")
    return lines
