"""The nested design: which models a locked study needs, and their keys.

A cell is one model to make. Its key is the hash of all that decides it: component, arguments that
differ from the defaults, seeds by role, the parent's key and the data. Labels, defaults, metrics
and other methods are not in it, so that adding one re-runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from seedwise.seeds import SeedStreams
from seedwise.study.lock import Lock, LockedMethod, LockedTask, sha256
from seedwise.study.spec import ORIGINAL, REFERENCE

Stage = Literal["train", "retrain", "unlearn"]


@dataclass(frozen=True)
class Cell:
    """One model to make.

    Args:
        key: Hash of the ingredients.
        stage: `train` (an original), `retrain` (a reference) or `unlearn`.
        seeds: The streams it draws from, with its place in the design.
        ingredients: All that decides the result.
        task: Index of the forget set, None for an original, which knows none.
        method: Index of the method in the lock, for `unlearn`.
        parent: Key of the original it starts from, for `unlearn`.
    """

    key: str
    stage: Stage
    seeds: SeedStreams
    ingredients: dict[str, Any] = field(repr=False)
    task: int | None = None
    method: int | None = None
    parent: str | None = None

    @property
    def original(self) -> tuple[int, int]:
        """Partition and training seed: the original that the cell is or belongs to."""
        return self.seeds.partition, self.seeds.training or 0


@dataclass(frozen=True)
class Row:
    """One model as a method's answer: a line of the result table."""

    task: int
    method: int
    cell: Cell


