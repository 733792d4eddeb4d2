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
methods: [retrain, finetune, "ssd", {name: ssd, label: "a: b"}]
metrics: [loss]
"""
FORMS = {
    "flow": "seeds: {training: 3, unlearning: 2}  # few\n",
    "block": "seeds:\n  training: 3   # originals\n  unlearning: 2 # runs\n",
    "block first": "seeds:\n  training: [0, 1, 2]\n\n  # runs\n  unlearning: 2\n",
    "block list": "seeds:\n  training:\n    - 0\n    - 1\n    - 2\n  # runs\n  unlearning: 2\n",
    "block list last": "seeds:\n  unlearning: 2\n  training:\n    - 0\n    - 1\n\n# K\nkeep: all\n",
}
METHODS = ("finetune", "ssd", "a: b")


@pytest.mark.parametrize("form", FORMS)
def test_counts_grow_and_everything_else_stays(form):
    text = HEAD + FORMS[form]
    wanted = {"training": 8, "evaluation": 4}
    found = amend_seeds(text, "s.yaml", wanted, dict.fromkeys(METHODS, 5))
    seeds = validate(parse(found, "s.yaml"), "s.yaml").seeds
    assert [len(getattr(seeds, level)) for level in wanted] == [8, 4]
    assert seeds.unlearning == (0, 1, 2, 3, 4)
    assert found.startswith(HEAD)
    assert [line.partition("#")[2] for line in found.splitlines() if "#" in line] == [
        line.partition("#")[2] for line in text.splitlines() if "#" in line
    ]


def test_a_list_keeps_its_labels_and_leaves_tuning_seeds_alone():
    text = HEAD + "seeds:\n  training: [10, 11]  # mine\n  tuning: [12, 0]\n"
    found = amend_seeds(text, "s.yaml", {"training": 4})
    assert "  training: [10, 11, 13, 14]  # mine\n" in found
    longer = amend_seeds(text, "s.yaml", {"training": 40})
    assert "  training: [10, 11, 13-50]  # mine\n" in longer


def test_what_is_enough_stays():
    text = HEAD + FORMS["block"]
    assert amend_seeds(text, "s.yaml", {"training": 2, "partition": 1}, {"ssd": 1}) == text


@pytest.mark.parametrize(
    ("given", "runs", "expected"),
    [
        ("unlearning: 2", {"finetune": 5, "ssd": 1}, "unlearning: {default: 2, finetune: 5}"),
        ("unlearning: 2", {"finetune": 2, "retrain": 9}, "unlearning: 2"),
        ("unlearning: [3]", {"ssd": 4}, "unlearning: {default: [3], ssd: [3-6]}"),
        ("tuning: []", {"a: b": 3}, 'tuning: [], unlearning: {default: 1, "a: b": 3}'),
        ("unlearning: {}", {"ssd": 2}, "unlearning: {default: 1, ssd: 2}"),
        ("unlearning: {ssd: 2}", {"ssd": 3, "finetune": 4}, "unlearning: {ssd: 3, finetune: 4}"),
        (
            "unlearning: {default: 3, 'a: b': [7]}",
            {"a: b": 2, "ssd": 2},
            "unlearning: {default: 3, 'a: b': [7, 8]}",
        ),
    ],
)
def test_methods_get_their_own_numbers(given, runs, expected):
    text = HEAD + "seeds: {training: 3, %s}  # few\n"
    assert amend_seeds(text % given, "s.yaml", {}, runs) == text % expected


def test_methods_named_line_by_line_stay_so():
    text = HEAD + (
        "seeds:\n  training: 3\n  unlearning:\n    default: 2  # cheap ones\n"
        "    finetune: 2  # slow\n  # K\n  evaluation: 2\n"
    )
    found = amend_seeds(text, "s.yaml", {"evaluation": 3}, {"finetune": 4, "ssd": 3})
    assert found == text.replace("finetune: 2  # slow", "finetune: 4  # slow\n    ssd: 3").replace(
        "evaluation: 2", "evaluation: 3"
    )


def test_a_method_of_another_study_is_refused():
    with pytest.raises(StudyError, match="no method 'finetun'; did you mean 'finetune'"):
        amend_seeds(HEAD + FORMS["flow"], "s.yaml", {}, {"finetun": 3})


def test_no_study_is_refused():
    with pytest.raises(StudyError, match=r"s\.yaml: "):
        amend_seeds("study: s\n", "s.yaml", {"training": 8})
