"""Finding evaluations and training runs in a folder."""

from __future__ import annotations

import fnmatch
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from seedwise.errors import TableError, did_you_mean
from seedwise.interop.trees.layout import EvalRun, Files, Layout, TrainRun, run_name

_STEP = re.compile(r"checkpoint-(\d+)")


@dataclass(frozen=True)
class Evaluation:
    """A folder with the results of one model.

    Args:
        folder: The folder.
        name: Its path below the folder that is imported.
        files: Its files.
        config: Of the evaluation, None where the training run made it itself.
        run: Of the training run, None for models that no run of this tree made.
        step: Optimiser step of the checkpoint; None: the finished model.
    """

    folder: Path
    name: str
    files: Files
    config: EvalRun | None
    run: TrainRun | None
    step: int | None

    @property
    def subject(self) -> str:
        """What the evaluated model is called."""
        if self.run is not None:
            return self.run.name
        return self.config.path.rstrip("/") if self.config else self.name


@dataclass(frozen=True)
class Tree:
    """A folder of outputs.

    Args:
        root: The folder.
        layout: The way of the tool that wrote it.
        leave_out: Patterns of names that are not to be read.
    """

    root: Path
    layout: Layout
    leave_out: Sequence[str] = ()
    _files: dict[Path, dict[tuple[str, str], Path]] = field(
        default_factory=lambda: defaultdict(dict), init=False, repr=False
    )
    _configs: dict[Path, TrainRun | EvalRun] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self._scan()
        if not self._files:
            raise TableError(
                f"'{self.root}' holds no {self.layout.name}"
                + (" that is not left out" if self.leave_out else "")
                + f"; {self.layout.advice}"
            )

    @cached_property
    def runs(self) -> dict[str, TrainRun]:
        """All training runs by name, without those left out."""
        found = self._configs.values()
        return {run.name: run for run in found if isinstance(run, TrainRun)}

    def evaluations(self) -> Iterator[Evaluation]:
        """Yield all evaluations, in the order of their names."""
        for folder in sorted(self._files):
            config = self._configs.get(folder)
            own = config if isinstance(config, EvalRun) else None
            run = self.made_by(own.path) if own else self._above(folder)
            where = own.path.rstrip("/") if own else self._name(folder)
            step = _STEP.search(where.rpartition("/")[2] if own else where)
            yield Evaluation(
                folder,
                self._name(folder),
                self._files[folder],
                own,
                run,
                int(step[1]) if step else None,
            )

    def made_by(self, path: str) -> TrainRun | None:
        """Return the run whose output a model path names, wherever the checkout was."""
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if parts and _STEP.fullmatch(parts[-1]):
            parts = parts[:-1]
        return self.runs.get("/".join(parts[-2:]))

    def without_config(self) -> list[Evaluation]:
        """Return the evaluations of which nothing says what model they are of."""
        return [one for one in self.evaluations() if one.run is None and one.config is None]

    def _above(self, folder: Path) -> TrainRun | None:
        for above in (folder, *folder.parents):
            config = self._configs.get(above)
            if isinstance(config, TrainRun):
                return config
            if above == self.root:
                return None
        return None

    def _name(self, folder: Path) -> str:
        inside = folder.relative_to(self.root).as_posix()
        return self.root.resolve().name if inside == "." else inside

    def _scan(self) -> None:
        if not self.root.is_dir():
            near = [one.name for one in self.root.parent.glob("*") if one.is_dir()]
            hint = f"; {did_you_mean(self.root.name, near)}" if near else ""
            raise TableError(f"there is no folder '{self.root}'{hint}")
        for place, _, names in os.walk(self.root):
            folder = Path(place)
            if self._is_left_out(folder):
                continue
            for name in names:
                found = self.layout.file.fullmatch(name)
                if found:
                    self._files[folder][found["benchmark"], found["kind"]] = folder / name
            if config := self.layout.config(folder):
                self._configs[folder] = config

    def _is_left_out(self, folder: Path) -> bool:
        inside = folder.relative_to(self.root)
        names = [one.as_posix() for one in (inside, *inside.parents)] + list(inside.parts)
        if inside.parts:
            names.append(run_name(folder.absolute()))
        return any(fnmatch.fnmatchcase(n, p.rstrip("/")) for n in names for p in self.leave_out)
