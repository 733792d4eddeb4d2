"""The language domain: what a study may ask for, and the way from there to a problem."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from seedwise.contracts import ForgetSet, Recipe, Task
from seedwise.contracts.tokens import TokenProblem
from seedwise.domains.language.datasets import DATASETS, bound, dataset_files
from seedwise.domains.language.models import MODELS, model_files
from seedwise.domains.language.passes import PASSES
from seedwise.domains.language.selectors import FILE_SELECTORS, SELECTORS, draw
from seedwise.errors import SeedwiseError
from seedwise.seeds import SeedStreams


def train_recipe(
    *,
    epochs: PositiveInt = 50,
    lr: PositiveFloat = 5e-3,
    batch_size: PositiveInt | None = 40,
    optimizer: Literal["sgd", "adam", "adamw"] = "adamw",
    momentum: NonNegativeFloat = 0.9,
    weight_decay: NonNegativeFloat = 0.0,
    schedule: Literal["constant", "cosine"] = "cosine",
    beta2: Annotated[float, Field(gt=0, lt=1)] = 0.98,
    accumulate: PositiveInt = 1,
) -> Recipe:
    """Return how originals and references are trained; see `seedwise.contracts.Recipe`.

    The loss is the mean over records of the mean over their answer's tokens. The last epoch's
    model is the result: nothing is selected on held-out data.
    """
    return Recipe(
        epochs, lr, batch_size, optimizer, momentum, weight_decay, schedule, beta2, accumulate
    )


class LanguageDomain:
    """Implements `seedwise.contracts.Domain`."""

    name = "language"
    version = "1"
    capabilities = frozenset({"outputs", "gradients", "labels", "tokens", "modules", "hub"})
    columns: Mapping[str, str] = PASSES
    selectors: Mapping[str, str] = SELECTORS
    file_selectors = FILE_SELECTORS
    captures: frozenset[str] = frozenset()
    recipe: Callable[..., Recipe] = staticmethod(train_recipe)

    def components(self, kind: Literal["dataset", "model"]) -> Mapping[str, Callable[..., Any]]:
        """Return data sets or models by name; their keyword-only arguments are their schema."""
        return DATASETS if kind == "dataset" else MODELS

    def files(self, task: Task, forget: ForgetSet) -> Sequence[Path]:
        """Return the files that data and forget set are read from."""
        chosen = [Path(forget.value).expanduser()] if forget.selector in self.file_selectors else []
        return [*dataset_files(task.dataset), *model_files(task.model), *chosen]

    def downloaded(self, name: str, revision: str | None = None) -> Path:
        """Return the directory of a model of the Hugging Face hub, named by its commit.

        Raises:
            DataError: If it cannot be downloaded, or has no safetensors file.
        """
        _check_installed()
        from seedwise.domains.language.hub import downloaded

        return downloaded(name, revision)

    def problem(self, task: Task, forget: ForgetSet, seeds: SeedStreams) -> TokenProblem[Any]:
        """Load the data, train the codec and draw the forget set.

        Only the partition of `seeds` matters: generated data and holdouts come from the scope
        `data`, the forget set from the scope `forget` and its own seed.

        Raises:
            DataError: If the data, the model or the forget set cannot be used as asked.
            SeedwiseError: If transformers or tokenizers are not installed.
        """
        _check_installed()
        from seedwise.domains.language.problem import LanguageProblem
        from seedwise.domains.language.splits import check_lengths, make_splits, overlap
        from seedwise.domains.language.starts import make_start

        data = SeedStreams("data", partition=seeds.partition)
        corpus = DATASETS[task.dataset.name](data, **bound(task.dataset))
        rows = draw(forget, corpus.records, SeedStreams("forget", partition=seeds.partition))
        start = make_start(task.model, corpus)
        splits = make_splits(corpus, rows, start.codec, start.identity)
        check_lengths(splits, start.context)
        repeated = _overlap_note(overlap(splits), len(corpus.holdout))
        notes = (*corpus.notes, *start.notes, *repeated)
        return LanguageProblem(splits, notes, start, self.recipe(**task.train))


def _check_installed() -> None:
    lacking = [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
    if lacking:
        raise SeedwiseError(
            f"the language domain needs {' and '.join(lacking)}: pip install 'seedwise[language]'"
        )


_LIBRARIES = ("torch", "transformers", "tokenizers")


def _overlap_note(repeated: int, held_out: int) -> tuple[str, ...]:
    if not repeated:
        return ()
    return (f"{repeated} of {held_out} holdout records occur in the training data",)
