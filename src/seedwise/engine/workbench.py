"""One worker's view of a study: problems loaded once, models obtained the cheapest way."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from seedwise import registry
from seedwise.contracts import Artifact, Clock, Context, Extras, Failed, Problem, Trained
from seedwise.design import Cell, Design, Snapshot
from seedwise.design.snapshot import NOT_REPRODUCIBLE
from seedwise.engine.scratch import scratch
from seedwise.engine.signature import prepare, signature, warm_up
from seedwise.errors import NotReproducibleError, SeedwiseError, StoreError
from seedwise.seeds import SeedStreams
from seedwise.store import FileStore
from seedwise.store.atomic import replace_with
from seedwise.study.arguments import bind
from seedwise.study.lock import Checkpoint, Lock, checkpoint_sha256, file_sha256
from seedwise.study.plugins import load_plugins

_KEPT_IN_MEMORY = 6
"""Models: the original, its reference, the next reference and what is being measured."""


class Workbench:
    """Everything a worker needs for the cells of one study.

    Args:
        lock: The resolved study.
        store: Where records and weights are.
        device: `auto`, `cpu`, `cuda` or `mps`.
    """

    def __init__(self, lock: Lock, store: FileStore, device: str = "auto") -> None:
        self.lock, self.store, self._wish = lock, store, device
        if load_plugins(lock.plugins, Path(lock.folder)) != lock.sources:
            raise SeedwiseError("a plug-in file was changed while the study ran; run it again")
        self.domain = registry.domains[lock.domain.name]
        self.design = Design(lock)
        self.snapshot = Snapshot(self.design, store)
        self._problems: dict[tuple[int, int], Problem[Any]] = {}
        self._models: OrderedDict[str, Any] = OrderedDict()

    @cached_property
    def device(self) -> str:
        """The device, known once the domain has loaded what it computes with."""
        return prepare(self._wish)

    def problem(self, task: int, partition: int) -> Problem[Any]:
        """Return the data with a forget set drawn, loaded once."""
        place = (task, partition)
        if place not in self._problems:
            forget = self.lock.tasks[task].forget
            streams = SeedStreams("data", partition)
            problem = self.domain.problem(self.lock.task, forget, streams)
            if dict(problem.fingerprints) != self.lock.tasks[task].fingerprints[partition]:
                raise SeedwiseError("the data were changed while the study ran; run it again")
            self._problems[place] = problem
        return self._problems[place]

    def ready(self, cell: Cell) -> None:
        """Load a cell's data and find the device: what fails here is no fault of the cell.

        Raises:
            SeedwiseError: If the data were changed or the device is not there.
        """
        self.problem(cell.task or 0, cell.seeds.partition)
        _ = self.device

    def signature(self) -> dict[str, Any]:
        """Return what decides the bits of what is made here, besides seeds; data must be ready."""
        problem = next(iter(self._problems.values()))
        return signature(self.device, problem.dtype)

    @contextmanager
    def context(self, clock: Clock, tick: Callable[[float], None]) -> Iterator[Context]:
        """Yield what a component may touch, with a scratch folder that is removed afterwards."""
        with scratch() as folder:
            yield Context(self.device, Path(folder), tick, clock)

    def train(self, cell: Cell, ctx: Context, capture: tuple[str, ...] = ()) -> Trained[Any]:
        """Train an original or a reference, or load the checkpoint adopted in its place."""
        problem = self.problem(cell.task or 0, cell.seeds.partition)
        adopted = self.adopted(cell)
        if adopted is not None:
            return Trained(self._adopt(problem, adopted), start="")
        with ctx.clock("train"):
            on = "train" if cell.stage == "train" else "retain"
            done = next(iter(problem.train(on, [cell.seeds], ctx, capture)))
        if isinstance(done, Failed):
            raise done.error
        return done

    def unlearn(self, cell: Cell, ctx: Context) -> Any:
        """Run a method on its original; the original itself must stay as it was."""
        assert cell.method is not None  # noqa: S101 - an unlearn cell has a method
        assert cell.parent is not None  # noqa: S101 - and an original
        locked = self.lock.methods[cell.method]
        method = registry.methods[locked.name]
        parent = self.design.cells[cell.parent]
        problem = self.problem(cell.task or 0, cell.seeds.partition)
        original = self.model(parent)
        extras = self.extras(parent, locked.needs)
        code, view = method.function, problem.view(method.splits)
        arguments = bind(code, locked.arguments)
        if "modules" in method.requires:
            warm_up()
        count_history(ctx.clock, extras)
        with ctx.clock("unlearn"):
            model = code(original, view, extras, cell.seeds, ctx, **arguments)
        self._check_untouched(problem, parent, original, locked.name)
        if model is None:
            raise SeedwiseError(f"the method '{locked.name}' returned nothing; return the model")
        return model

    def model(self, cell: Cell) -> Any:
        """Return the model of a finished cell: from memory, from kept weights, or made again.

        Raises:
            NotReproducibleError: If it had to be made again and came out with other bits.
        """
        record = self.snapshot.records[cell.key]
        digest = record["digest"]
        if digest not in self._models:
            model = self._load(cell, record)
            self.remember(digest, self._replay(cell, digest) if model is None else model)
        self._models.move_to_end(digest)
        return self._models[digest]

    def remember(self, digest: str, model: Any) -> None:
        """Keep a model in memory for the cells that follow."""
        self._models[digest] = model
        while len(self._models) > _KEPT_IN_MEMORY:
            self._models.popitem(last=False)

    def extras(self, cell: Cell, names: tuple[str, ...]) -> dict[str, dict[str, np.ndarray]]:
        """Return captures of a training run, from the store or by training again."""
        digest = self.snapshot.records[cell.key]["digest"]
        paths = {name: self._extra_path(digest, name) for name in names}
        if any(not path.is_file() for path in paths.values()):
            self._replay(cell, digest, names)
        lost = [name for name, path in paths.items() if not path.is_file()]
        if lost:
            raise SeedwiseError(
                f"the training run of {cell.seeds.labels()} has no {', '.join(lost)}: an adopted "
                "checkpoint has no history; train the originals here to use methods that need it"
            )
        return {name: read_arrays(path) for name, path in paths.items()}

    def keep_extras(self, digest: str, trained: Trained[Any]) -> None:
        """Write the captures of a training run."""
        for name, arrays in trained.extras.items():
            write_arrays(self._extra_path(digest, name), arrays)

    def _extra_path(self, digest: str, name: str) -> Path:
        return self.store.file("extras", f"{digest}.{name.replace(':', '-')}.npz")

    def _adopt(self, problem: Problem[Any], adopted: Checkpoint) -> Any:
        path = Path(adopted.path)
        if not path.exists() or checkpoint_sha256(path) != adopted.sha256:
            raise SeedwiseError(f"the checkpoint '{path}' was changed while the study ran")
        return problem.load(Artifact(path, adopted.sha256), device=self.device)

    def adopted(self, cell: Cell) -> Checkpoint | None:
        """Return the finished checkpoint that stands in for a training run, if any."""
        place = f"{cell.seeds.partition}/{cell.seeds.training}"
        if cell.stage == "unlearn":
            return None
        if cell.stage == "train":
            return self.lock.originals.get(place)
        return self.lock.references.get(f"{self.lock.tasks[cell.task or 0].name}:{place}")

    def _load(self, cell: Cell, record: Mapping[str, Any]) -> Any:
        """Return the model from its kept weights, None where they are not kept or were damaged."""
        kept = record["artifact"]
        if kept is None:
            return None
        path = self.store.root / kept["path"]
        if not path.is_file() or file_sha256(path) != kept["sha256"]:
            return None
        problem = self.problem(cell.task or 0, cell.seeds.partition)
        base = self._base(problem, kept["base"])
        return problem.load(Artifact(path, kept["sha256"], kept["base"]), base, self.device)

    def _base(self, problem: Problem[Any], digest: str | None) -> Any:
        """Return the model that an adapter belongs to; None if the domain itself has it."""
        cells = self.snapshot.records.items()
        owner = next((key for key, record in cells if record["digest"] == digest), None)
        known = None if owner is None else self.design.cells.get(owner)
        return None if known is None else self.model(known)

    def _replay(self, cell: Cell, digest: str, capture: tuple[str, ...] = ()) -> Any:
        """Make a finished cell again; equal bits stand in for the record, others never do."""
        with self.context(Clock(), lambda share: None) as ctx:
            if cell.stage == "unlearn":
                done: Trained[Any] = Trained(self.unlearn(cell, ctx), start="")
            else:
                done = self.train(cell, ctx, capture)
        problem = self.problem(cell.task or 0, cell.seeds.partition)
        if problem.digest(done.model) != digest:
            self._not_reproducible(cell)
        self.keep_extras(digest, done)
        return done.model

    def _not_reproducible(self, cell: Cell) -> None:
        record = self.snapshot.records[cell.key]
        message = (
            f"{cell.stage} {cell.seeds.labels()} was run again and gave other bits (recorded "
            f"under {record['signature']['versions']}); --redraw makes it and its metrics anew"
        )
        failure = {
            "kind": NOT_REPRODUCIBLE,
            "generation": record["generation"],
            "message": message,
            "stage": cell.stage,
        }
        attempt = self.store.fail(cell.key, failure)
        self.snapshot.look("failures", f"{cell.key}.{attempt}")
        raise NotReproducibleError(message)

    def _check_untouched(
        self, problem: Problem[Any], parent: Cell, original: Any, method: str
    ) -> None:
        digest = self.snapshot.records[parent.key]["digest"]
        if problem.digest(original) != digest:
            self._models.pop(digest, None)
            raise SeedwiseError(
                f"the method '{method}' changed the original in place; work on "
                "problem.copy(original)"
            )


def count_history(clock: Clock, extras: Extras) -> None:
    """Record how many bytes of training history a cell kept or read, if any."""
    size = sum(array.nbytes for arrays in extras.values() for array in arrays.values())
    if size:
        clock.counts["history"] = float(size)


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays, all or nothing."""

    def write(temporary: Path) -> None:
        with temporary.open("wb") as handle:
            np.savez(handle, **dict(arrays))  # pyright: ignore[reportArgumentType]

    replace_with(path, write)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read named arrays; never a pickle."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read ({error}); delete it to make it again") from None
