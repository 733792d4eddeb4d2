from __future__ import annotations

from seedwise.report.facts import Fact, fact_rows


def test_nothing_gives_nothing():
    assert fact_rows({"device": None, "versions": {}}) == ()


def test_nested_facts_lists_numbers_and_durations():
    facts = {"seeds": [0, 1], "cost": {"train": {"wall_s": 90}, "cells": 12}, "share": 0.25}
    assert fact_rows(facts) == (
        Fact("seeds", "0, 1"),
        Fact("cost: train: wall", "1 min 30 s"),
        Fact("cost: cells", "12"),
        Fact("share", "0.25"),
    )
