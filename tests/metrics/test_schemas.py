"""What a study needs of every built-in metric before torch is there."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys

import pytest
from pydantic import TypeAdapter

from seedwise.registry import domains, metrics

BUILTIN = [n for n in metrics if metrics[n].function.__module__.startswith("seedwise.metrics.")]


def test_importing_every_metric_loads_neither_torch_nor_scikit_learn():
    script = (
        "import sys\n"
        "from seedwise.registry import metrics\n"
        "[metrics[name] for name in metrics]\n"
        "assert not {'torch', 'sklearn'} & set(sys.modules)\n"
    )
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | paths, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", BUILTIN)
def test_specs_and_schemas_hold_together(name):
    metric = metrics[name]
    assert metric.name == name
    offered = {column for domain in domains for column in domains[domain].columns}
    assert set(metric.spec.needs) <= offered
    text = inspect.getdoc(metric.function)
    for given in inspect.signature(metric.function, eval_str=True).parameters.values():
        if given.kind is inspect.Parameter.KEYWORD_ONLY:
            TypeAdapter(given.annotation).validate_python(given.default)
        assert f"    {given.name}: " in text
