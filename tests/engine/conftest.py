"""Work items of the toy study, and a study whose runs take their time."""

import pytest

from seedwise.engine.schedule import next_cells

METHODS = "methods: [original, retrain, finetune, toy-noise, toy-shrink]"


SLOW = """
import time
from pathlib import Path
HERE = Path(__file__).parent

@sw.method("slow")
def slow(original, problem, extras, seeds, ctx, *, seconds: float = 0.15):
    time.sleep(seconds)
    model = problem.copy(original)
    model.delta += seeds.generator("noise").normal(size=6)
    return model

@sw.method("endless")
def endless(original, problem, extras, seeds, ctx):
    while (HERE / "armed").exists():
        time.sleep(0.01)
    return slow.function(original, problem, extras, seeds, ctx, seconds=0.0)

@sw.method("deadly")
def deadly(original, problem, extras, seeds, ctx):
    if seeds.training == 1 and (HERE / "armed").exists():
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
    return slow.function(original, problem, extras, seeds, ctx, seconds=0.0)
"""


@pytest.fixture
def slow_lab(lab):
    lab.plugin(SLOW)
    return lab


class Items:
    """What the conformance suite of executors runs."""

    def items(self, tmp_path):
        from tests.conftest import Lab

        tmp_path.mkdir(exist_ok=True)
        lab = Lab(tmp_path)
        lock = lab.lock()
        cells = next_cells(lab.snapshot(), ["missing"], 1, set())
        common = {
            "lock": str(lab.store.lock_path(lock.study)),
            "lock_hash": lock.digest,
            "store": str(lab.root),
            "device": "cpu",
            "retry": False,
            "states": ["missing"],
            "ensembles": [],
        }
        return [{**common, "cells": keys} for keys in cells]
