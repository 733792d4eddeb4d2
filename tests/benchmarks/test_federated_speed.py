"""The benchmark of federated cells runs, and its bare loops learn what the cells learn."""

import runpy
import sys
from pathlib import Path

import pytest
import torch

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def speed(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    return runpy.run_path(str(FOLDER / "federated_speed.py"))


@pytest.mark.parametrize(
    ("study", "loop"), [("DIGITS", "bare_digits"), ("RANKING", "bare_ranking")]
)
def test_a_cell_is_timed_beside_a_bare_loop(speed, study, loop):
    speed[loop].__globals__["ROUNDS"] = 1
    short = speed[study].replace("rounds: 20", "rounds: 1")
    assert short != speed[study]
    assert speed["overhead"](short, speed[loop](), 1) > 0


def test_the_bare_ranker_learns(speed):
    loop, seen = speed["bare_ranking"](), {}
    for lr in (0.0, 0.1):
        torch.manual_seed(0)
        speed["bare_ranking"].__globals__["LR"] = lr
        seen[lr] = loop()
    assert 0 < seen[0.0] < seen[0.1] < speed["ROUNDS"]
