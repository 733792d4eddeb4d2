"""A vision problem: the data with the forget set drawn, and all that is done with a net on it."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from seedwise.contracts import Artifact, Batch, Context, Failed, Objective, Recipe, Trained
from seedwise.domains import weights
from seedwise.domains.optimisers import learning_rate, optimiser
from seedwise.domains.vision.columns import columns_of
from seedwise.domains.vision.models import initialise
from seedwise.domains.vision.splits import Split
from seedwise.errors import SeedwiseError, did_you_mean
from seedwise.seeds import SeedStreams

_CHUNK = 256
"""Examples of one evaluation pass: what fits a cache. Fixed, as it may decide a last bit."""


class VisionProblem:
    """Implements `seedwise.contracts.Problem` for torch modules.

    A net at rest is in evaluation mode; `fit` alone trains it. Inputs follow the net to its
    device, `Batch.index` stays on the host.

    Args:
        splits: The data by name.
        notes: Sentences about the data.
        blank: Makes a net whose parameters are not set yet.
        recipe: How originals and references are trained.
    """

    def __init__(
        self,
        splits: Mapping[str, Split],
        notes: Sequence[str],
        blank: Callable[[], nn.Module],
        recipe: Recipe,
    ) -> None:
        self.fingerprints: Mapping[str, str] = {
            name: split.fingerprint for name, split in splits.items()
        }
        self.notes = notes
        self._splits = splits
        self._blank = blank
        self._recipe = recipe

    # --- training -----------------------------------------------------------------------------

    def train(
        self, on: str, seeds: Sequence[SeedStreams], ctx: Context, capture: Sequence[str] = ()
    ) -> Iterator[Trained[nn.Module] | Failed]:
        """Train a fresh net on a split for every seed; the initialisation is the stream `init`."""
        if capture:
            raise SeedwiseError(f"the vision domain captures nothing, asked for {list(capture)}")
        for streams in seeds:
            yield self._train_one(on, streams, ctx)

    def fit(
        self,
        model: nn.Module,
        objective: Objective,
        on: Sequence[str],
        recipe: Recipe,
        seeds: SeedStreams,
        ctx: Context,
    ) -> nn.Module:
        """Minimise an objective in place; see `seedwise.contracts.Problem.fit`.

        Raises:
            NonFiniteError: If the parameters diverged.
        """
        device = str(_device(model.to(ctx.device).train()))
        parameters = [one for one in model.parameters() if one.requires_grad]
        descent = optimiser(parameters, recipe)
        beside = [self._cycle(name, recipe, seeds, device) for name in on[1:]]
        steps = recipe.epochs * self._steps(on[0], recipe)
        taken = itertools.count()
        for epoch in range(recipe.epochs):
            for lead in self._pass(on[0], recipe, seeds, "order", epoch, device):
                loss = objective(model, lead, *(next(batches) for batches in beside))
                gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
                descent.step(gradients, learning_rate(recipe, next(taken), steps))
            ctx.tick((epoch + 1) / recipe.epochs)
        weights.check_finite(model)
        return model.eval()

    def _train_one(
        self, on: str, streams: SeedStreams, ctx: Context
    ) -> Trained[nn.Module] | Failed:
        try:
            model = self._blank()
            initialise(model, streams.generator("init"))
            start = self.digest(model)
            self.fit(model, self._mean_loss, [on], self._recipe, streams, ctx)
        except (SeedwiseError, RuntimeError) as error:  # diverged, out of memory: this seed only
            return Failed(error)
        return Trained(model, start)

    def _mean_loss(self, model: nn.Module, batch: Batch) -> Tensor:
        return self.losses(model, batch).mean()

    def _steps(self, name: str, recipe: Recipe) -> int:
        size = len(self._split(name).rows)
        return math.ceil(size / (recipe.batch_size or size))

    def _pass(
        self, name: str, recipe: Recipe, seeds: SeedStreams, purpose: str, turn: int, device: str
    ) -> Iterator[Batch]:
        """Yield a split once: shuffled by its stream, or as one batch without a draw."""
        split = self._split(name)
        if recipe.batch_size is None:
            yield split.take(slice(None), device)
            return
        order = seeds.generator(purpose, turn).permutation(len(split.rows))
        for places in torch.from_numpy(order).split(recipe.batch_size):
            yield split.take(places, device)

    def _cycle(self, name: str, recipe: Recipe, seeds: SeedStreams, device: str) -> Iterator[Batch]:
        for turn in itertools.count():
            yield from self._pass(name, recipe, seeds, f"order/{name}", turn, device)

    # --- reading ------------------------------------------------------------------------------

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
        inputs = batch.inputs.to(_device(model)) if isinstance(model, nn.Module) else batch.inputs
        return model(inputs)

    def batches(self, split: str, size: int | None) -> Iterator[Batch]:
        """Yield a split in its own order on the host; None takes it whole."""
        chosen = self._split(split)
        places = torch.arange(len(chosen.rows))
        for some in places.split(size or len(places)):
            yield chosen.take(some, "cpu")

    def targets(self, split: str) -> np.ndarray:
        """Return the labels of a split, (n,) int64."""
        chosen = self._split(split)
        return chosen.take(slice(None), "cpu").targets.numpy()

    def index(self, split: str) -> np.ndarray:
        """Return the numbers that `Batch.index` uses for a split, (n,) int64."""
        return self._split(split).index.numpy()

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
        device = str(_device(model))
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

    def view(self, splits: Sequence[str]) -> VisionProblem:
        """Return the same problem with these splits only."""
        chosen = {name: self._split(name) for name in splits}
        return VisionProblem(chosen, self.notes, self._blank, self._recipe)

    def _split(self, name: str) -> Split:
        if name not in self._splits:
            raise SeedwiseError(
                f"no split '{name}' can be seen here; {did_you_mean(name, self._splits)}"
            )
        return self._splits[name]

    # --- models -------------------------------------------------------------------------------

    def copy(self, model: nn.Module) -> nn.Module:
        """Return an independent copy on the same device."""
        return copy.deepcopy(model)

    def digest(self, model: nn.Module) -> str:
        """Return the SHA-256 of all parameters and buffers; see `seedwise.domains.weights`."""
        return weights.digest(model)

    def save(self, model: nn.Module, path: Path) -> Artifact:
        """Write the net to a safetensors file."""
        return weights.save(model, path)

    def load(
        self, artifact: Artifact, base: nn.Module | None = None, device: str = "cpu"
    ) -> nn.Module:
        """Read a net of this problem's architecture back, onto a device.

        Raises:
            DataError: If the file is no safetensors file, or its tensors do not fit.
        """
        del base  # nets are stored whole
        model = self._blank()
        weights.load(model, artifact.path)
        return model.to(device)


def _device(model: nn.Module) -> torch.device:
    return next(model.parameters()).device
