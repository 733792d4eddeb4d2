import copy
import re

import pytest
from tests.conftest import TOY

from seedwise.errors import StudyError
from seedwise.study.load import load, validate

STUDY = {
    "study": "demo",
    "task": {"domain": "vision", "dataset": "digits", "model": {"name": "mlp", "hidden": [64]}},
    "forget": {"class": 3},
    "methods": ["original", {"name": "ssd", "alpha": 5, "label": "ssd-5"}, "ssd"],
    "metrics": ["accuracy"],
    "seeds": {"training": 3, "unlearning": [4, 7]},
}


TASK = {"domain": "vision", "dataset": "digits", "model": "mlp"}


def changed(**parts):
    return copy.deepcopy(STUDY) | parts


def test_counts_lists_names_and_arguments_are_read():
    spec = validate(STUDY, "s.yaml")
    assert spec.seeds.training == (0, 1, 2)
    assert spec.seeds.unlearning == (4, 7)
    assert spec.seeds.partition == (0,)
    assert spec.methods[1].arguments == {"alpha": 5}
    assert [method.title for method in spec.methods] == ["original", "ssd-5", "ssd"]
    assert spec.forget[0].title == "class-3"
    assert spec.task.model.arguments == {"hidden": [64]}


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ({"sd": 3}, "seeds.unlearning: no method 'sd' that unlearns; did you mean 'ssd'"),
        ({"original": 3}, "no method 'original' that unlearns; "),
        ({"defualt": 3}, "did you mean 'default'"),
        ({"ssd": 0}, "'unlearning.ssd' has no seed"),
        ({"ssd": [1, 1]}, "'unlearning.ssd' names a seed twice"),
        ({"ssd": "five"}, "seeds.unlearning: ssd: given 'five'; allowed: a count, or a list"),
        ({"ssd": {"default": 1}}, "seeds.unlearning: ssd: given {'default': 1}; allowed"),
        ({"default": [-1]}, "seeds.unlearning: default: given -1 in a list"),
        ("3", "given '3'; allowed: a count, a list of seeds and ranges as [0-39, 50], or one of"),
        (True, "seeds.unlearning: given True; allowed: a count"),
    ],
)
def test_mistakes_in_seeds_per_method(runs, message):
    with pytest.raises(StudyError, match=re.escape(message)):
        validate(changed(seeds={"training": 3, "unlearning": runs}), "s.yaml")


def test_a_method_called_default_cannot_have_seeds_of_its_own():
    methods = ["ssd", {"name": "ssd", "label": "default"}]
    with pytest.raises(StudyError, match="give the method of that name a label"):
        validate(changed(methods=methods, seeds={"training": 3, "unlearning": {"ssd": 2}}), "s")
    assert validate(changed(methods=methods), "s").titles == ("ssd", "default")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"metod": []}, "unknown key 'metod'; did you mean 'methods'"),
        ({"study": "a b"}, "study: given 'a b'"),
        ({"seeds": {"training": 0}}, "'training' has no seed"),
        ({"seeds": {"training": -1}}, r"seeds\.training: given -1; a count is 0 to 100000"),
        ({"seeds": {"training": 2.5}}, "given 2.5; allowed: a count, or a list"),
        ({"seeds": {"training": True}}, "given True"),
        ({"seeds": {"training": [1, 1]}}, "names a seed twice"),
        ({"seeds": {"training": [-1]}}, r"seeds\.training: given -1 in a list; allowed: a whole"),
        ({"seeds": {"training": ["a"]}}, r"seeds\.training: given 'a' in a list; allowed: a whole"),
        ({"seeds": {"training": [1, 2], "tuning": [2]}}, r"\[2\] are both 'tuning' and 'training'"),
        ({"seeds": {"training": ["4-2"]}}, "given the range 4-2; ranges ascend: 2-4"),
        ({"seeds": {"training": ["0-9", "7-12"]}}, r"names a seed twice: \[7-9\]"),
        ({"seeds": {"training": ["0-9", 4]}}, r"'training' names a seed twice: \[4\]"),
        ({"seeds": {"training": ["0-100000"]}}, "a range holds up to 100000 seeds"),
        ({"seeds": {"training": "0-9"}}, r"given '0-9'; allowed: .* ranges as \[0-39, 50\]"),
        ({"seeds": {"train": 3}}, "unknown key 'train'; did you mean 'training'"),
        ({"methods": ["ssd", "ssd"]}, "'ssd' is listed twice; give each use a label"),
        ({"methods": []}, "the list is empty"),
        ({"methods": [{"nam": "ssd"}]}, r"methods\[0\]: 'name' is missing"),
        ({"forget": []}, "the list is empty"),
        ({"forget": {"class": 3, "random": 0.1}}, "exactly one selector is needed"),
        ({"forget": {"seed": 1}}, "exactly one selector is needed"),
        ({"forget": {"class": 3, "seed": -1}}, r"forget\[0\]\.seed: given -1"),
        ({"keep": "some"}, "given 'some'; allowed: auto, none, all"),
        ({"reference": "shared"}, "reference: given 'shared'; input should be 'independent'"),
        ({"methods": [3]}, r"methods\[0\]: given 3; write a name, or {name: ..., argument: ...}"),
        ({"methods": [["ssd"]]}, r"methods\[0\]: given \['ssd'\]; write a name"),
        ({"metrics": None}, "metrics: given nothing; input should be a list"),
        ({"task": TASK | {"train": {5: None}}}, r"task\.train: the key 5 is no name"),
        ({"task": {"domain": "vision"}}, r"task\.dataset: is missing"),
    ],
)
def test_mistakes_name_the_place_what_was_given_and_what_is_allowed(parts, message):
    with pytest.raises(StudyError, match=message) as error:
        validate(changed(**parts), "s.yaml")
    assert str(error.value).startswith("s.yaml")


