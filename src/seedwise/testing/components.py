"""The promises of a method and of a metric."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

from seedwise.contracts import COLUMNS, Context, Method, Metric, Problem
from seedwise.engine.trial import trial
from seedwise.seeds import NoStreams, SeedStreams


class MethodConformance:
    """Subclass it, set `method` (and `arguments`), and say on what `problem` to try it."""

    method: Method
    arguments: Mapping[str, Any] = {}

    def problem(self) -> Problem[Any]:
        """Return a problem of a domain that the method works on."""
        raise NotImplementedError

    def test_every_promise_is_kept(self) -> None:
        """It runs, owns its copy, stays finite, does something, and draws as it declares."""
        made = trial(self.method, self.problem(), arguments=self.arguments)
        broken = [f"{f.check}: {f.message}" for f in made.findings() if not f.passed]
        assert not broken, "; ".join(broken)


@dataclass(frozen=True)
class Model:
    """A `Subject` for tests of metrics."""

    problem: Problem[Any]
    trained: Any
    seeds: SeedStreams
    columns: tuple[str, ...]
    record: Mapping[str, Any]

    @property
    def hash(self) -> str:
        """Digest of the model."""
        return self.problem.digest(self.trained)

    def outputs(self, split: str) -> Mapping[str, np.ndarray]:
        """Return the columns of a split."""
        return self.problem.outputs(self.trained, split, self.columns)

    def model(self) -> Any:
        """Return the model."""
        return self.trained


class MetricConformance:
    """Subclass it, set `metric` (and `arguments`), and say on what `problem` to try it."""

    metric: Metric
    arguments: Mapping[str, Any] = {}

    def problem(self) -> Problem[Any]:
        """Return a problem of a domain that the metric works on."""
        raise NotImplementedError

    @cache  # noqa: B019 - a test class lives as long as its tests
    def models(self) -> list[Model]:
        """Return two trained models as subjects."""
        problem = self.problem()
        streams = [SeedStreams("train", 0, seed) for seed in (0, 1)]
        columns = (*COLUMNS, *self.metric.spec.columns)
        record = {"clocks": {"wall": {"train": 1.0}}, "peak_memory": 1, "stage": "train"}
        return [
            Model(problem, done.model, seeds, tuple(dict.fromkeys(columns)), record)  # pyright: ignore
            for seeds, done in zip(streams, problem.train("train", streams, Context()), strict=True)
        ]

    def value(self, evaluation: int = 0) -> Mapping[str, float]:
        """Return the metric's values on the first model (against the second)."""
        spec, models = self.metric.spec, self.models()
        against: Sequence[Model] = models[1:] if spec.level in ("pair", "ensemble") else []
        scope = f"metric/{spec.name}"
        streams = SeedStreams(scope, 0, 0, 0, evaluation) if spec.stochastic else NoStreams(scope)
        return self.metric.function(models[:1], against, streams, Context(), **self.arguments)

    def test_values_are_named_finite_and_within_bounds(self) -> None:
        """Names are the metric's own; values respect the declared bounds."""
        low, high = self.metric.spec.bounds
        for name, value in self.value().items():
            assert name.partition("/")[0] == self.metric.name
            assert math.isfinite(value)
            assert low is None or value >= low
            assert high is None or value <= high

    def test_equal_seeds_give_equal_values(self) -> None:
        """The same models and the same evaluation seed give the same bits."""
        assert dict(self.value()) == dict(self.value())

    def test_it_draws_as_declared(self) -> None:
        """A stochastic metric depends on its evaluation seed; others are closed to it."""
        if not self.metric.spec.stochastic:
            pytest.skip("it declares no randomness, and its streams are closed")
        assert len({tuple(self.value(k).values()) for k in range(6)}) > 1

    def test_it_leaves_the_model_alone(self) -> None:
        """Measuring changes no parameter."""
        before = [model.hash for model in self.models()]
        self.value()
        assert [model.hash for model in self.models()] == before
