"""The groups of a table that a plan is for, and whether they show what a plan rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seedwise.errors import TableError
from seedwise.results.groups import About, Groups
from seedwise.results.problem import Place


class Chosen(NamedTuple):
    """The groups of a table that a plan is for: number of the group (M, Q), -1 where none."""

    methods: tuple[str, ...]
    places: tuple[Place, ...]
    group: np.ndarray


def choose(groups: Groups, methods: Sequence[str], metrics: Sequence[str]) -> Chosen:
    """Return the groups of some methods and metrics in all tasks that have them."""
    keys = groups.keys
    at = {
        (row.method, Place(str(row.task), str(row.metric))): number
        for number, row in enumerate(keys.itertuples(index=False))
    }
    places = tuple(dict.fromkeys(p for m, p in at if p.metric in metrics and m in methods))
    table = [[at.get((method, place), -1) for place in places] for method in methods]
    return Chosen(tuple(methods), places, np.array(table))


def partitions(groups: Groups, chosen: Chosen) -> int:
    """Return the number of partitions that the chosen groups lie in."""
    own = chosen.group[chosen.group >= 0]
    inside = groups.units.partition[own][groups.data.cells[own] > 0]
    return int(np.unique(inside).size)


def enough(groups: Groups, chosen: Chosen, about: About) -> None:
    """Refuse a pilot in which what a plan rests on cannot be seen, or that is made otherwise."""
    units = (groups.data.cells > 0).sum(axis=1)
    crossing = set(groups.units.crossing[chosen.group[chosen.group >= 0]])
    if "partitions" in crossing:
        raise TableError(
            "this pilot draws forget sets anew for the same originals (they are crossed with "
            "training, not nested in it). Give each forget set a 'task' of its own in place of a "
            "partition_seed: they then share the originals, and each is to meet the target"
        )
    if "labels" in crossing:
        raise TableError(
            "this pilot uses the same unlearning seeds under all training seeds (--unlearning "
            "crossed): their part in the variance does not fall with more training seeds, and a "
            "plan is for unlearning seeds drawn anew, as seedwise run does. Run such a pilot: "
            "seeds.training=5, seeds.unlearning=3"
        )
    for method, row in zip(chosen.methods, chosen.group, strict=True):
        if not (row >= 0).any():
            raise TableError(f"'{method}' has no value of the metrics asked for")
        least = int(units[row[row >= 0]].min())
        if least < 2:
            raise TableError(
                f"'{method}' has {least} training seed{'' if least == 1 else 's'} in the pilot: "
                "the variance between training seeds cannot be estimated, and no plan for more of "
                "them made. Run next: seeds.training=5 (10 is better) with seeds.unlearning=3; or "
                "plan under assumptions: seedwise plan study.yaml --assume rho=.5,sd=.02"
            )
    for method, row in zip(chosen.methods, chosen.group, strict=True):
        for at in row[row >= 0]:
            _enough_partitions(method, groups.units.partition[at][groups.data.cells[at] > 0], about)


def _enough_partitions(method: str, partition: np.ndarray, about: About) -> None:
    """Refuse partitions that cannot show what they are declared to be: random, or fixed."""
    count = np.unique(partition).size
    if about.partitions == "random" and count < 2:
        raise TableError(
            f"'{method}' has 1 partition in the pilot: with --partitions random the variance "
            "between partitions is needed. Run next: seeds.partition=5; or plan for this partition "
            "alone, without --partitions random"
        )
    if about.partitions == "fixed" and count == partition.size:
        raise TableError(
            f"'{method}' has one training seed in each partition of the pilot: how much training "
            "seeds vary inside a partition cannot be told. Run next: seeds.training=5; or plan for "
            "others like these partitions: --partitions random"
        )
