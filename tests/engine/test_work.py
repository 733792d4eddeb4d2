"""Performing one work item in this process."""

import pytest

from seedwise.engine.schedule import next_cells
from seedwise.engine.work import perform
from seedwise.errors import StoreError


@pytest.fixture
def item(lab):
    lock = lab.lock()
    return {
        "lock": str(lab.store.lock_path(lock.study)),
        "lock_hash": lock.digest,
        "store": str(lab.root),
        "device": "cpu",
        "retry": False,
        "states": ["missing"],
        "ensembles": [],
        "cells": next_cells(lab.snapshot(), ["missing"], 1, set())[0],
    }


def states(item):
    return [detail["state"] for detail in perform(item, lambda key, share: None)]


def test_every_cell_is_made_then_measured_as_far_as_its_models_are_there(item):
    said = states(item)
    assert said.count("started") == said.count("done") == len(item["cells"])
    assert "measured" in said
    assert said[0] == "started"
    assert said.index("done") < said.index("measured")


def test_what_is_done_is_left_alone(item):
    states(item)
    assert states(item) == []


def test_a_cell_that_another_process_holds_is_busy_and_skipped(item, lab, monkeypatch):
    held = item["cells"][0]
    really = type(lab.store).claim
    monkeypatch.setattr(
        type(lab.store), "claim", lambda self, key, ttl: key != held and really(self, key, ttl)
    )
    said = list(perform(item, lambda key, share: None))
    assert {"cell": held, "state": "busy"} in said
    assert held not in {detail["cell"] for detail in said if detail["state"] == "done"}


def test_no_claim_is_left_behind(item, lab):
    states(item)
    assert list((lab.root / "claims").iterdir()) == []


def test_a_study_that_was_resolved_anew_is_not_mixed_in(item, lab):
    lab.lock("seeds.training=4")
    with pytest.raises(StoreError, match="was resolved anew while it ran; run it again"):
        states(item)


def test_progress_within_a_cell_is_told_by_its_key(item):
    told = []
    list(perform(item, lambda key, share: told.append((key, share))))
    assert {key for key, _ in told} <= set(item["cells"])
    assert all(0 <= share <= 1 for _, share in told)
    assert told
