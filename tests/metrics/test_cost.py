from __future__ import annotations

import math

import pytest

from seedwise.registry import metrics


@pytest.mark.parametrize(
    ("wall", "seconds"),
    [
        ({"data": 9.0, "train": 2.5, "evaluate": 7.0}, 2.5),
        ({"data": 9.0, "unlearn": 0.5, "evaluate": 7.0}, 0.5),
    ],
)
def test_runtime_is_the_phase_that_made_the_model(subject, measure, wall, seconds):
    assert measure("runtime", subject(record={"clocks": {"wall": wall}})) == {"runtime": seconds}


def test_a_model_made_elsewhere_has_no_runtime(subject, measure):
    found = measure("runtime", subject(record={"clocks": {"wall": {}}}))
    assert math.isnan(found["runtime"])


def test_peak_memory_is_in_megabytes(subject, measure):
    found = measure("peak-memory", subject(record={"peak_memory": 250_000_000}))
    assert found == {"peak-memory": 250.0}
    unknown = measure("peak-memory", subject(record={"peak_memory": None}))
    assert math.isnan(unknown["peak-memory"])


@pytest.mark.parametrize("name", ["runtime", "peak-memory"])
def test_costs_are_views_of_records(name):
    spec = metrics[name].spec
    assert (spec.level, spec.direction, spec.needs) == ("record", "lower", ())
