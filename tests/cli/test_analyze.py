"""`seedwise analyze` of studies and tables."""

import csv
import io
import json

import pytest

SHOWN = ["summary", "components", "rank", "closeness", "single-seed", "robust", "failures"]
HEADER = "training_seed,unlearning_seed,method,metric,value\n"
WIDE = ("--wide", "forget_acc,retain_acc", "--reference", "Retrain")


def test_analyze_a_store_and_its_export_agree(cli, ran, tmp_path):
    out = tmp_path / "table.csv"
    cli("export", "--store", ran.root, "--out", out)
    ours = json.loads(cli("analyze", "--store", ran.root, "--format", "json").out)
    theirs = json.loads(cli("analyze", out, "--format", "json").out)
    assert len(ours) == len(theirs) > 10
    for a, b in zip(ours, theirs, strict=True):
        assert (a["method"], a["metric"]) == (b["method"], b["metric"])
        assert a["mean"] == pytest.approx(b["mean"], nan_ok=True)


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


def test_analyze_a_wide_table_in_percent(cli, foreign):
    said = cli("analyze", foreign, *WIDE, "--percent", "--format", "json")
    rows = {(row["method"], row["metric"]): row for row in json.loads(said.out)}
    assert rows["FT", "forget_acc"]["mean"] == pytest.approx((64 + 1 / 6) / 100)
    assert rows["retrain", "retain_acc"]["n_training_seeds"] == 5
    assert "Percentages were divided by 100" in said.err


@pytest.mark.parametrize("show", SHOWN)
def test_analyze_writes_latex(cli, foreign, show):
    said = cli("analyze", foreign, *WIDE, "--show", show, "--format", "latex")
    assert r"\begin{tabular}" in said.out


def test_analyze_writes_prose(cli, foreign):
    said = cli("analyze", foreign, *WIDE, "--prose", "--metric", "forget_acc")
    assert said.out.startswith("Over I = 5 training seeds and J = 2 unlearning seeds on each")
    assert "normal theory" in said.out


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


def test_nan_values_are_counted_never_dropped(cli, tmp_path):
    path = tmp_path / "table.csv"
    values = [f"{i},{j},a,acc,{i + j / 10}" for i in range(5) for j in (0, 1)]
    values[2] = "1,0,a,acc,"
    path.write_text(HEADER + "\n".join(values))
    said = cli("analyze", path, "--format", "csv")
    header, row = (line.split(",") for line in said.out.splitlines()[:2])
    assert dict(zip(header, row, strict=False))["n_failed"] == "1"
    assert "failed_cells" in said.out


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


def test_labels_that_recur_are_tested_in_foreign_tables_alone(cli, foreign, ran):
    ask = ("--show", "labels", "--format", "json")
    rows = json.loads(cli("analyze", foreign, *WIDE, *ask).out)
    assert {row["method"] for row in rows} == {"FT", "GA"}
    assert {"f", "df1", "df2", "p", "share"} < set(rows[0])
    assert json.loads(cli("analyze", "--store", ran.root, *ask).out) == []


def test_json_carries_every_field(cli, foreign):
    from seedwise import results

    fields = {
        "summary": results.summary.COLUMNS,
        "components": results.components.COLUMNS,
        "rank": results.rank.COLUMNS,
        "closeness": results.closeness.COLUMNS,
        "single-seed": results.single_seed.COLUMNS,
        "robust": results.robust.COLUMNS,
        "failures": results.failures.COLUMNS,
        "labels": results.labels.COLUMNS,
    }
    for show, columns in fields.items():
        said = cli("analyze", foreign, *WIDE, "--show", show, "--format", "json")
        assert tuple(json.loads(said.out)[0]) == columns, show
    said = cli("compare", foreign, *WIDE, "--against", "Retrain", "--format", "json")
    assert tuple(json.loads(said.out)[0]) == results.compare.COLUMNS


@pytest.mark.parametrize("verb", ["analyze", "compare"])
def test_one_seed_column_is_refused_until_it_is_said_what_it_numbers(cli, tmp_path, verb):
    rows = [f"{m},acc,{i},{0.5 + i / 50 + (m == 'b') * i / 99}" for m in "ab" for i in range(6)]
    path = tmp_path / "one.csv"
    path.write_text("\n".join(["method,metric,seed,value", *rows]))
    refused = cli(verb, path)
    assert refused.code == 1
    for which in ("training", "unlearning", "both"):
        assert f"--seed {which}" in refused.err
        assert cli(verb, path, "--seed", which, "--format", "json").code == 0
