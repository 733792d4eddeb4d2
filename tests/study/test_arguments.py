"""A signature as the schema of a study's arguments."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from seedwise.study.arguments import bind, check


def method(
    original,
    problem,
    *,
    lr: Annotated[float, Field(gt=0)] = 0.1,
    epochs: int = 3,
    kind: Literal["a", "b"] = "a",
    hidden: tuple[int, ...] = (64,),
    path: Path | None = None,
):
    return original


def required(*, path: Path, size: int):
    return path, size


def checked(code=method, folder=Path("/data"), **given):
    return check(code, given, "methods[0]", folder)


def test_defaults_are_filled_in_and_positional_parameters_are_no_arguments():
    arguments, problems = checked()
    assert problems == []
    assert arguments.full == {"lr": 0.1, "epochs": 3, "kind": "a", "hidden": [64], "path": None}
    assert arguments.changed == {}


def test_equal_to_the_default_is_not_changed_however_it_is_written():
    arguments, _ = checked(lr=0.1, hidden=[64], epochs=3.0)
    assert arguments.changed == {}
    assert checked(hidden=[64, 32])[0].changed == {"hidden": [64, 32]}


def test_paths_are_relative_to_the_study_and_never_decide():
    arguments, _ = checked(path="a/b.npz")
    assert arguments.full["path"] == "/data/a/b.npz"
    assert arguments.changed == {}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"lrr": 1}, "methods[0]: unknown argument 'lrr'; did you mean 'lr'"),
        ({"lr": "fast"}, "methods[0].lr: given 'fast'; input should be a valid number"),
        ({"lr": 0}, "methods[0].lr: given 0; input should be greater than 0"),
        ({"epochs": 1.5}, "methods[0].epochs: given 1.5"),
        ({"kind": "c"}, "methods[0].kind: given 'c'; input should be 'a' or 'b'"),
        ({"hidden": ["x"]}, "methods[0].hidden.0: given 'x'"),
        ({"hidden": 64}, "methods[0].hidden: given 64"),
    ],
)
def test_misfits_name_the_place_what_was_given_and_what_is_allowed(given, problem):
    arguments, problems = checked(**given)
    assert problems[0].startswith(problem)
    assert arguments.full == {}


def test_required_arguments_are_asked_for():
    _, problems = checked(required)
    assert problems == [
        "methods[0].path: this argument is required",
        "methods[0].size: this argument is required",
    ]


def test_locked_arguments_come_back_as_the_types_of_the_signature():
    arguments, _ = checked(path="x", hidden=[1, 2])
    bound = bind(method, arguments.full)
    assert bound["path"] == Path("/data/x")
    assert bound["hidden"] == (1, 2)
    assert bind(method, {})["lr"] == 0.1
