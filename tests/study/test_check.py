"""Names and splits that a study asks for, held against what there is."""

import pytest

from seedwise.engine.resolve import resolve
from seedwise.errors import StudyError
from seedwise.study.load import load


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            "{name: accuracy, splits: [fogret]}",
            r"metrics\[0\].splits: there is no split 'fogret' in 'gaussian-linear/random-0.2'; "
            "did you mean 'forget'",
        ),
        ("{name: accuracy, splits: []}", r"metrics\[0\].splits: names no split; Allowed: forget"),
        ("{name: js-to-reference, split: tset}", r"metrics\[0\].split: .* mean 'test'"),
        ("{name: mia-loss, nonmembers: tests}", r"metrics\[0\].nonmembers: .* mean 'test'"),
        (
            "accuracy/fogret",
            r"unknown name 'accuracy/fogret'; write {name: accuracy, splits: \[fogret\]}",
        ),
        ("js-to-reference/test", "write {name: js-to-reference, split: test}"),
        ("runtime/forget", "unknown name 'runtime/forget'; write runtime$"),
        ("acuracy/forget", "unknown name 'acuracy/forget'; did you mean 'accuracy'"),
    ],
)
def test_a_split_that_the_data_do_not_have_is_refused_before_the_run(lab, asked, message):
    if "js-" in asked:
        pytest.importorskip("torch")
        lab.write(DIGITS)
        message = message.replace("gaussian-linear/random-0.2", "digits-mlp/class-3")
    lab.edit("[accuracy,", f"[{asked},")
    with pytest.raises(StudyError, match=message):
        resolve(load(lab.path), lab.path, None)


def test_a_split_that_the_data_have_is_accepted(lab):
    lab.edit("[accuracy,", "[{name: accuracy, splits: [forget, test]},")
    assert lab.lock().metrics[0].arguments == {"splits": ["forget", "test"]}


DIGITS = """\
study: digits
task: {domain: vision, dataset: digits, model: mlp}
forget: {class: 3}
methods: [original]
metrics: [accuracy, loss]
seeds: {training: 1}
"""


@pytest.mark.parametrize("metric", ["acuracy/test", "toy-margin-gap", "accuracyx"])
def test_a_run_is_to_reach_a_metric_that_the_study_measures(lab, metric):
    block = f"precision: {{metric: {metric}, half_width: 0.1}}"
    lab.write(f"{lab.path.read_text()}\n{block}\n")
    lab.edit("[accuracy,", "[toy-margin-gap, accuracy,")
    with pytest.raises(StudyError, match=r"precision.metric: .* Allowed: accuracy"):
        resolve(load(lab.path), lab.path, None)
