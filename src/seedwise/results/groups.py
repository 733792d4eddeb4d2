"""The tidy table as integer codes: which rows belong together, and what the grid should hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from seedwise.errors import TableError
from seedwise.results.tidy import BASELINES, REFERENCE, SEEDS, Spec, base_name
from seedwise.stats.layout import Nested, Partitions, Rows, Units, arrange
from seedwise.stats.nested import Stage


class Groups(NamedTuple):
    """The B groups (task, method, metric) of a table, in the order of first appearance.

    Args:
        keys: (B rows) task, method, metric, and what is counted per group: `n_missing`,
            `n_failed`, `n_imputed`, `is_declared_partition`.
        rows: The ok values with their codes.
        data: Their sufficient statistics.
        original: (B, I) code of the original a training seed stands for, -1 where unknown.
        units: What the training seeds stand for: partitions, trained models, what is crossed.
        base: A code of a training seed is base * partition + training seed.
    """

    keys: pd.DataFrame
    rows: Rows
    data: Nested
    original: np.ndarray
    units: Units
    base: int


class About(NamedTuple):
    """What a table does not say of its design.

    Args:
        reference: Whether references are `independent` of the originals or `paired` with them.
        partitions: Whether results are to hold for the partitions seen or for others like them.
        unlearning: Whether an unlearning seed is the same under all trained models (`crossed`).
        complete: Whether the table lists every cell that was wanted, those without value too.
        unpaired: Whether methods are not to be paired: equal labels do not mean equal models.
        looks: Numbers of trained models at earlier looks after which more were added.
    """

    reference: Literal["independent", "paired"] = "independent"
    partitions: Partitions = "fixed"
    unlearning: Literal["nested", "crossed"] = "nested"
    complete: bool = False
    unpaired: bool = False
    looks: tuple[int, ...] = ()


def group(table: pd.DataFrame, about: About, specs: Mapping[str, Spec]) -> Groups:
    """Group a tidy table.

    Args:
        table: A table as `tidy` returns it.
        about: What it does not say of its design.
        specs: Metric specs by base name.

    Raises:
        TableError: If one training seed of one partition has several originals.
    """
    codes = [pd.factorize(table[name])[0] for name in ("task", "method", "metric")]
    sizes = [int(code.max(initial=-1)) + 1 for code in codes]
    joint = (codes[0] * sizes[1] + codes[1]) * sizes[2] + codes[2]
    _, first, member = np.unique(joint, return_index=True, return_inverse=True)
    keys = table[["task", "method", "metric"]].iloc[first].reset_index(drop=True)
    ok = table["value"].notna().to_numpy()
    part, train, *inner = (_codes(table[name]) for name in SEEDS)
    most = int(train.max(initial=0)) + 1
    seeds = [part * most + train, *inner]
    rows = Rows(table["value"].to_numpy()[ok], member[ok], *(code[ok] for code in seeds))
    data = arrange(rows, len(keys))
    original = _originals(table, ok, rows, data)
    units = _units(keys, data, original, most, about)
    units.crossing[_floors(keys, specs)] = "neighbours"
    counts = _counts(table, member, seeds, len(keys), about)
    declared = keys["task"].map(table.groupby("task", sort=False)["partition_seed"].nunique() == 1)
    imputed = np.bincount(member[ok & (table["status"] != "ok")], minlength=len(keys))
    keys = keys.assign(is_declared_partition=declared.to_numpy(), n_imputed=imputed, **counts)
    return Groups(keys, rows, data, original, units, most)


def _codes(column: pd.Series) -> np.ndarray:
    """Return codes in the order of the labels, NA being a label of its own."""
    return pd.factorize(column, sort=True, use_na_sentinel=False)[0].astype(np.int64)


def _units(
    keys: pd.DataFrame, data: Nested, original: np.ndarray, most: int, about: About
) -> Units:
    """Say what the training seeds of each group stand for.

    Forget sets drawn anew for the same originals are crossed with them: one hash under several
    partitions. References have none, and are models of their own under each.
    """
    present = data.cells > 0
    partition, training = data.training // most, data.training % most
    training = np.where(original >= 0, original, training)
    labels = (keys["method"].isin(BASELINES).to_numpy()) | (about.unlearning == "nested")
    kinds = np.full(len(keys), "none", dtype=object)
    for group in range(len(keys)):
        own = present[group]
        if np.unique(partition[group, own]).size > 1:
            again = own.sum() > np.unique(training[group, own]).size
            known = (original[group, own] >= 0).all()
            kinds[group] = "partitions" if known and again else "nested"
        elif not labels[group] and data.cells[group].max(initial=0) > 1:
            kinds[group] = "labels"
    return Units(partition, training, kinds, about.partitions)


def _floors(keys: pd.DataFrame, specs: Mapping[str, Spec]) -> np.ndarray:
    """Return the groups that hold distances of each reference to the next one, (B,)."""
    pairs = [name for name, spec in specs.items() if getattr(spec, "level", "") == "pair"]
    is_distance = keys["metric"].map(base_name).isin(pairs)
    return ((keys["method"] == REFERENCE) & is_distance).to_numpy()


def _counts(
    table: pd.DataFrame, member: np.ndarray, seeds: list[np.ndarray], groups: int, about: About
) -> dict[str, np.ndarray]:
    """Count failed rows, and the rows the grid lacks.

    A complete table lists its missing rows. Otherwise the grid of a method is the training seeds
    of its task times the greatest number of its unlearning seeds under any of them; independent
    references have training seeds of their own.
    """
    status = table["status"].to_numpy()
    n_failed = np.bincount(member[status == "failed"], minlength=groups)
    if about.complete:
        return {
            "n_missing": np.bincount(member[status == "missing"], minlength=groups),
            "n_failed": n_failed,
        }
    present = status != "missing"
    cells = pd.DataFrame(
        {
            "task": table["task"].to_numpy(),
            "method": table["method"].to_numpy(),
            "training": seeds[0],
            "unlearning": seeds[1],
            "group": member,
        }
    )
    grid = _grid(
        cells.drop_duplicates(["task", "method", "training", "unlearning"]), about.reference
    )
    keys = cells.drop_duplicates("group").set_index("group").sort_index()
    expected = np.array([grid[key] for key in zip(keys["task"], keys["method"], strict=True)])
    per_cell = cells[present].groupby(["group", "training", "unlearning"]).size()
    deepest = per_cell.groupby("group").max().reindex(range(groups), fill_value=1).to_numpy()
    have = np.bincount(member[present], minlength=groups)
    return {
        "n_missing": np.maximum(expected * deepest - have, 0),
        "n_failed": n_failed,
    }


def _grid(cells: pd.DataFrame, reference: str) -> dict[tuple[str, str], int]:
    """Return the number of cells that each (task, method) should have."""
    expected = {}
    apart = (REFERENCE,) if reference == "independent" else ()
    for task, of_task in cells.groupby("task", sort=False):
        shared = of_task.loc[~of_task["method"].isin(apart), "training"].nunique()
        for method, own in of_task.groupby("method", sort=False):
            units = own["training"].nunique() if method in apart else shared
            expected[task, method] = units * int(own.groupby("training").size().max())
    return expected


def _originals(table: pd.DataFrame, ok: np.ndarray, rows: Rows, data: Nested) -> np.ndarray:
    """Return the code of each training seed's original, which must be one."""
    code = pd.factorize(table["original"])[0][ok]
    most = int(rows.training.max(initial=0)) + 1
    unit, place = np.unique(rows.group * most + rows.training, return_inverse=True)
    least, greatest = np.full(unit.size, np.iinfo(np.int64).max), np.full(unit.size, -1)
    named = code >= 0
    np.minimum.at(least, place[named], code[named])
    np.maximum.at(greatest, place, code)
    several = (least < greatest) & (greatest >= 0)
    if several.any():
        at = np.flatnonzero(ok)[np.flatnonzero(several[place])[0]]
        row = table.iloc[at]
        raise TableError(
            f"training seed {row['training_seed']} of method '{row['method']}' stands for several "
            "originals (column 'original'); give each trained model its own training_seed"
        )
    original = np.full(data.cells.shape, -1)
    original[data.cells > 0] = greatest
    return original