class Design:
    """All cells and rows of a locked study, in the order a reader expects them."""

    def __init__(self, lock: Lock) -> None:
        self.lock = lock
        self.originals = [(p, i) for p in lock.seeds.partition for i in lock.seeds.training]

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """Every cell by key: for each original its references, its training, its runs."""
        return {cell.key: cell for p, i in self.originals for cell in self._of_original(p, i)}

    @cached_property
    def rows(self) -> list[Row]:
        """Every row: task by task, method by method, then by seeds."""
        return [row for task in range(len(self.lock.tasks)) for row in self._rows(task)]

    @cached_property
    def checks(self) -> dict[tuple[int, int], tuple[Cell, Cell]]:
        """Two runs with different unlearning seeds, by (task, declared deterministic method)."""
        p, i = self.originals[0]
        return {
            (task, method): (
                self.unlearn(task, method, p, i, self._checked_seeds(method)[0]),
                self.unlearn(task, method, p, i, self._checked_seeds(method)[1]),
            )
            for task in range(len(self.lock.tasks))
            for method, locked in enumerate(self.lock.methods)
            if locked.deterministic and locked.name not in (ORIGINAL, REFERENCE)
        }

    def unlearning_seeds(self, method: int) -> tuple[int, ...]:
        """Return the unlearning seeds of a method, by its index in the lock."""
        return self.lock.seeds.unlearning_of(self.lock.methods[method].label)

    @cached_property
    def needs_references(self) -> bool:
        """Whether the study lists `retrain`, or a metric compares with it."""
        listed = any(method.name == REFERENCE for method in self.lock.methods)
        return listed or any(m.spec.level in ("pair", "ensemble") for m in self.lock.metrics)

    def train(self, partition: int, training: int) -> Cell:
        """Return the cell of an original."""
        seeds = SeedStreams("train", partition, training)
        ingredients = self._training(seeds, "train", self.lock.tasks[0], self.lock.originals)
        return Cell(sha256(ingredients), "train", seeds, ingredients)

    def retrain(self, task: int, partition: int, training: int) -> Cell:
        """Return the cell of a reference: by default with streams of its own."""
        scope = "train" if self.lock.reference == "paired" else "retrain"
        seeds = SeedStreams(scope, partition, training)
        adopted = {
            place: checkpoint
            for place, checkpoint in self.lock.references.items()
            if place.startswith(f"{self.lock.tasks[task].name}:")
        }
        ingredients = self._training(seeds, "retain", self.lock.tasks[task], adopted)
        return Cell(sha256(ingredients), "retrain", seeds, ingredients, task)

    def unlearn(
        self, task: int, method: int, partition: int, training: int, unlearning: int
    ) -> Cell:
        """Return the cell of one unlearning run."""
        locked = self.lock.methods[method]
        seeds = SeedStreams(f"method/{locked.name}", partition, training, unlearning)
        parent = self.train(partition, training).key
        splits = self.lock.tasks[task].fingerprints[partition]
        ingredients = {
            "stage": "unlearn",
            "component": locked.identity,
            "seeds": seeds.labels(),
            "parent": parent,
            "data": {split: splits[split] for split in ("retain", "forget")},
        }
        return Cell(sha256(ingredients), "unlearn", seeds, ingredients, task, method, parent)

    def label(self, cell: Cell) -> str:
        """Return what tables call the maker of a cell."""
        if cell.method is not None:
            return self.lock.methods[cell.method].label
        return ORIGINAL if cell.stage == "train" else REFERENCE

    def reference_of(self, row: Row) -> Cell | None:
        """Return what a pair metric compares a row with.

        The retrained model of the same place; for a retrained model the one with the next seed,
        so that its row is the floor. None when there is no second retrained model.
        """
        p, i = row.cell.original
        if row.cell.stage != "retrain":
            return self.retrain(row.task, p, i)
        seeds = sorted(self.lock.seeds.training)
        if len(seeds) < 2:
            return None
        return self.retrain(row.task, p, seeds[(seeds.index(i) + 1) % len(seeds)])

    def _training(
        self, seeds: SeedStreams, on: str, task: LockedTask, adopted: dict[str, Any]
    ) -> dict[str, Any]:
        place = f"{seeds.partition}/{seeds.training}"
        place = place if on == "train" else f"{task.name}:{place}"
        lock = self.lock
        if place in adopted:
            component: Any = {"name": "adopted", "sha256": adopted[place].sha256}
        else:
            component = {
                "domain": lock.domain.identity,
                "dataset": lock.dataset.identity,
                "model": lock.model.identity,
                "train": lock.train.identity,
            }
        return {
            "stage": "train" if on == "train" else "retrain",
            "component": component,
            "scope": seeds.scope,
            "seeds": seeds.labels(),
            "data": {on: task.fingerprints[seeds.partition][on]},
        }

    def _of_original(self, p: int, i: int) -> Iterator[Cell]:
        tasks = range(len(self.lock.tasks))
        if self.needs_references:
            yield from (self.retrain(task, p, i) for task in tasks)
        yield self.train(p, i)
        for task in tasks:
            for method, locked in enumerate(self.lock.methods):
                if locked.name in (ORIGINAL, REFERENCE):
                    continue
                seeds = self._seeds_to_make(task, method, (p, i))
                yield from (self.unlearn(task, method, p, i, j) for j in seeds)

    def _seeds_to_make(self, task: int, method: int, place: tuple[int, int]) -> tuple[int, ...]:
        is_checked_here = (task, method) in self.checks and place == self.originals[0]
        return self._checked_seeds(method) if is_checked_here else self.unlearning_seeds(method)

    def _checked_seeds(self, method: int) -> tuple[int, ...]:
        """Return the unlearning seeds, and one more where a determinism check needs a second."""
        seeds = self.unlearning_seeds(method)
        return seeds if len(seeds) > 1 else (*seeds, max(seeds) + 1)

    def _rows(self, task: int) -> Iterator[Row]:
        for number, locked in enumerate(self.lock.methods):
            for p, i in self.originals:
                yield from (Row(task, number, c) for c in self._cells(task, number, locked, p, i))

    def _cells(
        self, task: int, number: int, locked: LockedMethod, p: int, i: int
    ) -> Iterator[Cell]:
        if locked.name == ORIGINAL:
            yield self.train(p, i)
        elif locked.name == REFERENCE:
            yield self.retrain(task, p, i)
        else:
            yield from (self.unlearn(task, number, p, i, j) for j in self.unlearning_seeds(number))
