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


@pytest.mark.parametrize("name", ["runtime", "peak-memory", "communication", "history-size"])
def test_costs_are_views_of_records(name):
    spec = metrics[name].spec
    assert (spec.level, spec.direction, spec.needs) == ("record", "lower", ())


TRAINED = {"wall": {"train": 1.0}}


def test_what_was_sent_is_a_view_of_the_counts(subject, measure):
    counts = {"communication": 3e6, "rounds": 4.0, "history": 5e5}
    one = subject(record={"clocks": TRAINED, "counts": counts})
    assert measure("communication", one) == {
        "communication/MB": 3.0,
        "communication/rounds": 4.0,
    }
    assert measure("history-size", one) == {"history-size": 0.5}


def test_what_sends_nothing_has_sent_nothing(subject, measure):
    one = subject(record={"clocks": {"wall": {"unlearn": 1.0}}, "counts": {}})
    assert set(measure("communication", one).values()) == {0.0}
    assert measure("history-size", one) == {"history-size": 0.0}


@pytest.mark.parametrize("record", [{"clocks": {"wall": {}}, "counts": {}}, {"clocks": TRAINED}])
def test_what_was_not_counted_is_unknown(subject, measure, record):
    for name in ("communication", "history-size"):
        assert all(math.isnan(value) for value in measure(name, subject(record=record)).values())
