"""Methods as sides of a comparison, and how two of them are paired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from seedwise.errors import TableError, did_you_mean
from seedwise.results.groups import About, Groups
from seedwise.stats import compare as stats_compare
from seedwise.stats import compare_partitions, means
from seedwise.stats import flags as flag_list
from seedwise.stats.compare_partitions import Sample
from seedwise.stats.difference import Difference, assemble
from seedwise.stats.means import Mean

Pairing = Literal["original", "label", "independent"]
_CARRIED = (
    "missing_cells",
    "failed_cells",
    "duplicate_training_seeds",
    "optional_stopping",
    "percent_suspected",
)
"""Flags of either side that also limit the difference."""


@dataclass(frozen=True)
class Request:
    """Which comparisons are asked for.

    Args:
        metric: One metric, None for all.
        against: One method to compare all others with, None for all pairs.
        level: Confidence level.
        about: What is declared of the design.
    """

    metric: str | None
    against: str | None
    level: float
    about: About


class Cells(NamedTuple):
    """Single runs of a method: value, place of the training seed, code of the unlearning seed."""

    value: np.ndarray
    place: np.ndarray
    label: np.ndarray


class Side(NamedTuple):
    """One method under one task and metric: training seed means and what they stand for."""

    mean: np.ndarray
    label: np.ndarray
    original: np.ndarray
    partition: np.ndarray
    training: np.ndarray
    crossing: str
    flags: tuple[str, ...]
    cells: Cells

    @property
    def sample(self) -> Sample:
        """The units for a comparison over partitions."""
        return Sample(self.mean, self.partition, self.training, self.crossing == "partitions")

    def only(self, places: np.ndarray) -> Side:
        """Return some of the units."""
        fields = ("mean", "label", "original", "partition", "training")
        return self._replace(**{name: getattr(self, name)[places] for name in fields})


class Contrast(NamedTuple):
    """A difference of two methods with how they were paired, on how many units, and its flags."""

    difference: Difference
    pairing: Pairing
    n_pairs: int
    flags: tuple[str, ...]


def known(what: str, given: str | None, column: pd.Series) -> None:
    """Check a name in a filter.

    Raises:
        TableError: If it does not occur in the column; says what does.
    """
    if given is not None and given not in set(column):
        raise TableError(f"no {what} '{given}' in the results; {did_you_mean(given, set(column))}")


def side_of(groups: Groups, at: int, flags: str) -> Side:
    """Return one group as a side of comparisons.

    Args:
        groups: The grouped table.
        at: The group.
        flags: Its flags, as in the summary.
    """
    data = groups.data
    present = data.cells[at] > 0
    cells = slice(*np.searchsorted(data.cell_group, [at, at + 1]))
    return Side(
        data.mean[at, present] + data.centre[at],
        data.training[at, present],
        groups.original[at, present],
        groups.units.partition[at, present],
        groups.units.training[at, present],
        groups.units.crossing[at],
        flag_list.split(flags),
        Cells(
            data.cell_mean[cells] + data.centre[at], data.cell_unit[cells], data.cell_label[cells]
        ),
    )


def matched(a: Side, b: Side, pairing: Pairing) -> tuple[Side, Side]:
    """Return the units that two methods share, in the same order."""
    left, right = (getattr(side, pairing) for side in (a, b))
    if pairing == "original":
        # One original under several partitions is one unit in each of them.
        most = int(max(left.max(initial=0), right.max(initial=0))) + 1
        left, right = a.partition * most + left, b.partition * most + right
    _, mine, theirs = np.intersect1d(left, right, return_indices=True)
    return a.only(mine), b.only(theirs)


def contrast(a: Side, b: Side, *, has_reference: bool, request: Request) -> Contrast:
    """Return the difference of two methods, paired where it should be.

    Args:
        a: One method.
        b: The other.
        has_reference: Whether the second is the reference.
        request: What is asked for.
    """
    pairing, flags = _pairing(a, b, has_reference=has_reference, request=request)
    if "labels" in (a.crossing, b.crossing):
        found = _shared_labels(a, b, pairing, request)
    else:
        first, second = (a, b) if pairing == "independent" else matched(a, b, pairing)
        found = _difference(first, second, pairing, request)
    carried = [code for code in (*a.flags, *b.flags) if code in _CARRIED]
    n_pairs = 0 if pairing == "independent" else found.n_a
    return Contrast(found, pairing, n_pairs, (*found.flags, *flags, *carried))


def _difference(a: Side, b: Side, pairing: Pairing, request: Request) -> Difference:
    how: dict[str, Any] = {"level": request.level}
    if b.crossing == "neighbours" and not _is_over_partitions(b, request):
        return _from_floor(a, b, pairing, request)
    if "nested" in (a.crossing, b.crossing) or "partitions" in (a.crossing, b.crossing):
        how["partitions"] = request.about.partitions
        if pairing == "independent":
            return compare_partitions.independent(a.sample, b.sample, **how)
        return compare_partitions.paired(a.sample, b.mean, **how)
    if pairing == "independent":
        return stats_compare.independent(a.mean, b.mean, **how)
    return stats_compare.paired(a.mean, b.mean, **how)


def _is_over_partitions(side: Side, request: Request) -> bool:
    return request.about.partitions == "random" and np.unique(side.partition).size > 1


def _from_floor(a: Side, b: Side, pairing: Pairing, request: Request) -> Difference:
    """Compare distances to the reference with their floor, whose values share models."""
    counts = a.mean.size, b.mean.size
    mine, floor = _over_models(a), means.neighbours(b.mean, b.partition, partitions="fixed")
    if pairing == "independent":
        return compare_partitions.of_means(mine, floor, counts, given=False, level=request.level)
    found = means.neighbours(a.mean - b.mean, a.partition, partitions="fixed")
    return assemble(found, (mine.mean, floor.mean), counts, request.level)


def _over_models(side: Side) -> means.Mean:
    if np.unique(side.partition).size > 1:
        return side.sample.mean("fixed")
    return means.over_units(side.mean)


def _shared_labels(a: Side, b: Side, pairing: Pairing, request: Request) -> Difference:
    """Compare methods whose unlearning seeds are the same under all trained models."""
    if pairing == "independent":
        counts, given = (a.mean.size, b.mean.size), b.mean.size == 1
        sides = (_over_labels(a), _over_labels(b))
        return compare_partitions.of_means(*sides, counts, given=given, level=request.level)
    theirs = _by_run(b, pairing)
    kept, values = [], []
    for run, key in enumerate(_keys(a, pairing)):
        value = theirs.get(key, theirs.get((key[0], None)))
        if value is not None:
            kept.append(run)
            values.append(value)
    mine = Cells(*(column[kept] for column in a.cells))
    other = mine._replace(value=np.array(values))
    found = means.over_labels(mine.value - other.value, mine.place, mine.label)
    sides = mine.value.mean(), other.value.mean()
    count = np.unique(mine.place).size
    return assemble(found, (float(sides[0]), float(sides[1])), (count, count), request.level)


def _keys(side: Side, pairing: str) -> list[tuple[int, int]]:
    """Return what tells the runs of a method apart: trained model and unlearning seed."""
    models = getattr(side, pairing)[side.cells.place]
    return list(zip(models.tolist(), side.cells.label.tolist(), strict=True))


def _by_run(side: Side, pairing: str) -> dict[tuple[int, int | None], float]:
    """Return values by run; without unlearning seeds of its own a model serves all of them."""
    if side.crossing != "labels":
        models = getattr(side, pairing).tolist()
        return {(model, None): float(v) for model, v in zip(models, side.mean, strict=True)}
    runs = zip(_keys(side, pairing), side.cells.value, strict=True)
    return {(model, label): float(value) for (model, label), value in runs}


def _over_labels(side: Side) -> Mean:
    if side.crossing == "labels":
        return means.over_labels(*side.cells)
    return means.over_units(side.mean)


def _pairing(
    a: Side, b: Side, *, has_reference: bool, request: Request
) -> tuple[Pairing, tuple[str, ...]]:
    """Decide how two methods are paired: a seed label is not a model, a hash is."""
    if has_reference:
        paired = request.about.reference == "paired"
        return ("label", ("reference_paired",)) if paired else ("independent", ())
    if request.about.unpaired:
        return "independent", ()
    if (a.original >= 0).all() and (b.original >= 0).all():
        return "original", ()
    return "label", ("pairing_by_label",)


class Common(NamedTuple):
    """Means of the training seeds that several methods share (M, I), and their labels (I,)."""

    means: np.ndarray
    label: np.ndarray


def common(sides: list[Side]) -> Common:
    """Return what several methods have on the trained models that all of them share."""
    known = all((side.original >= 0).all() for side in sides)
    names = [side.original if known else side.label for side in sides]
    shared = names[0]
    for name in names[1:]:
        shared = np.intersect1d(shared, name)
    places = [{name: at for at, name in enumerate(own.tolist())} for own in names]
    rows = [[place[name] for name in shared.tolist()] for place in places]
    means = [side.mean[row] for side, row in zip(sides, rows, strict=True)]
    return Common(np.array(means), sides[0].label[rows[0]])
