from __future__ import annotations

from types import SimpleNamespace

from seedwise.metrics.splits import evaluated

PROBLEM = SimpleNamespace(fingerprints={"test": "", "train": "", "forget": ""})


def test_the_usual_splits_that_exist_in_their_usual_order():
    assert evaluated(PROBLEM, None) == ("forget", "test")


def test_what_was_asked_for_is_not_filtered():
    assert evaluated(PROBLEM, ["nowhere"]) == ("nowhere",)
