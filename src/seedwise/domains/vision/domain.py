"""The vision domain: what a study may ask for, and the way from there to a problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import COLUMNS, ForgetSet, Problem, Recipe, Task
from seedwise.domains.vision.datasets import DATASETS, Arrays, dataset_files
from seedwise.domains.vision.models import MODELS
from seedwise.domains.vision.selectors import SELECTORS, class_label, draw
from seedwise.seeds import SeedStreams


def train_recipe(
    *,
    epochs: PositiveInt = 20,
    lr: PositiveFloat = 0.05,
    batch_size: PositiveInt | None = 64,
    optimizer: Literal["sgd", "adam", "adamw"] = "sgd",
    momentum: NonNegativeFloat = 0.9,
    weight_decay: NonNegativeFloat = 5e-4,
    schedule: Literal["constant", "cosine"] = "cosine",
) -> Recipe:
    """Return how originals and references are trained; see `seedwise.contracts.Recipe`.

    The last epoch's net is the result: nothing is selected on test data.
    """
    return Recipe(epochs, lr, batch_size, optimizer, momentum, weight_decay, schedule)


class VisionDomain:
    """Implements `seedwise.contracts.Domain`."""

    name = "vision"
    version = "1"
    capabilities = frozenset({"outputs", "gradients", "labels", "classes", "modules"})
    columns: Mapping[str, str] = dict.fromkeys([*COLUMNS, "logits"], "forward")
    selectors: Mapping[str, str] = SELECTORS
    file_selectors = frozenset({"indices"})
    captures: frozenset[str] = frozenset()
    recipe: Callable[..., Recipe] = staticmethod(train_recipe)

    def components(self, kind: Literal["dataset", "model"]) -> Mapping[str, Callable[..., Any]]:
        """Return data sets or models by name; their keyword-only arguments are their schema."""
        return DATASETS if kind == "dataset" else MODELS

    def files(self, task: Task, forget: ForgetSet) -> Sequence[Path]:
        """Return the files that data and forget set are read from."""
        chosen = [Path(forget.value).expanduser()] if forget.selector == "indices" else []
        return [*dataset_files(task.dataset), *chosen]

    def problem(self, task: Task, forget: ForgetSet, seeds: SeedStreams) -> Problem[Any]:
        """Load the data and draw the forget set.

        Only the partition of `seeds` matters: the split comes from the scope `data`, the forget
        set from the scope `forget` and its own seed.

        Raises:
            DataError: If the data, the model or the forget set cannot be used as asked.
        """
        from seedwise.domains.vision.models import blank, initialise
        from seedwise.domains.vision.problem import VisionProblem
        from seedwise.domains.vision.splits import duplicates, make_splits

        data = SeedStreams("data", partition=seeds.partition)
        arrays = DATASETS[task.dataset.name](data, **task.dataset.arguments)
        streams = SeedStreams("forget", partition=seeds.partition)
        rows = draw(forget, arrays.y_train, arrays.classes, streams)
        splits = make_splits(arrays, rows, _forgotten_class(forget, arrays))
        shape = tuple(splits["train"].examples.on("cpu")[0].shape[1:])
        build = partial(blank, task.model, shape, len(arrays.classes))
        build()  # a net that cannot take these inputs is refused here, not in every cell
        notes = _notes(duplicates(arrays), len(arrays.y_test))
        return VisionProblem(splits, notes, build, initialise, self.recipe(**task.train))


def _forgotten_class(forget: ForgetSet, arrays: Arrays) -> int | None:
    if forget.selector != "class":
        return None
    return class_label(forget.value, arrays.y_train, arrays.classes)


def _notes(repeated: int, tested: int) -> tuple[str, ...]:
    if not repeated:
        return ()
    return (f"{repeated} of {tested} test examples occur in the training data, byte for byte",)
