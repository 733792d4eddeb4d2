"""The shapes of a study file that need more than one line to tell."""

import pytest

from seedwise.errors import StudyError
from seedwise.study.load import validate


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ({"training": [1, 2], "tuning": [2]}, "a count as 'training' leaves the tuning seeds out"),
        ({"training": 3, "tuning": "a"}, "given 'a'; allowed: a count, or a list of seeds"),
        ({"training": 3, "tuning": [[0]]}, r"seeds.tuning: given \[0\] in a list"),
        ({"training": 10**12}, "a count is 0 to 100000"),
        ({"training": 3, "tuning": 10**12}, "a count is 0 to 100000"),
        ({"training": 3, "unlearning": 10**12}, "a count is 0 to 100000"),
    ],
)
def test_seeds_that_cannot_be_are_refused(seeds, message):
    study = {
        "study": "s",
        "task": {"domain": "toy", "dataset": "gaussian", "model": "linear"},
        "forget": {"first": 1},
        "methods": ["original"],
        "metrics": ["accuracy"],
    }
    with pytest.raises(StudyError, match=message):
        validate({**study, "seeds": seeds}, "s.yaml")


@pytest.mark.parametrize(
    ("forget", "title"),
    [
        ({"records": "/data/tofu/forget10.json"}, "records-forget10"),
        ({"indices": "forget.txt"}, "indices-forget.txt"),
        ({"random": 0.1, "seed": 2}, "random-0.1-seed2"),
        ({"records": "a/forget10.json", "name": "ten"}, "ten"),
    ],
)
def test_tables_call_a_forget_set_by_its_file_not_by_its_folder(forget, title):
    study = {
        "study": "s",
        "task": {"domain": "toy", "dataset": "gaussian", "model": "linear"},
        "forget": forget,
        "methods": ["retrain"],
        "metrics": ["loss"],
        "seeds": {"training": 2},
    }
    assert validate(study, "study.yaml").forget[0].title == title
