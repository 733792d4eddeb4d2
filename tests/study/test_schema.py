"""The schema and the spec accept the same study files."""

from pathlib import Path

import jsonschema
import pytest
from tests.conftest import TOY
from tests.study.test_load import STUDY, changed

from seedwise.errors import StudyError
from seedwise.study import yaml
from seedwise.study.load import validate
from seedwise.study.schema import study_schema

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


@pytest.fixture(scope="module")
def schema():
    found = study_schema()
    validator = jsonschema.validators.validator_for(found)
    validator.check_schema(found)
    return validator(found)


def accepted_by_the_spec(study):
    try:
        validate(study, "s.yaml")
    except StudyError:
        return False
    return True


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_accepted(schema, path):
    schema.validate(yaml.read(path))


def test_the_studies_of_the_tests_are_accepted(schema):
    schema.validate(STUDY)
    schema.validate(yaml.parse(TOY, "toy.yaml"))


@pytest.mark.parametrize(
    "parts",
    [
        {"seeds": {"training": [5, 6], "unlearning": 2, "partition": [1], "tuning": 3}},
        {"seeds": {"training": 100_000, "tuning": 0, "evaluation": [2**63 - 1]}},
        {"seeds": {"training": 1, "tuning": []}},
        {"seeds": {"training": ["0-39", 50], "unlearning": ["1-1"], "tuning": ["60-61"]}},
        {"seeds": {"training": 1, "unlearning": {"default": 3, "ssd": [4, "7-9"]}}},
        {"seeds": {"training": 1, "unlearning": {}}},
        {"forget": [{"class": 3}, {"random": 0.1, "seed": 4}, {"class": 1, "name": "ones"}]},
        {"forget": {"indices": "a.txt", "seed": 0, "name": "mine"}},
        {"methods": [{"name": "ssd", "label": None}]},
        {"keep": "1.5 GB", "reference": "paired", "plugins": ["a.py"], "originals": "{x}.pt"},
        {"keep": "500MB", "originals": None},
        {"task": {"domain": "v", "dataset": {"name": "x", "path": "y"}, "model": "m", "train": {}}},
    ],
)
def test_what_the_spec_accepts_the_schema_accepts(schema, parts):
    study = changed(**parts)
    assert accepted_by_the_spec(study)
    schema.validate(study)


@pytest.mark.parametrize(
    "parts",
    [
        {"metod": []},
        {"study": "a b"},
        {"study": 3},
        {"seeds": 3},
        {"seeds": {"unlearning": 3}},
        {"seeds": {"training": 0}},
        {"seeds": {"training": []}},
        {"seeds": {"training": 2.5}},
        {"seeds": {"training": True}},
        {"seeds": {"training": 100_001}},
        {"seeds": {"training": [1, 1]}},
        {"seeds": {"training": [-1]}},
        {"seeds": {"training": [2**63]}},
        {"seeds": {"training": ["a"]}},
        {"seeds": {"training": 3, "tuning": -1}},
        {"seeds": {"train": 3}},
        {"seeds": {"training": ["0 to 39"]}},
        {"seeds": {"training": "0-39"}},
        {"seeds": {"training": {"ssd": 3}}},
        {"seeds": {"training": 1, "unlearning": {"ssd": 0}}},
        {"seeds": {"training": 1, "unlearning": {"ssd": "3"}}},
        {"seeds": {"training": 1, "unlearning": {"ssd": {"default": 3}}}},
        {"methods": "ssd"},
        {"methods": []},
        {"methods": ["ssd", "ssd"]},
        {"methods": [{"label": "ssd"}]},
        {"methods": [{"name": "ssd", "label": 3}]},
        {"metrics": {"name": "accuracy"}},
        {"forget": []},
        {"forget": "class"},
        {"forget": {}},
        {"forget": {"class": 3, "random": 0.1}},
        {"forget": {"class": 3, "random": 0.1, "seed": 1}},
        {"forget": {"seed": 1, "name": "x"}},
        {"forget": {"seed": 1}},
        {"forget": {"class": 3, "seed": -1}},
        {"keep": "some"},
        {"keep": "auto, please"},
        {"keep": "5"},
        {"reference": "shared"},
        {"plugins": "a.py"},
        {"task": {"domain": "vision"}},
        {"task": {"domain": "v", "dataset": "d", "model": "m", "optimizer": "sgd"}},
    ],
)
def test_what_the_spec_refuses_the_schema_refuses(schema, parts):
    study = changed(**parts)
    assert not accepted_by_the_spec(study)
    assert not schema.is_valid(study)
