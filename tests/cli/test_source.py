"""Where results come from, and what is no such place."""

import json

import pandas as pd
import pytest

HEADER = "training_seed,unlearning_seed,method,metric,value\n"


def test_options_about_a_table_need_one(cli, ran):
    said = cli("analyze", "--store", ran.root, "--wide", "a,b", "--percent")
    assert "--wide, --percent describe a table; name its file" in said.err


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


def test_a_study_without_a_value_yet_is_shown(cli, lab):
    lab.lock()
    for verb in ("analyze", "report", "table", "status"):
        assert cli(verb, "--store", lab.root).code == 0


@pytest.mark.parametrize("verb", ["status", "analyze", "report", "table", "ls"])
def test_a_store_that_is_none(cli, tmp_path, verb):
    said = cli(verb, "--store", tmp_path)
    assert said.code == 1
    assert "there is no store here; name one with --store" in said.err


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
