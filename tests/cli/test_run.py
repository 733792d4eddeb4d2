"""`seedwise run`: what it makes, what it says, and what it refuses."""

import re

import pytest


def test_run_then_run_again(cli, lab):
    first = cli("run", lab.path, "--store", lab.root, "--workers", 0)
    assert first.code == 0
    assert "22 models made" in first.err
    again = cli("run", lab.path, "--store", lab.root, "--workers", 0)
    assert "0 models made, 0 measurements added, 0 new failures" in again.err


def test_a_dry_run_makes_nothing_and_knows_costs(cli, lab):
    before = cli("run", lab.path, "--store", lab.root, "--dry-run")
    assert "Left: 22 models, 105 measurements." in before.out
    assert "No measured time yet: retrain, original, finetune" in before.out
    cli("run", lab.path, "--store", lab.root, "--workers", 0)
    after = cli("run", lab.path, "--store", lab.root, "--dry-run", "--set", "seeds.training=5")
    assert re.search(
        r"Left: 14 models, \d+ measurements \(1 finished model .*\); about .* of computing "
        r"\(about .* on \d+ workers\), by what was made before",
        after.out,
    )
    assert re.search(r"Kept of what is left: .* of weights, .* of outputs per example\.", after.out)
    assert len(lab.store.keys("models")) == 22
    assert "training_seed" not in cli("status", "--store", lab.root).out
    assert "toy-noise                6/6" in cli("status", "--store", lab.root).out


def test_a_dry_run_writes_nothing(cli, lab):
    said = cli("run", lab.path, "--store", lab.root, "--dry-run")
    assert said.code == 0
    assert not lab.root.exists()
    lab.run()
    new = "metrics=[accuracy, toy-probe]"
    before = lab.store.lock_path("toy").read_text()
    assert "Nothing is left" in cli("run", lab.path, "--store", lab.root, "--dry-run").out
    more = cli("run", lab.path, "--store", lab.root, "--dry-run", "--set", "seeds.evaluation=5")
    assert "Left: 0 models, 63 measurements (21 finished models among" in more.out
    cli("run", lab.path, "--store", lab.root, "--dry-run", "--set", new)
    assert lab.store.lock_path("toy").read_text() == before


def test_run_names_failures_and_exits_with_one(cli, lab):
    lab.edit("methods: [", "methods: [bad, ")
    head = "@sw.method('bad')\ndef bad(original, problem, extras, seeds, ctx):"
    lab.plugin(f"{head}\n    raise OSError('no luck')\n")
    said = cli("run", lab.path, "--store", lab.root, "--workers", 0)
    assert said.code == 1
    assert "6 models or measurements failed; everything else is finished and kept" in said.err
    assert "no luck" in said.err
    assert "22 models made" in said.err
    again = cli("run", lab.path, "--store", lab.root, "--workers", 0)
    assert again.code == 1
    assert "6 models or measurements failed" in again.err
    status = cli("status", "--store", lab.root)
    assert "6 failed: bad: OSError: no luck" in status.out


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("methods:", "metods:", "unknown key 'metods'; did you mean 'methods'"),
        ("toy-noise", "toy-nois", "methods[3]: unknown name 'toy-nois'; did you mean 'toy-noise'"),
        ("accuracy,", "acuracy,", "metrics[0]: unknown name 'acuracy'; did you mean 'accuracy'"),
        ("finetune", "{name: finetune, lrr: 1}", "unknown argument 'lrr'; did you mean 'lr'"),
        ("finetune", "{name: finetune, lr: fast}", "methods[2].lr: given 'fast'"),
        ("finetune", "{name: finetune, lr: -1}", "methods[2].lr: given -1"),
        ("domain: toy", "domain: toi", "task.domain: unknown name 'toi'"),
        ("dataset: gaussian", "dataset: gausian", "task.dataset: unknown name 'gausian'"),
        ("model: linear", "model: {name: linear, scal: 2}", "unknown argument 'scal'"),
        ("{random: 0.2}", "{class: 3}", "forget[0]: unknown selector 'class'; Allowed: first"),
        ("{random: 0.2}", "{random: 1.0}", "leaves 60 to forget; 1 to 59 are possible"),
        ("{random: 0.2}", "{first: 0}", "leaves 0 to forget"),
        ("finetune", "ssd", "'ssd' needs ['modules'], which the domain 'toy' does not offer"),
        ("seedwise.testing.toy", "none.py", "plugins: there is no file"),
        ("[seedwise.testing.toy]", "[no.such.module]", "does not import: ModuleNotFoundError"),
        ("toy-noise", "{name: toy-noise, label: original}", "'original' is listed twice"),
        ("retrain,", "{name: retrain, label: gold},", "'retrain' is listed once and keeps its"),
    ],
)
def test_a_study_with_a_mistake(cli, lab, old, new, message):
    lab.edit(old, new)
    said = cli("run", lab.path, "--store", lab.root, "--workers", 0)
    assert said.code == 1
    assert message in said.err
    assert said.err.startswith("error: ")


def test_a_missing_study_file(cli, tmp_path):
    said = cli("run", tmp_path / "none.yaml", "--store", tmp_path / "runs")
    assert said.code == 1
    assert "none.yaml: cannot be read: No such file" in said.err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import no_such_thing", "does not import: ModuleNotFoundError: No module named 'no_such"),
        ("def broken(:\n", "does not import: SyntaxError"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("@sw.method('ssd')\ndef ssd(o, p, e, s, c): pass", "a method named 'ssd' exists already"),
    ],
)
def test_a_plug_in_that_does_not_import(cli, lab, source, message):
    lab.plugin(source)
    said = cli("run", lab.path, "--store", lab.root)
    assert said.code == 1
    assert message in said.err
    assert "mine.py" in said.err


def test_one_training_seed_runs_and_says_what_cannot_be_said(cli, lab):
    said = cli("run", lab.path, "--store", lab.root, "--workers", 0, "--set", "seeds.training=1")
    assert said.code == 0
    table = cli("analyze", "--store", lab.root, "--format", "csv")
    assert "single_training_seed" in table.out
    assert cli("report", "--store", lab.root).code == 0


def test_every_look_is_said(cli, lab):
    lab.edit("training: 3", "training: 4")
    block = "precision: {metric: accuracy/test, half_width: 0.02, methods: [toy-noise]}\n"
    lab.write(lab.path.read_text() + block)
    said = cli("run", lab.path, "--store", lab.root, "--workers", 0)
    assert said.code == 0
    assert "look at I = 4: toy-noise half-width" in said.err
    assert "on to I = " in said.err
    assert "reached: stopped" in said.err
    table = cli("analyze", "--store", lab.root, "--metric", "accuracy/test", "--format", "csv")
    assert "Stein, I0 = 4" in table.out


def test_a_run_that_is_limited_does_not_look(cli, lab):
    lab.edit("training: 3", "training: 4")
    lab.write(lab.path.read_text() + "precision: {metric: loss/test, half_width: 0.001}\n")
    said = cli("run", lab.path, "--store", lab.root, "--workers", 0, "--limit", 3)
    assert said.code == 0
    assert "3 models made" in said.err
    assert "look at" not in said.err