def stages(keys: pd.DataFrame, deterministic: Mapping[str, str]) -> list[Stage]:
    """Return what lies between trained model and values, for each group."""
    fixed = [method for method, how in deterministic.items() if how in ("declared", "verified")]
    return [
        "none" if method in BASELINES else "deterministic" if method in fixed else "unlearning"
        for method in keys["method"]
    ]


def duplicated_training(groups: Groups, specs: Mapping[str, Spec]) -> np.ndarray:
    """Return the groups of tasks in which two training seeds have equal values everywhere, (B,).

    Originals and references are judged apart. Costs (runtime, memory) differ even between equal
    models and do not count; a single value is no evidence.
    """
    rows, keys = groups.rows, groups.keys
    costs = [name for name, spec in specs.items() if getattr(spec, "level", "") == "record"]
    counts = ~keys["metric"].map(base_name).isin(costs).to_numpy()
    block = pd.factorize(keys["task"])[0] * 2 + (keys["method"] == REFERENCE).to_numpy()
    order = np.lexsort(
        (rows.evaluation, rows.unlearning, rows.group, rows.training, block[rows.group])
    )
    order = order[counts[rows.group[order]]]
    if not order.size:
        return np.zeros(len(keys), dtype=bool)
    label = block[rows.group] * (int(rows.training.max()) + 1) + rows.training
    starts = np.flatnonzero(np.diff(label[order], prepend=-1))
    seen, guilty = set(), set()
    for members in np.split(order, starts[1:]):
        first = members[0]
        owner = int(block[rows.group[first]])
        # One original under two partitions is no duplicate.
        place = owner, int(rows.training[first]) // groups.base
        print_ = (place, rows.group[members].tobytes(), rows.value[members].tobytes())
        if members.size > 1 and print_ in seen:
            guilty.add(owner)
        seen.add(print_)
    return np.isin(block, list(guilty)) | _share_originals(groups)


def _share_originals(groups: Groups) -> np.ndarray:
    """Return the groups in which one trained model stands under two training seeds, (B,).

    Under several partitions one original may well come twice: forget sets drawn for it.
    """
    ordered = np.sort(groups.original, axis=1)
    twice = ((np.diff(ordered, axis=1) == 0) & (ordered[:, 1:] >= 0)).any(axis=1)
    return twice & (groups.rows.training.max(initial=0) < groups.base)
