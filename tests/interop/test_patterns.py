"""Seeds and methods told by names."""

import pytest

from seedwise.errors import TableError
from seedwise.interop.patterns import Pattern, Place


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("{method}_{training_seed}_{unlearning_seed}", "a_b_1_2", Place("", "a_b", 1, 2)),
        ("{task}/{*}/{method}/{training_seed}", "t/x/y/retrain/3", Place("t", "retrain", 3, None)),
        (
            "{method}.{training_seed}[.{unlearning_seed}]",
            "original.0.7",
            Place("", "original", 0, None),
        ),
    ],
)
def test_places(pattern, name, expected):
    assert Pattern.parse(pattern).place(name) == expected


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{methd}_{training_seed}", "no field 'methd'; did you mean 'method'"),
        ("{method}", "lacks {training_seed}"),
        ("{method}{method}{training_seed}", "names 'method' twice"),
        ("{method}[{training_seed}", "bracket is not closed"),
    ],
)
def test_patterns_that_cannot_be_read(pattern, message):
    with pytest.raises(TableError, match=message):
        Pattern.parse(pattern)


@pytest.mark.parametrize(
    ("name", "message"),
    [("npo-1", "does not follow --pattern"), ("npo_1", "tells no unlearning_seed")],
)
def test_names_that_do_not_tell(name, message):
    with pytest.raises(TableError, match=message):
        Pattern.parse("{method}_{training_seed}[_{unlearning_seed}]").place(name)


@pytest.mark.parametrize("given", ["full", "saves/full_0", "full_0", "*full*"])
def test_baselines_may_be_called_otherwise(given):
    pattern = "saves/{method}_{training_seed}[_{unlearning_seed}]"
    named = Pattern.parse(pattern, original=[given], reference=["ret"])
    assert named.place("saves/full_0") == Place("", "original", 0, None)
    assert named.place("saves/ret_3") == Place("", "retrain", 3, None)
    assert named.place("saves/npo_3_1") == Place("", "npo", 3, 1)
    with pytest.raises(TableError, match="give --original target or --reference target"):
        named.place("saves/target_0")


def test_dots_are_dots():
    with pytest.raises(TableError, match="does not follow"):
        Pattern.parse("{method}.{training_seed}").place("npox1")
