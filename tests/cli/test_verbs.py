"""Every verb on the toy study: what it prints, and what it leaves behind."""

import csv
import io
import json

import pandas as pd
import pytest


def test_validate_says_what_the_study_is(cli, lab):
    said = cli("validate", lab.path)
    assert said.code == 0
    assert "fine. I = 3 training seeds, J = 2 unlearning seeds, 5 methods" in said.out


def test_run_then_run_again(cli, lab):
    first = cli("run", lab.path, "--store", lab.root, "--workers", 0)
    assert first.code == 0
    assert "22 models made" in first.err
    again = cli("run", lab.path, "--store", lab.root, "--workers", 0)
    assert "0 models made, 0 measurements added, 0 new failures" in again.err


def test_a_dry_run_makes_nothing_and_knows_costs(cli, lab):
    before = cli("run", lab.path, "--store", lab.root, "--dry-run")
    assert before.out.startswith("22 models to make")
    assert "22 of them have no measured time yet" in before.out
    cli("run", lab.path, "--store", lab.root, "--workers", 0)
    after = cli("run", lab.path, "--store", lab.root, "--dry-run", "--set", "seeds.training=5")
    assert after.out.startswith("14 models to make")
    assert "of computing, by what was made before" in after.out
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
    assert "0 models to make" in cli("run", lab.path, "--store", lab.root, "--dry-run").out
    more = cli("run", lab.path, "--store", lab.root, "--dry-run", "--set", "seeds.evaluation=5")
    assert "finished models to measure again" in more.out
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


def test_status_counts_and_says_why_cells_are_made_again(cli, ran):
    said = cli("status", "--store", ran.root)
    assert "toy-noise                6/6" in said.out
    ran.edit("toy-noise,", "{name: toy-noise, scale: 0.3},")
    ran.lock()
    changed = json.loads(cli("status", "--store", ran.root, "--json").out)
    assert changed["toy"]["cells"]["toy-noise"] == {"missing": 6}
    assert changed["toy"]["changes"] == {"toy-noise: component.arguments.scale changed": 6}


def test_export_in_every_format_is_the_same_table(cli, ran, tmp_path):
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet, "jsonl": _read_lines}
    tables = {}
    for style, reader in read.items():
        out = tmp_path / f"table.{style}"
        said = cli("export", "--store", ran.root, "--format", style, "--out", out)
        assert said.code == 0
        tables[style] = reader(out)
    assert len(tables["csv"]) > 100
    for table in tables.values():
        assert list(table["value"]) == pytest.approx(list(tables["csv"]["value"]), nan_ok=True)
        assert list(table["method"]) == list(tables["csv"]["method"])


EXPORTED = """\
study: sweep
task:
  domain: language
  dataset: {name: tofu, path: tofu}
  model: llama
forget: {authors: 0.1}
methods: [original, retrain, npo]
metrics: [probability]
seeds: {training: 2, unlearning: 2}
"""


def test_export_a_study_as_commands(cli, tmp_path):
    study, out = tmp_path / "study.yaml", tmp_path / "sweep.sh"
    study.write_text(EXPORTED)
    told = ("--model", "Llama-3.2-1B-Instruct", "--split", "forget10", "--processes", "1")
    said = cli("export", "open-unlearning", study, "--out", out, *told)
    assert said.code == 0, said.err
    assert f"wrote 16 commands to {out}" in said.out
    assert out.read_text().count("\npython src/train.py") == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("open-unlearning",), "name the study file"),
        (("open-unlearning", "{study}"), "--model"),
        (("open-unlearning", "{study}", "--format", "csv"), "--format: only for tables"),
        (("table", "{study}"), "STUDY: only for 'export open-unlearning'"),
        (("--model", "x"), "--model: only for 'export open-unlearning'"),
        (("open-unlearning", "none.yaml"), "none.yaml: cannot be read"),
    ],
)
def test_mistakes_in_exports(cli, tmp_path, arguments, message):
    (tmp_path / "study.yaml").write_text(EXPORTED)
    given = [text.format(study=tmp_path / "study.yaml") for text in arguments]
    said = cli("export", *given, "--out", tmp_path / "x")
    assert said.code == 1
    assert message in said.err


