"""A vision problem: the data with the forget set drawn, and all that is done with a net on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from seedwise.contracts import Batch
from seedwise.domains.modules import ModuleProblem, device_of
from seedwise.domains.vision.columns import columns_of

_CHUNK = 256
"""Examples of one evaluation pass: what fits a cache. Fixed, as it may decide a last bit."""


class VisionProblem(ModuleProblem):
    """Implements `seedwise.contracts.Problem` for classifiers."""

    def losses(
        self, model: Callable[[Tensor], Tensor], batch: Batch, targets: Any = None
    ) -> Tensor:
        """Return the cross-entropy of each example, (n,).

        Args:
            model: A net, or any callable from inputs to logits (e.g. one with other parameters).
            batch: The examples.
            targets: Labels to use instead of the true ones, (n,); a tensor or a numpy array.
        """
        scores = self.scores(model, batch)
        wanted = torch.as_tensor(batch.targets if targets is None else targets)
        return functional.cross_entropy(scores, wanted.to(scores.device), reduction="none")

    def scores(self, model: Callable[[Tensor], Tensor], batch: Batch) -> Tensor:
        """Return the logits, (n, classes)."""
        inputs = batch.inputs.to(device_of(model)) if isinstance(model, nn.Module) else batch.inputs
        return model(inputs)

    def outputs(
        self, model: nn.Module, split: str, columns: Sequence[str]
    ) -> Mapping[str, np.ndarray]:
        """Return per-example numbers, float32, in the split's own order.

        Args:
            model: The net; evaluated in evaluation mode on the device it is on.
            split: Name of the split.
            columns: Among `loss`, `margin`, `entropy`, `correct` (each (n,)) and `logits`
                (n, classes).

        Raises:
            SeedwiseError: If there is no such split or column.
        """
        model.eval()
        device = str(device_of(model))
        chosen = self._split(split)
        parts = []
        with torch.inference_mode():
            for places in torch.arange(len(chosen.rows)).split(_CHUNK):
                batch = chosen.take(places, device)
                parts.append(columns_of(model(batch.inputs), batch.targets, columns))
            return {
                column: torch.cat([part[column] for part in parts]).float().cpu().numpy()
                for column in columns
            }
