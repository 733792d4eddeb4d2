"""The file that numbers a forget set."""

import json

import numpy as np
import pytest

from seedwise.domains.indices import read_indices
from seedwise.errors import ForgetError


@pytest.fixture(params=["txt", "json", "npy"])
def written(request, tmp_path):
    path = tmp_path / f"forget.{request.param}"

    def write(numbers):
        if request.param == "npy":
            np.save(path, np.array(numbers))
        elif request.param == "json":
            path.write_text(json.dumps(numbers))
        else:
            path.write_text("\n".join(str(number) for number in numbers))
        return path

    return write


def test_numbers_come_back_sorted_from_every_kind_of_file(written):
    found = read_indices(written([7, 0, 3]), 10, "example")
    assert found.tolist() == [0, 3, 7]
    assert found.dtype == np.int64


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ([3, 10], "names example 10; allowed: 0 to 9"),
        ([-1], "names example -1; allowed: 0 to 9"),
        ([2, 2, 5], "names examples more than once: 2; remove the repetitions"),
    ],
)
def test_numbers_that_cannot_be_are_named(written, numbers, message):
    with pytest.raises(ForgetError, match=message):
        read_indices(written(numbers), 10, "example")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "1 two", "cannot be read as a list of integers: invalid literal"),
        ("a.json", "[1,", "cannot be read as a list of integers: Expecting value"),
        ("a.json", "[[1, 2]]", "must hold one flat list of integers"),
        ("a.json", "[1.5]", "must hold one flat list of integers, not float64"),
        ("a.npy", "junk", "cannot be read as a list of integers"),
    ],
)
def test_a_file_that_is_no_list_of_integers_is_said(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(ForgetError, match=message):
        read_indices(tmp_path / name, 10, "example")


def test_a_missing_file_is_said_once(tmp_path):
    with pytest.raises(ForgetError) as error:
        read_indices(tmp_path / "none.txt", 10, "example")
    assert str(error.value).endswith("integers: No such file or directory")
    assert str(error.value).count("none.txt") == 1


def test_an_empty_file_names_nothing(tmp_path):
    (tmp_path / "a.txt").touch()
    assert read_indices(tmp_path / "a.txt", 10, "example").size == 0
