"""A toy study that every room's tests can run in a tenth of a second, without torch."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from seedwise.design import Design, Snapshot
from seedwise.engine.resolve import resolve
from seedwise.engine.run import Options, run
from seedwise.store import FileStore
from seedwise.study.load import load

settings.register_profile("suite", derandomize=True, deadline=None)
settings.load_profile("suite")

TOY = """\
study: toy
task: {domain: toy, dataset: gaussian, model: linear}
forget: {random: 0.2}
methods: [original, retrain, finetune, toy-noise, toy-shrink]
metrics: [accuracy, loss, runtime, toy-weight-distance, toy-probe]
seeds: {training: 3, unlearning: 2, evaluation: 2}
plugins: [seedwise.testing.toy]
"""


class Lab:
    """A folder with a study file and a store, and the few things tests do with them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "study.yaml"
        self.path.write_text(TOY)
        self.root = folder / "runs"

    @property
    def store(self) -> FileStore:
        return FileStore(self.root, create=True)

    def write(self, text: str) -> None:
        self.path.write_text(text)

    def edit(self, old: str, new: str) -> None:
        text = self.path.read_text()
        assert old in text
        self.path.write_text(text.replace(old, new))

    def plugin(self, source: str, name: str = "mine.py") -> None:
        (self.path.parent / name).write_text("import seedwise as sw\n" + source)
        if name not in self.path.read_text():
            self.edit("plugins: [", f"plugins: [{name}, ")

    def lock(self, *overrides: str):
        return resolve(load(self.path, overrides), self.path, self.store)

    def run(self, *overrides: str, **options):
        made = run(self.lock(*overrides), self.store, Options(**{"workers": 0, **options}), _quiet)
        return made

    def snapshot(self, *overrides: str) -> Snapshot:
        return Snapshot(Design(self.lock(*overrides)), self.store)

    def digests(self, *overrides: str) -> dict[tuple, str]:
        """The parameter hash of every row, by method and seeds."""
        snapshot = self.snapshot(*overrides)
        methods = snapshot.design.lock.methods
        return {
            (methods[row.method].label, row.task, *row.cell.seeds.labels().values()): digest
            for row in snapshot.wanted_rows()
            if (digest := snapshot.digest(row.cell))
        }

    def values(self, *overrides: str) -> dict[tuple, float]:
        """Every measured value, by metric and by the hashes and seeds it is about."""
        snapshot = self.snapshot(*overrides)
        return {
            (name, *entry["subjects"], *entry["against"], entry["seeds"].get("evaluation")): value
            for entry in snapshot.values.values()
            for name, value in entry["values"].items()
        }


def _quiet(event) -> None:
    """Progress is not what these tests look at."""


@pytest.fixture
def lab(tmp_path) -> Lab:
    return Lab(tmp_path)