def _read_lines(path):
    return pd.read_json(path, lines=True)


def test_analyze_a_store_and_its_export_agree(cli, ran, tmp_path):
    out = tmp_path / "table.csv"
    cli("export", "--store", ran.root, "--out", out)
    ours = json.loads(cli("analyze", "--store", ran.root, "--format", "json").out)
    theirs = json.loads(cli("analyze", out, "--format", "json").out)
    assert len(ours) == len(theirs) > 10
    for a, b in zip(ours, theirs, strict=True):
        assert (a["method"], a["metric"]) == (b["method"], b["metric"])
        assert a["mean"] == pytest.approx(b["mean"], nan_ok=True)


SHOWN = ["summary", "components", "rank", "closeness", "single-seed", "robust", "failures"]


@pytest.mark.parametrize("show", SHOWN)
@pytest.mark.parametrize("style", ["table", "csv", "json"])
def test_analyze_shows_what_is_asked_for(cli, ran, show, style):
    said = cli("analyze", "--store", ran.root, "--show", show, "--format", style)
    assert said.code == 0
    assert "toy-noise" in said.out
    if style == "csv":
        assert len(list(csv.reader(io.StringIO(said.out)))) > 5


def test_analyze_maps_columns(cli, tmp_path):
    path = tmp_path / "mine.csv"
    rows = [f"{i},{j},ssd,acc,{0.5 + i / 10 + j / 100}" for i in range(5) for j in range(2)]
    path.write_text("\n".join(["seed,run,method,metric,value", *rows]))
    said = cli("analyze", path)
    assert said.code == 1
    assert "lacks the columns training_seed, unlearning_seed" in said.err
    assert "Columns found: seed, run, method, metric, value" in said.err
    mapped = cli(
        "analyze",
        path,
        "--column",
        "training_seed=seed",
        "--column",
        "unlearning_seed=run",
        "--format",
        "json",
    )
    assert json.loads(mapped.out)[0]["mean"] == pytest.approx(0.705)


@pytest.mark.parametrize("style", ["latex", "markdown", "csv"])
def test_table_in_every_format(cli, ran, style):
    said = cli("table", "--store", ran.root, "--format", style)
    assert said.code == 0
    assert "toy-noise" in said.out


def test_report_is_one_self_contained_page(cli, ran):
    said = cli("report", "--store", ran.root)
    assert said.out.strip() == str(ran.root / "toy.html")
    page = (ran.root / "toy.html").read_text()
    assert "<svg" in page
    assert "toy-noise" in page


def test_ls_lists_studies_methods_metrics_and_domains(cli, ran):
    assert cli("ls", "--store", ran.root).out.startswith("toy")
    assert "batch_size" in cli("ls", "methods").out
    assert "js-to-reference" in cli("ls", "metrics").out
    assert "vision" in cli("ls", "domains").out


def test_schema_is_json_schema(cli):
    schema = json.loads(cli("schema").out)
    assert {"study", "task", "methods", "seeds"} <= set(schema["properties"])


def test_version_and_help(cli):
    assert cli("--version").out.startswith("seedwise 0.")
    said = cli("--help")
    assert said.code == 0
    for verb in ("init", "run", "analyze", "try", "demo"):
        assert verb in said.out


METHOD = """
import seedwise as sw

@sw.method("mine", deterministic={deterministic})
def mine(original, problem, extras, seeds, ctx, *, lr: float = 0.01):
    from seedwise.contracts import Recipe
    recipe = Recipe(epochs=1, lr=lr, batch_size=64)
    loss = lambda model, batch: problem.losses(model, batch).mean()
    return problem.fit(problem.copy(original), loss, ("retain",), recipe, seeds, ctx)
"""


def test_try_checks_a_persons_method_on_digits(cli, tmp_path):
    pytest.importorskip("torch")
    path = tmp_path / "mine.py"
    path.write_text(METHOD.format(deterministic=False))
    said = cli("try", path, "--argument", "lr=1e-2")
    assert said.code == 0
    assert said.out.count("ok  ") == 6
    assert "accuracy forget" in said.out
    path.write_text(METHOD.format(deterministic=True))
    broken = cli("try", path)
    assert broken.code == 1
    assert "FAIL determinism as declared" in broken.out
    unknown = cli("try", path, "--argument", "rate=1")
    assert "unknown argument 'rate'" in unknown.err
    (tmp_path / "empty.py").write_text("x = 1\n")
    assert "registers no method" in cli("try", tmp_path / "empty.py").err


