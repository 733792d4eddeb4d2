"""A ranker that learns from clicks at the clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seedwise.contracts import Batch
from seedwise.domains.federated.owners import OWNER, owners
from seedwise.domains.federated.problem import FederatedProblem
from seedwise.domains.federated.ranking.columns import NUMBERS, listwise_loss
from seedwise.domains.modules import device_of
from seedwise.errors import SeedwiseError, did_you_mean
from seedwise.ranking_quality import PADDING

_CHUNK = 64
"""Queries of one evaluation pass. Fixed, as it may decide a last bit."""


class RankingProblem(FederatedProblem):
    """Rounds, with queries as examples: inputs (n, documents, features), targets (n, documents)."""

    def losses(
        self, model: Callable[[Tensor], Tensor], batch: Batch, targets: Any = None
    ) -> Tensor:
        """Return the listwise loss of each query, (n,); nothing is trained on it.

        Args:
            model: A ranker, or any callable from features to (..., 1).
            batch: The queries.
            targets: Labels to use instead of the true ones, (n, documents).
        """
        scores = self.scores(model, batch)
        wanted = torch.as_tensor(batch.targets if targets is None else targets)
        return listwise_loss(scores, wanted.to(scores.device))

    def scores(self, model: Callable[[Tensor], Tensor], batch: Batch) -> Tensor:
        """Return the score of each document, (n, documents).

        Padding has the lowest finite score, so that a softmax over documents, which is the chance
        of each to be ranked first, leaves it out.
        """
        inputs = batch.inputs.to(device_of(model)) if isinstance(model, nn.Module) else batch.inputs
        scores = model(inputs).squeeze(-1)
        padding = batch.targets.to(scores.device) == PADDING
        return scores.masked_fill(padding, torch.finfo(scores.dtype).min)

    def outputs(
        self, model: nn.Module, split: str, columns: Sequence[str]
    ) -> Mapping[str, np.ndarray]:
        """Return per-query numbers, float32, in the split's own order.

        Args:
            model: The ranker; evaluated on the device it is on.
            split: Name of the split.
            columns: Among `loss`, `margin`, `entropy`, `correct`, `client` (each (n,)), `scores`
                and `relevance` (n, documents), the latter -1 where a query has no more documents.

        Raises:
            SeedwiseError: If there is no such split or column.
        """
        known = [*NUMBERS, OWNER]
        for column in columns:
            if column not in known:
                raise SeedwiseError(f"no column '{column}'; {did_you_mean(column, known)}")
        found = self._numbers(model, split, [one for one in columns if one != OWNER])
        if OWNER in columns:
            found[OWNER] = owners(self, split)
        return {column: found[column] for column in columns}

    def _numbers(
        self, model: nn.Module, split: str, columns: Sequence[str]
    ) -> dict[str, np.ndarray]:
        if not columns:
            return {}
        model.eval()
        device, chosen, parts = str(device_of(model)), self._split(split), []
        with torch.inference_mode():
            for places in torch.arange(len(chosen.rows)).split(_CHUNK):
                batch = chosen.take(places, device)
                scores = self.scores(model, batch)
                parts.append({name: NUMBERS[name](scores, batch.targets) for name in columns})
            return {
                column: torch.cat([part[column] for part in parts]).float().cpu().numpy()
                for column in columns
            }
