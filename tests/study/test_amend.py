"""Amending a study file changes seeds and nothing else."""

import pytest

from seedwise.errors import StudyError
from seedwise.study.amend import amend_seeds
from seedwise.study.load import validate
from seedwise.study.yaml import parse

HEAD = """\
# my study
study: s
task: {domain: toy, dataset: gaussian, model: linear}   # the toy
forget: {random: 0.2}
methods: [retrain, finetune]
metrics: [loss]
"""
FORMS = {
    "flow": "seeds: {training: 3, unlearning: 2}  # few\n",
    "block": "seeds:\n  training: 3   # originals\n  unlearning: 2 # runs\n",
    "block first": "seeds:\n  training: [0, 1, 2]\n\n  # runs\n  unlearning: 2\n",
    "block list": "seeds:\n  training:\n    - 0\n    - 1\n    - 2\n  unlearning: 2\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_counts_grow_and_everything_else_stays(form):
    text = HEAD + FORMS[form]
    wanted = {"training": 8, "unlearning": 5, "evaluation": 4}
    found = amend_seeds(text, "s.yaml", wanted)
    seeds = validate(parse(found, "s.yaml"), "s.yaml").seeds
    assert [len(getattr(seeds, level)) for level in wanted] == [8, 5, 4]
    assert found.startswith(HEAD)
    assert [line.partition("#")[2] for line in found.splitlines() if "#" in line] == [
        line.partition("#")[2] for line in text.splitlines() if "#" in line
    ]


def test_a_list_keeps_its_labels_and_leaves_tuning_seeds_alone():
    text = HEAD + "seeds:\n  training: [10, 11]  # mine\n  tuning: [12, 0]\n"
    found = amend_seeds(text, "s.yaml", {"training": 4})
    assert "  training: [10, 11, 13, 14]  # mine\n" in found


def test_what_is_enough_stays():
    text = HEAD + FORMS["block"]
    assert amend_seeds(text, "s.yaml", {"training": 2, "unlearning": 2, "partition": 1}) == text


def test_no_study_is_refused():
    with pytest.raises(StudyError, match=r"s\.yaml: "):
        amend_seeds("study: s\n", "s.yaml", {"training": 8})
