"""The data sets of the vision domain, as raw arrays without torch.

Each function's keyword-only arguments are what a study may say under `task.dataset`. Inputs are
scaled by constants of their type and never by a statistic of the data: a mean over the training
data would carry the forget set into every retrained model.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field, PositiveInt

from seedwise.contracts import Part
from seedwise.domains.vision.idx import idx_files, read_idx
from seedwise.errors import DataError
from seedwise.seeds import SeedStreams

_ARRAYS = ("x_train", "y_train", "x_test", "y_test")


@dataclass(frozen=True)
class Arrays:
    """A data set as read.

    Args:
        x_train: Inputs, (n, features), (n, height, width) or (n, height, width, channels); uint8
            or floating.
        y_train: Labels 0, 1, ..., (n,) int64.
        x_test: Inputs like `x_train`.
        y_test: Labels like `y_train`.
        classes: The name of every label.
        top: The greatest value integer inputs can have: [0, top] becomes [-1, 1]. None for
            floating inputs, which are taken as they are.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    classes: tuple[str, ...]
    top: float | None

    def __post_init__(self) -> None:
        train, test = self.x_train, self.x_test
        if train.shape[1:] != test.shape[1:] or train.dtype != test.dtype:
            raise DataError(
                f"an example of x_train is {train.dtype} {train.shape[1:]} "
                f"but one of x_test {test.dtype} {test.shape[1:]}; they must be alike"
            )
        last = int(max(self.y_train.max(), self.y_test.max()))
        if last >= len(self.classes):
            raise DataError(f"label {last} has no name: 'classes' names {len(self.classes)} labels")
        if len(np.unique(self.y_train)) < 2:
            raise DataError("the training data have one class only; a classifier needs two or more")


def digits(streams: SeedStreams, *, test_size: Annotated[float, Field(gt=0, lt=1)] = 0.2) -> Arrays:
    """Return the 1,797 8x8 digits bundled with scikit-learn, split by the stream `split`.

    Args:
        streams: Streams of the partition.
        test_size: Share of examples held out for testing.
    """
    from sklearn.datasets import load_digits

    flat, digit = load_digits(return_X_y=True)
    images = np.asarray(flat).reshape(-1, 8, 8).astype(np.uint8)
    labels = np.asarray(digit).astype(np.int64)
    order = streams.generator("split").permutation(len(labels))
    held_out = min(max(1, round(test_size * len(labels))), len(labels) - 1)
    test, train = np.sort(order[:held_out]), np.sort(order[held_out:])
    names = tuple(str(digit) for digit in range(10))
    return Arrays(images[train], labels[train], images[test], labels[test], names, top=16.0)


def npz(
    streams: SeedStreams,
    *,
    path: Path,
    train_limit: PositiveInt | None = None,
    test_limit: PositiveInt | None = None,
) -> Arrays:
    """Read `x_train`, `y_train`, `x_test`, `y_test` and, if there, `classes` from a .npz file.

    Args:
        streams: Streams of the partition; the stream `split` draws what the limits leave.
        path: The file. uint8 inputs are moved to [-1, 1], floating ones are taken as they are.
        train_limit: Number of training examples to draw, all if None.
        test_limit: Number of test examples to draw, all if None.
    """
    found = _read_npz(Path(path).expanduser())
    names = tuple(str(name) for name in found["classes"]) if "classes" in found else None
    return _arrays(found, names, streams, {"train": train_limit, "test": test_limit})


def idx(
    streams: SeedStreams,
    *,
    path: Path,
    train_limit: PositiveInt | None = None,
    test_limit: PositiveInt | None = None,
) -> Arrays:
    """Read a folder with the four IDX files of MNIST and its relatives, gzipped or not.

    Args:
        streams: Streams of the partition; the stream `split` draws what the limits leave.
        path: The folder.
        train_limit: Number of training examples to draw, all if None.
        test_limit: Number of test examples to draw, all if None.
    """
    files = idx_files(Path(path).expanduser())
    arrays = {name: read_idx(file) for name, file in files.items()}
    return _arrays(arrays, None, streams, {"train": train_limit, "test": test_limit})


