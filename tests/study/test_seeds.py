"""Counts, lists, ranges, and unlearning seeds per method."""

import pytest

from seedwise.study.seeds import Seeds, labels, written


@pytest.mark.parametrize(
    ("given", "training"),
    [
        ({"training": 3}, (0, 1, 2)),
        ({"training": 3, "tuning": [0, 1]}, (2, 3, 4)),
        ({"training": 3, "tuning": 2}, (2, 3, 4)),
        ({"training": 3, "tuning": [1]}, (0, 2, 3)),
        ({"training": 3, "tuning": ["1-2", 4]}, (0, 3, 5)),
        ({"training": [7, 5], "tuning": 4}, (7, 5)),
        ({"training": ["3-5", 0]}, (3, 4, 5, 0)),
    ],
)
def test_a_count_of_training_seeds_leaves_the_tuning_seeds_out(given, training):
    assert Seeds.model_validate(given).training == training


@pytest.mark.parametrize(
    ("unlearning", "ssd", "npo"),
    [
        (2, (0, 1), (0, 1)),
        ({"default": 2}, (0, 1), (0, 1)),
        ({"npo": 3}, (0,), (0, 1, 2)),
        ({"default": 2, "npo": ["4-6"]}, (0, 1), (4, 5, 6)),
        ({}, (0,), (0,)),
    ],
)
def test_each_method_has_its_own_unlearning_seeds_or_the_default(unlearning, ssd, npo):
    seeds = Seeds.model_validate({"training": 2, "unlearning": unlearning})
    assert (seeds.unlearning_of("ssd"), seeds.unlearning_of("npo")) == (ssd, npo)
    again = Seeds.model_validate_json(seeds.model_dump_json())
    assert again == seeds


def test_one_number_for_all_is_the_same_however_it_is_said():
    said = [{"default": 3}, 3, [0, 1, 2], ["0-2"]]
    assert {Seeds(training=(0,), unlearning=one).model_dump_json() for one in said} == {
        Seeds(training=(0,), unlearning=(0, 1, 2)).model_dump_json()
    }


def test_j_is_said_as_a_range_over_the_methods_there_are():
    seeds = Seeds.model_validate({"training": 2, "unlearning": {"npo": 5, "ssd": 2}})
    assert seeds.said_J(["npo", "ssd"]) == "2-5"
    assert seeds.said_J(["npo", "ssd", "rmu"]) == "1-5"
    assert seeds.said_J(["npo"]) == "5"
    assert seeds.said_J([]) == "1"


def test_the_first_seed_of_every_level():
    seeds = Seeds.model_validate(
        {"training": [4, 5], "unlearning": {"npo": [7, 8]}, "evaluation": 3, "tuning": 2}
    )
    assert seeds.first() == Seeds(training=(4,), unlearning={"npo": (7,)}, evaluation=(0,))


@pytest.mark.parametrize(
    "seeds", [(0,), (0, 1, 2), (1,), (5, 6), (2, 3, 4), (9, 8, 7), (0, 1, 2, 3, 50, 60, 61, 62)]
)
def test_what_is_written_is_read_back(seeds):
    text = written(seeds)
    entries = text.strip("[]").split(", ")
    given = [one if "-" in one else int(one) for one in entries] if "[" in text else int(text)
    assert labels(given) == seeds


def test_runs_of_three_are_written_as_ranges():
    assert written((0, 1, 2, 3, 50)) == "[0-3, 50]"
    assert written((4, 5, 7, 8, 9)) == "[4, 5, 7-9]"
