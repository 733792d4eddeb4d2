"""The data sets of learning to rank, as arrays without torch.

Each function's keyword-only arguments are what a study may say under `task.dataset`. Features are
scaled by a formula or within a query, never by a statistic over queries: one over the training
data would carry what is to be forgotten into every retrained model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import PositiveInt

from seedwise.contracts import Part
from seedwise.domains.federated.partitioners import listed
from seedwise.domains.federated.ranking.svmlight import Table, read_table, sizes_file
from seedwise.errors import DataError
from seedwise.seeds import SeedStreams

Scale = Literal["query", "log", "none"]


@dataclass(frozen=True)
class Queries:
    """Queries with their documents.

    Args:
        features: (documents, features) float32.
        labels: Relevance 0 to 4, (documents,) int64.
        offsets: Query q has the documents offsets[q] to offsets[q + 1], (queries + 1,) int64.
    """

    features: np.ndarray
    labels: np.ndarray
    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def most_relevant(self) -> np.ndarray:
        """Return the highest label of each query, (queries,) int64."""
        return np.maximum.reduceat(self.labels, self.offsets[:-1])

    def take(self, queries: np.ndarray) -> Queries:
        """Return some queries, in the order given."""
        sizes = np.diff(self.offsets)[queries]
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        shift = np.repeat(self.offsets[queries] - offsets[:-1], sizes)
        rows = np.arange(offsets[-1]) + shift
        return Queries(self.features[rows], self.labels[rows], offsets)


@dataclass(frozen=True)
class RankingData:
    """A data set as read.

    Args:
        train: Queries that clients hold.
        test: Queries that nobody trains on.
        notes: Sentences about the data.
    """

    train: Queries
    test: Queries
    notes: tuple[str, ...] = ()


def letor(
    streams: SeedStreams,
    *,
    path: Path,
    train: str = "train.txt",
    test: str = "test.txt",
    scale: Scale = "query",
    train_limit: PositiveInt | None = None,
    test_limit: PositiveInt | None = None,
) -> RankingData:
    """Read a folder of LETOR, MSLR-WEB, Istella or any other svmlight files, gzipped or not.

    Args:
        streams: Streams of the partition; the stream `split` draws what the limits leave.
        path: The folder, e.g. `MQ2008/Fold1`.
        train: Name of the file whose queries clients hold.
        test: Name of the file that is tested on; nothing is selected, so none is validated on.
        scale: `query`, each feature to [0, 1] within each query (LETOR 4.0 comes so); `log`,
            sign(x) log(1 + |x|); or `none`.
        train_limit: Number of training queries to draw, all if None.
        test_limit: Number of test queries to draw, all if None.
    """
    folder = Path(path).expanduser()
    tables = read_table(folder / train), read_table(folder / test)
    return _data(streams, tables, scale, {"train": train_limit, "test": test_limit})


def lambdarank(streams: SeedStreams, *, scale: Scale = "none") -> RankingData:
    """Return LightGBM's lambdarank example: 201 and 50 queries, 300 sparse features, labels 0-4.

    The files come with the package (MIT licence, see the folder `lambdarank`).

    Args:
        streams: Unused: nothing is drawn.
        scale: As for `letor`; the features are in [0, 1] already.
    """
    package = resources.files("seedwise.domains.federated.ranking")
    with resources.as_file(package / "lambdarank") as folder:
        tables = read_table(folder / "rank.train.gz"), read_table(folder / "rank.test.gz")
    return _data(streams, tables, scale, {"train": None, "test": None})


RANKING_DATASETS: Mapping[str, Callable[..., RankingData]] = {
    "lambdarank": lambdarank,
    "letor": letor,
}


def ranking_files(part: Part) -> list[Path]:
    """Return the files a data set is read from (none for `lambdarank`, which is in the package)."""
    if part.name == "lambdarank":
        return []
    folder = Path(part.arguments["path"]).expanduser()
    names = [part.arguments.get(split, f"{split}.txt") for split in ("train", "test")]
    sizes = [sizes_file(folder / name) for name in names]
    return [*(folder / name for name in names), *(file for file in sizes if file is not None)]


def check_clients(train: Queries, parts: list[np.ndarray]) -> None:
    """Refuse clients that hold no relevant document: no click of theirs could say anything.

    Raises:
        DataError: Naming them.
    """
    best = train.most_relevant()
    barren = [client for client, rows in enumerate(parts) if not (best[rows] > 0).any()]
    if barren:
        raise DataError(
            f"client {listed(barren)} of {len(parts)} holds no relevant document (a label above "
            "0) in any of its queries, so it has nothing to teach; use fewer clients, more "
            "queries or another partition seed"
        )


def _data(
    streams: SeedStreams,
    tables: tuple[Table, Table],
    scale: Scale,
    limits: Mapping[str, int | None],
) -> RankingData:
    first = 0 if any(table.has_zero for table in tables) else 1
    width = max(table.features.shape[1] for table in tables)
    sides = {}
    for counter, (split, table) in enumerate(zip(("train", "test"), tables, strict=True)):
        missing = width - table.features.shape[1]
        features = np.pad(table.features[:, first:], ((0, 0), (0, missing)))
        queries = Queries(_scaled(features, table.offsets, scale), table.labels, table.offsets)
        sides[split] = _some(queries, split, limits[split], streams.generator("split", counter))
    notes = tuple(
        f"{table.absent} feature values of {split} are absent and count as 0"
        for split, table in zip(sides, tables, strict=True)
        if table.absent
    )
    return RankingData(sides["train"], sides["test"], notes)


def _scaled(features: np.ndarray, offsets: np.ndarray, scale: Scale) -> np.ndarray:
    """Return scaled features; those that are constant within a query become 0 in it."""
    if scale == "none":
        return features
    if scale == "log":
        return np.sign(features) * np.log1p(np.abs(features))
    sizes = np.diff(offsets)
    least, most = (
        np.repeat(extreme.reduceat(features, offsets[:-1]), sizes, axis=0)
        for extreme in (np.minimum, np.maximum)
    )
    spread = most - least
    return (features - least) / np.where(spread > 0, spread, 1)


def _some(
    queries: Queries, split: str, limit: int | None, generator: np.random.Generator
) -> Queries:
    if limit is None:
        return queries
    if limit > len(queries):
        raise DataError(f"{split}_limit is {limit} but there are only {len(queries)} queries")
    return queries.take(np.sort(generator.choice(len(queries), limit, replace=False)))