DATASETS: Mapping[str, Callable[..., Arrays]] = {"digits": digits, "idx": idx, "npz": npz}


def dataset_files(part: Part) -> list[Path]:
    """Return the files that a data set is read from (none for `digits`, which has no file)."""
    if part.name == "digits":
        return []
    path = Path(part.arguments["path"]).expanduser()
    return list(idx_files(path).values()) if part.name == "idx" else [path]


def _read_npz(file: Path) -> dict[str, np.ndarray]:
    try:
        with file.open("rb") as stream:
            return _members(file, np.load(stream, allow_pickle=False))
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"'{file}' cannot be read as a .npz file of arrays: {reason}") from error


def _members(file: Path, archive: Any) -> dict[str, np.ndarray]:
    if isinstance(archive, np.ndarray):
        raise DataError(f"'{file}' holds a single array; it must hold {', '.join(_ARRAYS)}")
    missing = [name for name in _ARRAYS if name not in archive]
    if missing:
        held = ", ".join(sorted(archive)) or "nothing"
        raise DataError(f"'{file}' lacks {', '.join(missing)}; it holds {held}")
    return {name: archive[name] for name in (*_ARRAYS, "classes") if name in archive}


def _arrays(
    found: Mapping[str, np.ndarray],
    names: tuple[str, ...] | None,
    streams: SeedStreams,
    limits: Mapping[str, int | None],
) -> Arrays:
    """Check and scale what a file held, and draw what the limits leave, in the file's order."""
    chosen: dict[str, Any] = {}
    for counter, split in enumerate(("train", "test")):
        inputs, labels = found[f"x_{split}"], found[f"y_{split}"]
        _check_inputs(f"x_{split}", inputs)
        _check_labels(split, inputs, labels)
        rows = _rows(len(labels), split, limits[split], streams.generator("split", counter))
        chosen[f"x_{split}"] = inputs[rows]
        chosen[f"y_{split}"] = labels[rows].astype(np.int64)
    if names is None:
        last = int(max(found["y_train"].max(), found["y_test"].max()))
        names = tuple(str(label) for label in range(last + 1))
    top = 255.0 if found["x_train"].dtype == np.uint8 else None
    return Arrays(**chosen, classes=names, top=top)


def _rows(
    size: int, split: str, limit: int | None, generator: np.random.Generator
) -> np.ndarray | slice:
    if limit is None:
        return slice(None)
    if limit > size:
        raise DataError(f"{split}_limit is {limit} but there are only {size} {split} examples")
    return np.sort(generator.choice(size, limit, replace=False))


def _check_inputs(name: str, inputs: np.ndarray) -> None:
    if inputs.ndim not in (2, 3, 4) or 0 in inputs.shape:
        raise DataError(
            f"{name} has shape {inputs.shape}; allowed: (n, features), (n, height, width) or "
            "(n, height, width, channels), none of them 0"
        )
    if inputs.ndim == 4 and inputs.shape[3] not in (1, 3, 4):
        raise DataError(
            f"{name} has shape {inputs.shape}; the channels (1, 3 or 4) come last: transpose it "
            "to (n, height, width, channels)"
        )
    if inputs.dtype != np.uint8 and not np.issubdtype(inputs.dtype, np.floating):
        raise DataError(f"{name} is {inputs.dtype}; give uint8 or floating-point inputs")
    if np.issubdtype(inputs.dtype, np.floating) and not np.isfinite(inputs).all():
        raise DataError(f"{name} holds NaN or infinite values; remove or replace them")


def _check_labels(split: str, inputs: np.ndarray, labels: np.ndarray) -> None:
    if labels.shape != (len(inputs),):
        raise DataError(
            f"y_{split} has shape {labels.shape} but x_{split} has {len(inputs)} examples; "
            "give one label each"
        )
    if not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0:
        raise DataError(f"y_{split} must hold integers 0, 1, ..., one a class")
