"""Mistakes: one clear message, a non-zero exit, no traceback."""

import json

import pytest

HEADER = "training_seed,unlearning_seed,method,metric,value\n"


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


def test_debug_shows_the_traceback(cli, lab):
    lab.edit("toy-noise", "toy-nois")
    said = cli("validate", lab.path, "--debug")
    assert said.code == 1
    assert "Traceback" in said.err


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{random: 0.2}", "{random: 1.0}", "leaves 60 to forget"),
        ("finetune", "{name: finetune, epochs: yes}", "yes and no are no numbers"),
        ("finetune", "{name: finetune, lr: .inf}", "methods[2].lr: given inf"),
        ("model: linear", "model: linear, train: {label: x}", "unknown argument 'label'"),
        ("study: toy", "study: 2001-02-30", "day is out of range"),
        ("training: 3", "training: [99999999999999999999]", "seeds.training[0]"),
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


def test_a_study_without_a_value_yet_is_shown(cli, lab):
    lab.lock()
    for verb in ("analyze", "report", "table", "status"):
        assert cli(verb, "--store", lab.root).code == 0


@pytest.mark.parametrize("verb", ["status", "analyze", "report", "table", "ls"])
def test_a_store_that_is_none(cli, tmp_path, verb):
    said = cli(verb, "--store", tmp_path)
    assert said.code == 1
    assert "there is no store here; name one with --store" in said.err


def test_a_store_without_that_study(cli, ran):
    said = cli("status", "--store", ran.root, "--study", "toi")
    assert said.code == 1
    assert "no study 'toi' here; did you mean 'toy'" in said.err


def test_unknown_verbs_and_options_are_usage_errors(cli):
    assert cli("runn").code == 2
    assert cli("run").code == 2
    assert cli("run", "x.yaml", "--device", "tpu").code == 2
    assert cli("analyze", "--level", "2").code == 2


def test_a_report_that_cannot_be_written(cli, ran):
    said = cli("report", "--store", ran.root, "--out", ran.path / "report.html")
    assert said.code == 1
    assert "cannot be written: " in said.err


def test_a_metric_that_is_not_there(cli, ran):
    said = cli("analyze", "--store", ran.root, "--metric", "acc")
    assert said.code == 1
    assert "no metric 'acc' here" in said.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (HEADER, "has no rows"),
        ("a,b\n1,2\n", "lacks the columns method, metric, training_seed"),
        (HEADER + "0,0,a,acc,good\n", "must hold numbers"),
        (HEADER + "0,0,a,acc,.1\n0,0,a,acc,.2\n", "0"),
        (HEADER + "x,0,a,acc,.1\n", "x"),
    ],
)
def test_a_table_with_a_mistake(cli, tmp_path, text, message):
    path = tmp_path / "table.csv"
    path.write_text(text)
    said = cli("analyze", path)
    assert said.code == 1
    assert message in said.err


def test_a_table_that_is_not_there(cli, tmp_path):
    said = cli("analyze", tmp_path / "none.csv")
    assert said.code == 1
    assert "there is no file" in said.err


def test_nan_values_are_counted_never_dropped(cli, tmp_path):
    path = tmp_path / "table.csv"
    values = [f"{i},{j},a,acc,{i + j / 10}" for i in range(5) for j in (0, 1)]
    values[2] = "1,0,a,acc,"
    path.write_text(HEADER + "\n".join(values))
    said = cli("analyze", path, "--format", "csv")
    header, row = (line.split(",") for line in said.out.splitlines()[:2])
    assert dict(zip(header, row, strict=False))["n_failed"] == "1"
    assert "failed_cells" in said.out


def test_one_training_seed_runs_and_says_what_cannot_be_said(cli, lab):
    said = cli("run", lab.path, "--store", lab.root, "--workers", 0, "--set", "seeds.training=1")
    assert said.code == 0
    table = cli("analyze", "--store", lab.root, "--format", "csv")
    assert "single_training_seed" in table.out
    assert cli("report", "--store", lab.root).code == 0


def test_a_method_that_changed_nothing_is_named(cli, lab):
    lab.edit("methods: [", "methods: [lazy, ")
    lab.plugin(
        "@sw.method('lazy', deterministic=True)\n"
        "def lazy(original, problem, extras, seeds, ctx):\n    return problem.copy(original)\n"
    )
    cli("run", lab.path, "--store", lab.root, "--workers", 0)
    cli("report", "--store", lab.root)
    assert "did nothing" in (lab.root / "toy.html").read_text()


def test_a_metric_that_the_domain_has_no_outputs_for(cli, lab):
    lab.plugin(
        "@sw.metric('speech', needs=('rouge',))\ndef speech(subjects, against, seeds, ctx): ..."
    )
    lab.edit("accuracy,", "speech,")
    said = cli("validate", lab.path)
    assert said.code == 1
    assert "metrics[0]: 'speech' needs the outputs ['rouge'], which the domain 'toy'" in said.err


def test_failed_runs_count_as_the_worst_value_when_asked(cli, tmp_path):
    path = tmp_path / "table.csv"
    values = [f"{i},{j},a,mia-loss,{0.5 + i / 100 + j / 50}" for i in range(5) for j in (0, 1)]
    values[2] = "1,0,a,mia-loss,"
    path.write_text(HEADER + "\n".join(values))
    means = [
        json.loads(cli("analyze", path, "--missing", how, "--format", "json").out)[0]["mean"]
        for how in ("drop", "worst")
    ]
    assert means[0] != means[1]
