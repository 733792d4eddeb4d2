"""Queries as tensors, padded to one length, and their named splits by client."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from seedwise.contracts import Batch
from seedwise.domains.federated.ranking.datasets import Queries, RankingData
from seedwise.domains.federated.selectors import rows_of
from seedwise.domains.indices import fingerprint_of
from seedwise.ranking_quality import PADDING


class Lists:
    """Queries with their documents, copied to a device when first asked for there.

    Documents are stored once and gathered when asked for; a query with fewer documents than the
    longest is filled up with documents of zeros, whose label is `PADDING`. The length is that of
    all queries of the data, so that what is computed on one does not depend on its neighbours.
    """

    def __init__(self, queries: Queries) -> None:
        sizes = np.diff(queries.offsets)
        places = np.arange(sizes.max())
        there = places < sizes[:, None]
        rows = np.where(there, queries.offsets[:-1, None] + places, len(queries.labels))
        labels = np.append(queries.labels, PADDING)[rows]
        features = np.pad(queries.features, ((0, 1), (0, 0)))
        kept = (torch.from_numpy(array) for array in (features, rows, labels))
        self._copies: dict[str, tuple[Tensor, ...]] = {"cpu": tuple(kept)}

    @property
    def length(self) -> int:
        """Documents of the longest query."""
        return self._copies["cpu"][1].shape[1]

    @property
    def width(self) -> int:
        """Number of features."""
        return self._copies["cpu"][0].shape[1]

    def take(self, queries: Tensor, device: str) -> tuple[Tensor, Tensor]:
        """Return features (n, length, features) and labels (n, length) of some queries."""
        if device not in self._copies:
            self._copies[device] = tuple(one.to(device) for one in self._copies["cpu"])
        features, rows, labels = self._copies[device]
        chosen = queries.to(device)
        return features[rows[chosen]], labels[chosen]


@dataclass(frozen=True)
class Split:
    """Some queries of the training or the test data.

    Args:
        lists: The data they are of.
        rows: Their numbers, int64, in the split's own order.
        index: The numbers `Batch.index` uses for them; stays on the host.
        fingerprint: SHA-256 of content, order, and who holds what.
    """

    lists: Lists
    rows: Tensor
    index: Tensor
    fingerprint: str

    def take(self, places: Tensor | slice, device: str) -> Batch:
        """Return the queries at some places of the split: features and labels, padded."""
        return Batch(self.index[places], *self.lists.take(self.rows[places], device))

    def at(self, places: Tensor) -> Split:
        """Return the queries at some places as a split of their own."""
        seal = fingerprint_of(self.fingerprint, places)
        rows, index = self.rows[places], self.index[places]
        return replace(self, rows=rows, index=index, fingerprint=seal)


def client_splits(
    data: RankingData, parts: Sequence[np.ndarray], forgotten: Sequence[int]
) -> dict[str, Split]:
    """Return `train`, `retain`, `forget`, `test` and `client-0`, `client-1`, ...

    Args:
        data: The data set; an example is a query with its documents.
        parts: The training queries of each client, ascending.
        forgotten: The clients to forget.
    """
    lists = Lists(data.train)
    owner = np.empty(len(data.train), dtype=np.int64)
    for client, rows in enumerate(parts):
        owner[rows] = client
    forget = rows_of(list(parts), list(forgotten))
    every = np.arange(len(data.train))
    named = {"train": every, "retain": np.setdiff1d(every, forget), "forget": forget}
    splits = {
        name: _split(lists, rows, _fingerprint(data.train.take(rows), owner[rows], len(parts)))
        for name, rows in named.items()
    }
    tested = np.arange(len(data.test))
    splits["test"] = _split(Lists(data.test), tested, _fingerprint(data.test, tested[:0], 0))
    for client, rows in enumerate(parts):
        splits[f"client-{client}"] = _split(lists, rows, "")
    return splits


def _split(lists: Lists, rows: np.ndarray, fingerprint: str) -> Split:
    numbers = torch.from_numpy(rows)
    return Split(lists, numbers, numbers, fingerprint)


def _fingerprint(queries: Queries, owner: np.ndarray, clients: int) -> str:
    state = hashlib.sha256(f"{queries.features.shape}|{len(queries)}|{clients}|".encode())
    for array in (queries.features, queries.labels, queries.offsets, owner):
        state.update(np.ascontiguousarray(array).data)
    return state.hexdigest()
