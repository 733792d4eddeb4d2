"""The benchmark of the planner runs on a small problem, and its plans meet their targets."""

import runpy
from pathlib import Path

import numpy as np

from seedwise.stats.demands import HalfWidth
from seedwise.stats.planner import cheapest_for, over_methods

FILE = Path(__file__).parents[2] / "benchmarks" / "planning_speed.py"


def test_every_kind_of_plan_is_timed(monkeypatch):
    module = runpy.run_path(str(FILE))
    for name, value in (("METHODS", 2), ("METRICS", 2)):
        module["times"].__globals__[name] = value
    found = module["times"](0)
    assert len(found) == 8
    assert all(seconds >= 0 for both in found.values() for seconds in both)


def test_its_pilot_estimates_the_components_it_was_made_from():
    variances, prices, pilot = runpy.run_path(str(FILE))["problem"](1)
    assert variances.train.shape == (20, 10)
    inner = pilot.runs / pilot.unlearning
    assert np.allclose(pilot.units - inner, variances.train)
    found = cheapest_for([HalfWidth(0.5)] * 10, over_methods(variances, prices), prices.least)
    assert found.fill <= 1 + 1e-9