@pytest.fixture
def foreign(tmp_path):
    """A wide table in percent, as people keep them."""
    rows = [
        (i, j, method, 60 + i + shift + j / 3 + own * (i % 2), 99 - i / 10)
        for i in range(5)
        for method, shift, own in (("FT", 2, 0.0), ("GA", -3, 0.4), ("Retrain", 0, 0.1))
        for j in range(1 if method == "Retrain" else 2)
    ]
    path = tmp_path / "mine.csv"
    names = ["training_seed", "unlearning_seed", "method", "forget_acc", "retain_acc"]
    pd.DataFrame(rows, columns=names).to_csv(path, index=False)
    return path


WIDE = ("--wide", "forget_acc,retain_acc", "--reference", "Retrain")


def test_analyze_a_wide_table_in_percent(cli, foreign):
    said = cli("analyze", foreign, *WIDE, "--percent", "--format", "json")
    rows = {(row["method"], row["metric"]): row for row in json.loads(said.out)}
    assert rows["FT", "forget_acc"]["mean"] == pytest.approx((64 + 1 / 6) / 100)
    assert rows["retrain", "retain_acc"]["n_training_seeds"] == 5
    assert "Percentages were divided by 100" in said.err


@pytest.mark.parametrize("style", ["table", "csv", "json", "latex"])
def test_compare_in_every_format(cli, foreign, style):
    said = cli("compare", foreign, *WIDE, "--against", "Retrain", "--format", style)
    assert said.code == 0
    assert "independent" in said.out
    assert "FT" in said.out


def test_compare_paired_unpaired_and_by_metric(cli, foreign):
    ask = ("compare", foreign, *WIDE, "--metric", "forget_acc", "--format", "json")
    paired, unpaired = (json.loads(cli(*ask, *more).out) for more in ((), ("--unpaired",)))
    assert [row["pairing"] for row in (*paired, *unpaired)] == ["label", "independent"]
    assert paired[0]["diff"] == pytest.approx(unpaired[0]["diff"])
    assert cli("compare", foreign, *WIDE, "--metric", "forget").code == 1
    unknown = cli("compare", foreign, *WIDE, "--against", "FTT")
    assert "no method 'FTT' in the results; did you mean 'FT'" in unknown.err


def test_compare_a_store(cli, ran):
    said = cli("compare", "--store", ran.root, "--against", "retrain")
    assert said.code == 0
    assert "finetune" in said.out


@pytest.mark.parametrize("show", SHOWN)
def test_analyze_writes_latex(cli, foreign, show):
    said = cli("analyze", foreign, *WIDE, "--show", show, "--format", "latex")
    assert r"\begin{tabular}" in said.out


def test_analyze_one_metric_as_a_table(cli, foreign):
    said = cli("analyze", foreign, *WIDE, "--metric", "forget_acc")
    assert "share of training seed" in said.out
    assert "retain_acc" not in said.out


def test_analyze_writes_prose(cli, foreign):
    said = cli("analyze", foreign, *WIDE, "--prose", "--metric", "forget_acc")
    assert said.out.startswith("Over I = 5 training seeds and J = 2 unlearning seeds on each")
    assert "normal theory" in said.out


def test_options_about_a_table_need_one(cli, ran):
    said = cli("analyze", "--store", ran.root, "--wide", "a,b", "--percent")
    assert "--wide, --percent describe a table; name its file" in said.err


