"""JSON as evaluation code writes it."""

import math

import pytest

from seedwise.errors import TableError
from seedwise.interop.json_files import by_index, number, read_object


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1, 1.0),
        (0.5, 0.5),
        ([1.0, 2.0], 1.5),
        ([[1.0, 2.0], [3.0]], 2.25),
        ([None, "x"], None),
        ([], None),
        (None, None),
        ("0.5", None),
        (True, None),
        ({"a": 1}, None),
    ],
)
def test_numbers(given, expected):
    assert number(given) == expected


def test_nan_is_a_number():
    assert math.isnan(number(float("nan")))
    assert math.isnan(number([1.0, None]))


def test_dicts_and_lists_are_alike():
    assert by_index({0: "a", "1": "b"}) == by_index(["a", "b"]) == {"0": "a", "1": "b"}
    assert by_index(None) == {}


def test_literals_that_json_lacks(tmp_path):
    file = tmp_path / "x.json"
    file.write_text('{"a": NaN, "b": Infinity, "c": null}')
    found = read_object(file)
    assert math.isnan(found["a"])
    assert (found["b"], found["c"]) == (math.inf, None)


def test_what_cannot_be_read(tmp_path):
    with pytest.raises(TableError, match="cannot be read: No such file"):
        read_object(tmp_path / "none.json")
    (tmp_path / "x.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TableError, match="is not JSON"):
        read_object(tmp_path / "x.json")
