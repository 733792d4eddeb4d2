"""A numpy linear-Gaussian domain that proves the contracts without torch.

Inputs are Gaussian, labels are the signs of a linear function with noise, and the model is a
weight vector trained by stochastic gradient descent on half the squared error. It has a history
(`history:norms`), adapters relative to a base (`adapter` model), a partition (the seed of the
drawn data), losses that carry their gradient (so loss-type methods run unchanged), a method that
needs the history, and an ensemble metric. Use it in a study by `plugins: [seedwise.testing.toy]`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from seedwise import registry
from seedwise.contracts import (
    COLUMNS,
    Artifact,
    Batch,
    Context,
    Failed,
    ForgetSet,
    Objective,
    Recipe,
    Task,
    Trained,
)
from seedwise.errors import DataError, ForgetError, NonFiniteError
from seedwise.seeds import SeedStreams


@dataclass(frozen=True)
class Dual:
    """Numbers with their gradient: `value` (n,) and `gradient` (n, d), or () and (d,)."""

    value: np.ndarray
    gradient: np.ndarray

    def mean(self) -> Dual:
        """Average over the examples."""
        return Dual(self.value.mean(0), self.gradient.mean(0))

    def __mul__(self, factor: float) -> Dual:
        return Dual(self.value * factor, self.gradient * factor)

    __rmul__ = __mul__

    def __neg__(self) -> Dual:
        return self * -1.0

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, self.gradient + other.gradient)

    def __sub__(self, other: Dual) -> Dual:
        return self + (-other)


@dataclass
class Weights:
    """A weight vector, as a difference to `base` where it is an adapter; only that is trained."""

    delta: np.ndarray
    base: np.ndarray | None = None

    @property
    def effective(self) -> np.ndarray:
        """The weights that predict."""
        return self.delta if self.base is None else self.base + self.delta


def gaussian(*, features: int = 6, train: int = 60, test: int = 40, noise: float = 0.5) -> None:
    """The data set: its arguments are its schema."""


def linear(*, scale: float = 0.5) -> None:
    """A weight vector drawn with this standard deviation."""


def adapter(*, scale: float = 0.5) -> None:
    """A trainable difference to a weight vector that is fixed for the whole study."""


def recipe(
    *,
    epochs: Annotated[int, Field(ge=0)] = 3,
    lr: Annotated[float, Field(gt=0)] = 0.1,
    batch_size: Annotated[int, Field(gt=0)] = 10,
) -> Recipe:
    """The train recipe."""
    return Recipe(epochs=epochs, lr=lr, batch_size=batch_size, momentum=0.0)


class Toy:
    """The domain."""

    name = "toy"
    version = "1"
    capabilities = frozenset({"outputs", "gradients", "labels", "classes"})
    columns: Mapping[str, str] = dict.fromkeys([*COLUMNS, "logits"], "forward")
    captures = frozenset({"history:norms"})
    file_selectors: frozenset[str] = frozenset()
    selectors: Mapping[str, str] = {"random": "a share of the training data", "first": "a count"}
    recipe = staticmethod(recipe)

    def components(self, kind: str) -> Mapping[str, Callable[..., Any]]:
        """Return the data sets or models."""
        return {"dataset": {"gaussian": gaussian}, "model": {"linear": linear, "adapter": adapter}}[
            kind
        ]

    def files(self, task: Task, forget: ForgetSet) -> Sequence[Path]:
        """Nothing is read from files."""
        return ()

    def problem(self, task: Task, forget: ForgetSet, seeds: SeedStreams) -> ToyProblem:
        """Draw the data under the partition seed and the forget set under its own."""
        size = task.dataset.arguments
        draw = SeedStreams("data", seeds.partition).generator("split")
        truth = draw.normal(size=size["features"])
        inputs = draw.normal(size=(size["train"] + size["test"], size["features"]))
        noise = size["noise"] * draw.normal(size=len(inputs))
        labels = (inputs @ truth + noise > 0).astype(int)
        places = _places(forget, size["train"], seeds.partition)
        return ToyProblem(
            inputs,
            labels,
            {
                "train": np.arange(size["train"]),
                "retain": np.setdiff1d(np.arange(size["train"]), places),
                "forget": places,
                "test": np.arange(size["train"], len(inputs)),
            },
            task,
        )


class ToyProblem:
    """The data with the forget set drawn."""

    notes: Sequence[str] = ()
    dtype = "float64"

    def __init__(
        self, inputs: np.ndarray, labels: np.ndarray, places: Mapping[str, np.ndarray], task: Task
    ) -> None:
        self.inputs, self.labels, self.places, self.task = inputs, labels, places, task
        self.fingerprints: Mapping[str, str] = {
            split: hashlib.sha256(inputs[rows].tobytes() + labels[rows].tobytes()).hexdigest()
            for split, rows in places.items()
        }

    def train(
        self, on: str, seeds: Sequence[SeedStreams], ctx: Context, capture: Sequence[str] = ()
    ) -> Iterator[Trained[Weights] | Failed]:
        """Train by gradient descent from a drawn start."""
        for streams in seeds:
            model = self._start(streams)
            start = self.digest(model)
            norms: list[float] = []
            try:
                self.fit(
                    model,
                    lambda m, b: self.losses(m, b).mean(),
                    (on,),
                    recipe(**self.task.train),
                    streams,
                    replace(ctx, tick=_recorder(model, norms, ctx)),
                )
            except NonFiniteError as error:
                yield Failed(error)
                continue
            extras = {"history:norms": {"norms": np.array(norms)}}
            yield Trained(model, start, {name: extras[name] for name in capture})

    def fit(
        self,
        model: Weights,
        objective: Objective,
        on: Sequence[str],
        recipe: Recipe,
        seeds: SeedStreams,
        ctx: Context,
    ) -> Weights:
        """Plain gradient descent in place."""
        for epoch in range(recipe.epochs):
            orders = [self._order(split, recipe.batch_size, seeds, epoch) for split in on]
            for step, lead in enumerate(orders[0]):
                others = [order[step % len(order)] for order in orders[1:]]
                loss = objective(model, lead, *others)
                model.delta -= recipe.lr * loss.gradient
            ctx.tick((epoch + 1) / recipe.epochs)
        self.digest(model)
        return model

    def losses(self, model: Weights, batch: Batch, targets: Any = None) -> Dual:
        """Half the squared error against labels of -1 and 1."""
        labels = batch.targets if targets is None else targets
        error = batch.inputs @ model.effective - (2.0 * np.asarray(labels) - 1.0)
        return Dual(0.5 * error**2, error[:, None] * batch.inputs)

    def scores(self, model: Weights, batch: Batch) -> np.ndarray:
        """Return two logits an example."""
        score = batch.inputs @ model.effective
        return np.stack([-score, score], axis=1)

    def batches(self, split: str, size: int | None) -> Iterator[Batch]:
        """Yield a split in its own order."""
        rows = self.index(split)
        for start in range(0, len(rows), size or len(rows)):
            yield self._batch(rows[start : start + (size or len(rows))])

    def targets(self, split: str) -> np.ndarray:
        """Return the labels of a split."""
        return self.labels[self.index(split)]

    def index(self, split: str) -> np.ndarray:
        """Return the rows of a split."""
        if split not in self.places:
            raise DataError(f"the split '{split}' is not visible here; {sorted(self.places)} are")
        return self.places[split]

    def outputs(
        self, model: Weights, split: str, columns: Sequence[str]
    ) -> Mapping[str, np.ndarray]:
        """Return per-example numbers."""
        batch = self._batch(self.index(split))
        logits = self.scores(model, batch)
        shares = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
        own = batch.targets
        found = {
            "loss": self.losses(model, batch).value,
            "margin": logits[np.arange(len(own)), own] - logits[np.arange(len(own)), 1 - own],
            "entropy": -(shares * np.log(shares)).sum(1),
            "correct": logits.argmax(1) == own,
            "logits": logits,
        }
        return {column: found[column].astype(np.float32) for column in columns}

    def absent(self, split: str) -> Mapping[str, str]:
        """Nothing is lacking."""
        return {}

    def view(self, splits: Sequence[str]) -> ToyProblem:
        """Return the same problem with these splits only."""
        places = {split: rows for split, rows in self.places.items() if split in splits}
        return ToyProblem(self.inputs, self.labels, places, self.task)

    def only(self, split: str, index: np.ndarray) -> ToyProblem:
        """Return the same problem with fewer rows in a split."""
        rows = self.index(split)
        places = {**self.places, split: rows[np.isin(rows, index)]}
        return ToyProblem(self.inputs, self.labels, places, self.task)

    def fresh(self, generator: np.random.Generator) -> Weights:
        """Return weights that were never trained."""
        scale = self.task.model.arguments["scale"]
        return Weights(scale * generator.normal(size=self.inputs.shape[1]))

    def copy(self, model: Weights) -> Weights:
        """Return an independent copy; the base is never trained and is shared."""
        return Weights(model.delta.copy(), model.base)

    def digest(self, model: Weights) -> str:
        """Hash the effective weights."""
        if not np.isfinite(model.effective).all():
            raise NonFiniteError("the weights are not finite")
        return hashlib.sha256(model.effective.tobytes()).hexdigest()

    def save(self, model: Weights, path: Path) -> Artifact:
        """Write the trained numbers as JSON; an adapter names its base."""
        text = json.dumps([value.hex() for value in model.delta.tolist()])
        path.write_text(text)
        base = None if model.base is None else self.digest(Weights(model.base))
        return Artifact(path, hashlib.sha256(text.encode()).hexdigest(), base)

    def load(self, artifact: Artifact, base: Weights | None = None, device: str = "cpu") -> Weights:
        """Read the numbers back."""
        delta = np.array([float.fromhex(text) for text in json.loads(artifact.path.read_text())])
        if artifact.base is None:
            return Weights(delta)
        fixed = self._base() if base is None else base.effective
        return Weights(delta, fixed)

    def _start(self, streams: SeedStreams) -> Weights:
        model = self.fresh(streams.generator("init"))
        model.base = self._base() if self.task.model.name == "adapter" else None
        return model

    def _base(self) -> np.ndarray:
        """The pretrained weights of this task: one vector for every seed."""
        return SeedStreams("pretrained").generator("init").normal(size=self.inputs.shape[1])

    def _order(self, split: str, size: int | None, seeds: SeedStreams, epoch: int) -> list[Batch]:
        rows = self.index(split)
        if size is None:
            return [self._batch(rows)]
        rows = seeds.generator(f"order/{split}", epoch).permutation(rows)
        return [self._batch(rows[n : n + size]) for n in range(0, len(rows), size)]

    def _batch(self, rows: np.ndarray) -> Batch:
        return Batch(rows, self.inputs[rows], self.labels[rows])


def _places(forget: ForgetSet, train: int, partition: int) -> np.ndarray:
    count = forget.value
    if forget.selector == "random":
        count = round(forget.value * train)
    if not 0 < count < train:
        raise ForgetError(
            f"{forget.value} of {train} leaves {count} to forget; 1 to {train - 1} are possible"
        )
    if forget.selector == "first":
        return np.arange(count)
    draw = SeedStreams("forget", partition).generator("draw", forget.seed)
    return np.sort(draw.permutation(train)[:count])


def _recorder(model: Weights, norms: list[float], ctx: Context) -> Callable[[float], None]:
    def record(share: float) -> None:
        norms.append(float(np.linalg.norm(model.effective)))
        ctx.tick(share)

    return record


toy = Toy()
registry.domains.add("toy", toy)


@registry.method("toy-noise")
def toy_noise(original, problem, extras, seeds, ctx, *, scale: float = 0.1):
    """Add Gaussian noise: pure unlearning variance."""
    model = problem.copy(original)
    model.delta += scale * seeds.generator("noise").normal(size=model.delta.shape)
    return model


@registry.method("toy-shrink", deterministic=True)
def toy_shrink(original, problem, extras, seeds, ctx, *, factor: float = 0.5):
    """Shrink the trained numbers: a deterministic method."""
    model = problem.copy(original)
    model.delta *= factor
    return model


@registry.method("toy-rewind", deterministic=True, needs=("history:norms",))
def toy_rewind(original, problem, extras, seeds, ctx):
    """Scale the model back to its norm after the first epoch: needs the history."""
    model = problem.copy(original)
    norms = extras["history:norms"]["norms"]
    model.delta *= norms[0] / norms[-1]
    return model


@registry.metric("toy-weight-distance", level="pair", direction="lower", bounds=(0, None))
def toy_weight_distance(subjects, against, seeds, ctx):
    """Distance between the weights of a model and its reference."""
    gap = subjects[0].model().effective - against[0].model().effective
    return {"toy-weight-distance": float(np.linalg.norm(gap))}


@registry.metric("toy-probe", stochastic=True)
def toy_probe(subjects, against, seeds, ctx):
    """Output at a drawn point: a metric with evaluation noise."""
    weights = subjects[0].model().effective
    return {"toy-probe": float(weights @ seeds.generator("point").normal(size=weights.shape))}


@registry.metric(
    "toy-margin-gap", level="ensemble", direction="lower", bounds=(0, None), needs=("margin",)
)
def toy_margin_gap(subjects, against, seeds, ctx):
    """Mean over examples of the gap between average margins, unlearned against retrained."""
    ours, theirs = (
        np.mean([subject.outputs("forget")["margin"] for subject in group], axis=0)
        for group in (subjects, against)
    )
    return {"toy-margin-gap": float(np.abs(ours - theirs).mean())}