def test_tipping_says_what_a_claim_survives(cli):
    claim = ("--mean", 4, "--sd", 10**0.5, "--runs", 10)
    said = cli("tipping", *claim)
    assert "t = 4.00 over 10 runs of one trained model (df = 9, critical 2.26 at 95 %)" in said.out
    assert "less than 18 % of the variance" in said.out
    found = json.loads(cli("tipping", *claim, "--format", "json").out)
    assert found["coverage"]["0.5"] == pytest.approx(0.488, abs=5e-4)
    mirrored = json.loads(cli("tipping", "--mean", -4, *claim[2:], "--format", "json").out)
    assert mirrored["tipping_icc"] == found["tipping_icc"]
    shifted = json.loads(cli("tipping", *claim, "--null", 4, "--format", "json").out)
    assert shifted["t"] == shifted["tipping_icc"] == 0
    assert "not significant even for this one" in cli("tipping", *claim, "--null", 3.9).out


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ((1, 0, 10), "--sd is 0.0; it must be positive"),
        ((1, "nan", 10), "--sd is nan"),
        ((1, 1, 1), "--runs is 1; a claim needs a spread"),
        (("inf", 1, 10), "must be finite"),
    ],
)
def test_tipping_refuses_what_is_no_claim(cli, claim, message):
    said = cli("tipping", "--mean", claim[0], "--sd", claim[1], "--runs", claim[2])
    assert said.code == 1
    assert message in said.err


def test_rank_needs_a_direction_for_unknown_metrics(cli, foreign):
    ask = ("analyze", foreign, *WIDE, "--show", "rank", "--metric", "forget_acc")
    unknown = cli(*ask)
    assert unknown.code == 0
    assert "forget_acc: which values are good is not known; give --direction" in unknown.err
    best = [
        row["method"]
        for row in json.loads(cli(*ask, "--direction", "lower", "--format", "json").out)
        if row["in_best_set"]
    ]
    assert best == ["GA"]


def test_closeness_with_a_margin(cli, foreign):
    ask = ("analyze", foreign, *WIDE, "--show", "closeness", "--format", "json")
    rows = json.loads(cli(*ask, "--metric", "forget_acc", "--margin", "9").out)
    assert {row["method"]: row["equivalent"] for row in rows} == {"FT": True, "GA": True}
    assert "a margin holds for one metric" in cli(*ask, "--margin", "9").err
    assert "give a number above 0" in cli(*ask, "--metric", "forget_acc", "--margin", "-1").err
    assert "--margin belongs to --show closeness" in cli("analyze", foreign, "--margin", "1").err
    assert "--direction belongs to --show rank" in cli(*ask, "--direction", "lower").err


def test_partitions_and_crossed_unlearning_are_declared(cli, tmp_path):
    rows = [
        (p, i, j, "ft", "acc", p / 9 + i / 7 + ((p + 2 * i + j) % 3) / 5 + j / 11)
        for p in range(3)
        for i in range(4)
        for j in range(3)
    ]
    names = ["partition_seed", "training_seed", "unlearning_seed", "method", "metric", "value"]
    frame = pd.DataFrame(rows, columns=names)
    frame.to_csv(tmp_path / "p.csv", index=False)
    ask = ("analyze", tmp_path / "p.csv", "--format", "json")
    units = [
        json.loads(cli(*ask, *more).out)[0]["unit"] for more in ((), ("--partitions", "random"))
    ]
    assert units == ["training", "partition"]
    frame[frame["partition_seed"] == 0].to_csv(tmp_path / "p.csv", index=False)
    kinds = [
        json.loads(cli(*ask, "--unlearning", how).out)[0]["unit"] for how in ("nested", "crossed")
    ]
    assert kinds == ["training", "training and unlearning"]


def test_failures_by_status_and_by_declared_limits(cli, foreign):
    ask = ("analyze", foreign, *WIDE, "--show", "failures", "--format", "json")
    rows = {row["method"]: row for row in json.loads(cli(*ask).out)}
    assert rows["GA"]["n_failed_training_seeds"] == 0
    assert rows["GA"]["share_high"] == pytest.approx(1 - 0.05 ** (1 / 5))
    within = json.loads(cli(*ask, "--within", "forget_acc=1000:").out)
    assert {row["share"] for row in within} == {1.0}
    assert "no metric 'forget'" in cli(*ask, "--within", "forget=0:1").err


@pytest.mark.parametrize("given", ["forget_acc", "forget_acc=5", "=1:2", "m=2:1", "m=a:b"])
def test_limits_that_are_none_are_explained(cli, foreign, given):
    said = cli("analyze", foreign, *WIDE, "--show", "failures", "--within", given)
    assert said.code == 1
    assert "write it as metric=low:high" in said.err
    assert "--within belongs to --show failures" in cli("analyze", foreign, "--within", given).err