def test_all_mistakes_are_listed_at_once():
    with pytest.raises(StudyError, match="2 problems"):
        validate(changed(study="a b", keep="some"), "s.yaml")


def test_a_study_must_be_a_mapping():
    with pytest.raises(StudyError, match="a study is a mapping"):
        validate(["a"], "s.yaml")


@pytest.fixture
def study_file(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(
        "study: demo\n"
        "task: {domain: toy, dataset: gaussian, model: linear}\n"
        "forget: {random: 0.2}\n"
        "methods: [original, {name: toy-noise, scale: 0.1}]\n"
        "metrics: [toy-probe]\n"
        "seeds: {training: 3}\n"
    )
    return path


def test_overrides_reach_keys_and_list_positions(study_file):
    spec = load(study_file, ["seeds.training=5", "methods.1.scale=1e-2", "task.train.lr=0.2"])
    assert len(spec.seeds.training) == 5
    assert spec.methods[1].arguments == {"scale": 0.01}
    assert spec.task.train == {"lr": 0.2}


@pytest.mark.parametrize(
    ("overrides", "finetune", "noise"),
    [
        (["seeds.unlearning={default: 3, finetune: 2}"], 2, 3),
        (["seeds.unlearning.finetune=2"], 2, 1),
        (["seeds.unlearning=4", "seeds.unlearning.finetune=2"], 2, 4),
        (["seeds.unlearning=[0-5]", "seeds.unlearning.finetune=[3, 9]"], 2, 6),
        (["seeds.unlearning={finetune: 5}", "seeds.unlearning.default=2"], 5, 2),
    ],
)
def test_unlearning_seeds_of_a_method_are_overridden(tmp_path, overrides, finetune, noise):
    path = tmp_path / "toy.yaml"
    path.write_text(TOY.replace("unlearning: 2, ", ""))
    seeds = load(path, overrides).seeds
    runs = [len(seeds.unlearning_of(title)) for title in ("finetune", "toy-noise")]
    assert runs == [finetune, noise]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seeds.unlearning.finetun=5", "no method 'finetun' that unlearns"),
        ("seeds.training", "write it as key=value"),
        ("methods.9.scale=1", "there is no '9' in the study"),
        ("methods.7=ssd", "there is no '7' in the study"),
        ("study.x=1", "'study' has no parts"),
        ("seeds.trainig=5", "did you mean 'training'"),
    ],
)
def test_overrides_that_fit_nothing_are_refused(study_file, override, message):
    with pytest.raises(StudyError, match=message):
        load(study_file, [override])
