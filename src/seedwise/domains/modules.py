"""What all problems share whose models are torch modules: training, the loop, files, views."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from seedwise.contracts import Artifact, Batch, Context, Failed, Objective, Recipe, Trained
from seedwise.domains import weights
from seedwise.domains.optimisers import learning_rate, optimiser
from seedwise.errors import SeedwiseError, did_you_mean
from seedwise.seeds import SeedStreams


class ModuleProblem:
    """The part of `seedwise.contracts.Problem` that is alike for every torch module.

    A net at rest is in evaluation mode; `fit` alone trains it. Inputs follow the net to its
    device, `Batch.index` stays on the host. A domain adds `losses`, `scores`, `outputs`.

    Args:
        splits: The data by name. A split has `rows` (the places of its examples in the data),
            `index` (the numbers `Batch.index` uses for them), `fingerprint` (SHA-256 of content
            and order), `take(places, device)`, which returns a `Batch`, and `at(places)`, which
            returns the same of some of them.
        notes: Sentences about the data.
        blank: Makes a net whose parameters are not set yet.
        initialise: Sets all of them, from a generator.
        recipe: How originals and references are trained.
    """

    dtype = "float32"

    def __init__(
        self,
        splits: Mapping[str, Any],
        notes: Sequence[str],
        blank: Callable[[], nn.Module],
        initialise: Callable[[Any, np.random.Generator], None],
        recipe: Recipe,
    ) -> None:
        self.fingerprints: Mapping[str, str] = {
            name: split.fingerprint for name, split in splits.items()
        }
        self.notes = notes
        self._splits = splits
        self._blank = blank
        self._initialise = initialise
        self._recipe = recipe

    def losses(self, model: Any, batch: Batch, targets: Any = None) -> Tensor:
        """Return the differentiable loss of each example, (n,)."""
        raise NotImplementedError

    # --- training -----------------------------------------------------------------------------

    def train(
        self, on: str, seeds: Sequence[SeedStreams], ctx: Context, capture: Sequence[str] = ()
    ) -> Iterator[Trained[Any] | Failed]:
        """Train a fresh net on a split for every seed; the initialisation is the stream `init`."""
        if capture:
            raise SeedwiseError(f"this domain captures nothing, asked for {list(capture)}")
        for streams in seeds:
            yield self._train_one(on, streams, ctx)

    def fit(
        self,
        model: Any,
        objective: Objective,
        on: Sequence[str],
        recipe: Recipe,
        seeds: SeedStreams,
        ctx: Context,
    ) -> Any:
        """Minimise an objective in place; see `seedwise.contracts.Problem.fit`.

        Raises:
            NonFiniteError: If the parameters diverged.
        """
        device = str(device_of(self.moved(model, ctx.device).train()))
        parameters = [one for one in model.parameters() if one.requires_grad]
        descent = optimiser(parameters, recipe)
        beside = [self._cycle(name, recipe, seeds, device) for name in on[1:]]
        steps = recipe.epochs * self._steps(on[0], recipe)
        taken = itertools.count()
        for epoch in range(recipe.epochs):
            leads = self._pass(on[0], recipe, seeds, "order", epoch, device)
            for group in _groups(leads, recipe.accumulate):
                together = [(lead, *(next(batches) for batches in beside)) for lead in group]
                gradients = _gradients(model, objective, parameters, together)
                descent.step(gradients, learning_rate(recipe, next(taken), steps))
            ctx.tick((epoch + 1) / recipe.epochs)
        weights.check_finite(model)
        return model.eval()

    def _train_one(self, on: str, streams: SeedStreams, ctx: Context) -> Trained[Any] | Failed:
        try:
            model = self._begun(streams.generator("init"))
            start = self.start_of(model)
            self.fit(model, self._mean_loss, [on], self._recipe, streams, ctx)
        except (SeedwiseError, RuntimeError) as error:  # diverged, out of memory: this seed only
            return Failed(error)
        return Trained(model, start)

    def _begun(self, generator: np.random.Generator) -> Any:
        """Return a model as it is before the first step of training."""
        model = self._blank()
        self._initialise(model, generator)
        return model

    def _mean_loss(self, model: Any, batch: Batch) -> Tensor:
        return self.losses(model, batch).mean()

    def _steps(self, name: str, recipe: Recipe) -> int:
        size = len(self._split(name).rows)
        return math.ceil(math.ceil(size / (recipe.batch_size or size)) / recipe.accumulate)

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

    def batches(self, split: str, size: int | None) -> Iterator[Batch]:
        """Yield a split in its own order on the host; None takes it whole."""
        chosen = self._split(split)
        places = torch.arange(len(chosen.rows))
        for some in places.split(size or len(places)):
            yield chosen.take(some, "cpu")

    def targets(self, split: str) -> np.ndarray:
        """Return the targets of a split, one row an example, int64."""
        return self._split(split).take(slice(None), "cpu").targets.numpy()

    def index(self, split: str) -> np.ndarray:
        """Return the numbers that `Batch.index` uses for a split, (n,) int64."""
        return self._split(split).index.numpy()

    def absent(self, split: str) -> Mapping[str, str]:
        """Return nothing: data of inputs and targets have all that columns need."""
        del split
        return {}

    def view(self, splits: Sequence[str]) -> Self:
        """Return the same problem with these splits only."""
        seen = copy.copy(self)
        seen._splits = {name: self._split(name) for name in splits}
        seen.fingerprints = {name: self.fingerprints[name] for name in splits}
        return seen

    def only(self, split: str, index: np.ndarray) -> Self:
        """Return the same problem with a split that holds the examples of these numbers alone."""
        places = torch.from_numpy(np.flatnonzero(np.isin(self.index(split), index)))
        if len(places) == 0:
            raise SeedwiseError(f"no example of '{split}' would be left")
        fewer = self._split(split).at(places)
        seen = copy.copy(self)
        seen._splits = {**self._splits, split: fewer}
        seen.fingerprints = {**self.fingerprints, split: fewer.fingerprint}
        return seen

    def _split(self, name: str) -> Any:
        if name not in self._splits:
            raise SeedwiseError(
                f"no split '{name}' can be seen here; {did_you_mean(name, self._splits)}"
            )
        return self._splits[name]

    # --- models -------------------------------------------------------------------------------

    def fresh(self, generator: np.random.Generator) -> Any:
        """Return a model that has learnt nothing; see `seedwise.contracts.Problem.fresh`."""
        return self._begun(generator)

    def moved(self, model: Any, device: str) -> Any:
        """Return the model on a device."""
        return model.to(device)

    def copy(self, model: Any) -> Any:
        """Return an independent copy on the same device."""
        return copy.deepcopy(model)

    def start_of(self, model: Any) -> str:
        """Return the digest that tells where the training of a model began."""
        return self.digest(model)

    def digest(self, model: Any) -> str:
        """Return the SHA-256 of all parameters and buffers; see `seedwise.domains.weights`."""
        return weights.digest(model)

    def save(self, model: Any, path: Path) -> Artifact:
        """Write the net to a safetensors file."""
        return weights.save(model, path)

    def load(self, artifact: Artifact, base: Any = None, device: str = "cpu") -> Any:
        """Read a net of this problem's architecture back, onto a device.

        Raises:
            DataError: If the file is no safetensors file, or its tensors do not fit.
        """
        del base  # nets are stored whole
        model = self._blank()
        weights.load(model, artifact.path)
        return self.moved(model, device)


def device_of(model: nn.Module) -> torch.device:
    """Return the device a net is on."""
    return next(model.parameters()).device


def _groups(batches: Iterator[Batch], size: int) -> Iterator[list[Batch]]:
    """Yield the batches of each step."""
    while group := list(itertools.islice(batches, size)):
        yield group


def _gradients(
    model: Any,
    objective: Objective,
    parameters: Sequence[Tensor],
    together: Sequence[tuple[Batch, ...]],
) -> Sequence[Tensor | None]:
    """Return the gradients of the mean objective over the batches of one step."""
    total: Sequence[Tensor | None] | None = None
    for batches in together:
        loss = objective(model, *batches)
        loss = loss if len(together) == 1 else loss / len(together)
        found = torch.autograd.grad(loss, parameters, allow_unused=True)
        total = found if total is None else [_sum(*two) for two in zip(total, found, strict=True)]
    return total or ()


def _sum(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    return one if other is None else other if one is None else one.add_(other)
