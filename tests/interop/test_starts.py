"""Which training seed a trained model is."""

import pytest

from seedwise.errors import TableError
from seedwise.interop.starts import Trained, pairs, resolved, same_path, training_seeds


def test_counted_in_natural_order_around_seeds_that_are_taken():
    models = [Trained(f"m{i}") for i in (10, 2, 1)]
    assert training_seeds(models, {"m2": 0}) == {"m1": 1, "m2": 0, "m10": 2}


@pytest.mark.parametrize("seeds", [(5, 5), (5, None)])
def test_own_seeds_only_where_they_tell_models_apart(seeds):
    models = [Trained(name, seed) for name, seed in zip("ab", seeds, strict=True)]
    assert training_seeds(models, {}) == {"a": 0, "b": 1}


def test_own_seeds_give_way_to_given_ones():
    assert training_seeds([Trained("a", 5), Trained("b", 6)], {"a": 6}) == {"a": 6, "b": 0}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("x/a", "./x/a/", True),
        ("/data/saves/x/a", "x/a", True),
        ("x/a", "/data/saves/x/a", True),
        ("x/ba", "a", False),
    ],
)
def test_paths(one, other, same):
    assert same_path(one, other) is same


def test_a_name_that_fits_several():
    with pytest.raises(TableError, match="may be x/a or y/a; write more of it"):
        resolved({"a": 0}, ["x/a", "y/a"])


@pytest.mark.parametrize("given", ["a", "=1", "a=", "a=x", "a=-1"])
def test_pairs_that_are_none(given):
    with pytest.raises(TableError, match="write it as PATH=SEED"):
        pairs([given])


def test_pairs():
    assert pairs(["a=b=1", "c=02"]) == {"a=b": 1, "c": 2}
    with pytest.raises(TableError, match="given twice"):
        pairs(["a=1", "a=2"])
