"""What a study needs of every built-in method before torch is there."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys

import pytest
from pydantic import TypeAdapter, ValidationError

from seedwise.registry import methods

BUILTIN = [n for n in methods if methods[n].function.__module__.startswith("seedwise.methods.")]


def schema(name):
    parameters = inspect.signature(methods[name].function, eval_str=True).parameters
    return {n: p for n, p in parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}


def test_importing_every_method_loads_no_torch():
    script = (
        "import sys\n"
        "from seedwise.registry import methods\n"
        "[methods[name] for name in methods]\n"
        "assert not {'torch', 'sklearn'} & set(sys.modules)\n"
    )
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | paths, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", BUILTIN)
def test_every_default_passes_its_own_annotation(name):
    assert methods[name].name == name
    for argument in schema(name).values():
        TypeAdapter(argument.annotation).validate_python(argument.default)


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [
        ("finetune", "epochs", 0),
        ("finetune", "lr", -0.1),
        ("finetune", "optimizer", "sdg"),
        ("gradient-ascent", "batch_size", 0),
        ("neg-grad-plus", "alpha", 1.5),
        ("random-labels", "momentum", -1),
        ("ssd", "importance", "batches"),
        ("ssd", "alpha", 0),
        ("npo", "beta", 0),
        ("grad-diff", "retain", "ce"),
        ("ceu", "skip", -1),
        ("rmu", "layer", 0),
    ],
)
def test_values_out_of_range_are_refused(name, argument, value):
    with pytest.raises(ValidationError):
        TypeAdapter(schema(name)[argument].annotation).validate_python(value)


@pytest.mark.parametrize("name", BUILTIN)
def test_every_argument_is_explained(name):
    text = inspect.getdoc(methods[name].function)
    for argument in schema(name):
        assert f"    {argument}: " in text
