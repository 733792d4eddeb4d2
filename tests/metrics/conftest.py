from __future__ import annotations

from types import SimpleNamespace

import pytest

from seedwise.contracts import Context
from seedwise.registry import metrics
from seedwise.seeds import NoStreams, SeedStreams


class Subject:
    """A model under evaluation that is nothing but its outputs and its record."""

    hash = "none"
    seeds = NoStreams("none")

    def __init__(self, outputs=None, record=None):
        self._outputs = outputs or {}
        self.problem = SimpleNamespace(fingerprints=dict.fromkeys(self._outputs, ""))
        self.record = record or {}

    def outputs(self, split):
        return self._outputs[split]

    def model(self):
        raise AssertionError("built-in metrics read outputs, not models")


@pytest.fixture
def subject():
    return Subject


@pytest.fixture
def measure():
    """Run a metric as the engine does: streams only where it declares randomness."""

    def run(name, subject, against=None, evaluation=0, **arguments):
        metric = metrics[name]
        seeds = SeedStreams if metric.spec.stochastic else NoStreams
        streams = seeds(f"metric/{name}", training=0, evaluation=evaluation)
        others = [] if against is None else [against]
        found = metric.function([subject], others, streams, Context(), **arguments)
        assert all(value_name.split("/")[0] == name for value_name in found)
        assert all(type(value) is float for value in found.values())
        return dict(found)

    return run
