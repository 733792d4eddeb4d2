"""`seedwise validate`: every mistake that can be found before a run."""

import pytest


def test_validate_says_what_the_study_is(cli, lab):
    said = cli("validate", lab.path)
    assert said.code == 0
    assert "fine. I = 3 training seeds, J = 2 unlearning seeds, 5 methods" in said.out


def test_unequal_numbers_of_unlearning_seeds_are_a_range(cli, lab):
    said = cli("validate", lab.path, "--set", "seeds.unlearning.toy-noise=5")
    assert "I = 3 training seeds, J = 2-5 unlearning seeds" in said.out


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("unlearning: 2", "unlearning: {finetun: 2}", "'finetun' that unlearns; did you mean 'fi"),
        ("unlearning: 2", "unlearning: {finetune: [4-2]}", "given the range 4-2; ranges ascend"),
        ("{random: 0.2}", "{random: 1.0}", "leaves 60 to forget"),
        ("finetune", "{name: finetune, epochs: yes}", "yes and no are no numbers"),
        ("finetune", "{name: finetune, lr: .inf}", "methods[2].lr: given inf"),
        ("model: linear", "model: linear, train: {label: x}", "unknown argument 'label'"),
        ("study: toy", "study: 2001-02-30", "day is out of range"),
        ("training: 3", "training: [99999999999999999999]", "seeds.training: given 99999"),
        ("seeds: {training: 3, unlearning: 2, evaluation: 2}", "seeds: 3", "a mapping of keys"),
        ("finetune", "{name: toy-noise, label: x, scale: {a: 1}}", "methods[2].scale"),
    ],
)
def test_validate_finds_what_a_run_would_find(cli, lab, old, new, message):
    lab.edit(old, new)
    said = cli("validate", lab.path)
    assert said.code == 1
    assert message in said.err


def test_a_method_with_other_parameters_is_refused_before_the_run(cli, lab):
    lab.edit("methods: [", "methods: [odd, ")
    lab.plugin("@sw.method('odd')\ndef odd(model, data):\n    return model\n")
    said = cli("validate", lab.path)
    assert said.code == 1
    assert "'odd' takes (model, data); a method takes (original, problem, extras" in said.err
    lab.plugin("@sw.method('odd')\ndef odd(o, p, e, s, c, *, lr: 'Nope' = 1):\n    return o\n")
    assert "its signature cannot be read" in cli("validate", lab.path).err


def test_a_plug_in_that_exits_is_said(cli, lab):
    lab.plugin("raise SystemExit(0)\n")
    said = cli("validate", lab.path)
    assert said.code == 1
    assert "does not import: SystemExit" in said.err


def test_a_metric_that_the_domain_has_no_outputs_for(cli, lab):
    lab.plugin(
        "@sw.metric('speech', needs=('rouge',))\ndef speech(subjects, against, seeds, ctx): ..."
    )
    lab.edit("accuracy,", "speech,")
    said = cli("validate", lab.path)
    assert said.code == 1
    assert "metrics[0]: 'speech' needs the outputs ['rouge'], which the domain 'toy'" in said.err
