"""`seedwise plan` with a pilot: a store's study, or a table with costs."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from seedwise.study.load import load

COSTS = (
    "--cost-train",
    10,
    "--cost-reference",
    5,
    "--cost-unlearn",
    "ft=1",
    "--cost-unlearn",
    "ga=2",
)


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    rows = []
    for i in range(8):
        own = rng.normal()
        for method in ("ft", "ga"):
            rows += [
                (i, j, method, "acc", 0.5 + 0.02 * own + 0.02 * rng.normal()) for j in range(3)
            ]
    names = ["training_seed", "unlearning_seed", "method", "metric", "value"]
    path = tmp_path / "pilot.csv"
    pd.DataFrame(rows, columns=names).to_csv(path, index=False)
    return path


def test_a_store_knows_its_costs_and_is_not_looked_at(cli, ran):
    said = cli("plan", "--store", ran.root, "--metric", "accuracy/test", "--half-width", 0.05)
    assert said.code == 0
    assert "mean wall seconds of" in said.out
    assert "plug-in" in said.out
    assert "assured" in said.out
    assert not ran.store.keys("looks")


def test_a_table_with_costs(cli, table):
    ask = ("plan", table, *COSTS, "--half-width", 0.01)
    assert "Flatness" in cli(*ask).out
    found = json.loads(cli(*ask, "--format", "json").out)
    assert [one["name"] for one in found["designs"]] == ["plug-in", "assured"]
    assert set(found["designs"][0]["J"]) == {"ft", "ga"}
    assert found["why"]["gains"]["training"]["cost"] > 0


def test_one_cost_for_all_methods(cli, table):
    ask = ("plan", table, "--cost-train", 10, "--cost-unlearn", 1, "--budget", "10min")
    found = json.loads(cli(*ask, "--format", "json").out)
    assert found["designs"][0]["cost"] <= 600


def test_workers_show_wall_time(cli, table):
    said = cli("plan", table, *COSTS, "--wall", "5min", "--workers", 4)
    assert "wall, 4 workers" in said.out


def test_a_pair_by_the_command_line(cli, table):
    said = cli("plan", table, *COSTS, "--difference", 0.02, "--power", 0.9, "--between", "ft,ga")
    assert "power 0.9 to show a difference of 0.02: ft - ga" in said.out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ((), "no target is given"),
        (("--half-width", "x"), "--half-width x: 'x' is not a number"),
        (("--half-width", 1e-9), "the closest reachable is"),
        (("--half-width", 0.1, "--budget", "8h"), "contradict each other"),
        (("--half-width", 0.1, "--cost-unlearn", "fft=1"), "did you mean 'ft'"),
        (
            ("--half-width", 0.1, "--cost-train", 0),
            "--cost-train 0: the cost of 'train' must be a number",
        ),
        (
            ("--half-width", 0.1, "--cost-eval", -1),
            "--cost-eval -1: the cost of 'evaluate' must not",
        ),
        (("--half-width", 0.1, "--metric", "loss"), "no metric 'loss' in the pilot"),
        (("--budget", "8h", "--weight", "3"), "--weight: write it as METRIC=WEIGHT"),
        (("--half-width", "acc=.1", "--half-width", "2"), "METRIC=NUMBER for each metric"),
    ],
)
def test_mistakes(cli, table, more, message):
    said = cli("plan", table, *COSTS, *more)
    assert said.code == 1
    assert message in said.err


def test_costs_given_in_part(cli, table):
    assert "give --cost-train SECONDS" in cli("plan", table, "--half-width", 0.1).err
    half = cli("plan", table, "--half-width", 0.1, "--cost-train", 3)
    assert "--cost-unlearn METHOD=COST is needed as well" in half.err
    assert (
        "--cost-train is needed" in cli("plan", table, "--half-width", 1, "--cost-unlearn", 3).err
    )


def test_a_table_with_one_training_seed(cli, tmp_path):
    path = tmp_path / "one.csv"
    lines = [f"0,{j},ft,acc,{0.5 + j / 10}" for j in range(5)]
    path.write_text("\n".join(["training_seed,unlearning_seed,method,metric,value", *lines]))
    said = cli("plan", path, "--half-width", 0.1, "--cost-train", 3, "--cost-unlearn", 1)
    assert said.code == 1
    assert "Run next: seeds.training=5" in said.err


def test_options_of_a_table_need_one(cli, ran):
    said = cli("plan", "--store", ran.root, "--percent", "--half-width", 0.1)
    assert "--percent describes a table" in said.err


def test_a_study_before_any_run(cli, lab):
    said = cli("plan", lab.path, "--store", lab.root)
    assert said.code == 0
    assert "toy: I = 3 training seeds, J = 2 unlearning seeds, K = 2" in said.out
    assert re.search(r"unlearn toy-noise +6 +0 +6 ", said.out)
    assert "--calibrate makes one of each and measures" in said.out
    assert "I = 3 (study)" in said.out
    assert "Without a pilot: run I = 5 training seeds or more" in said.out
    assert "It cannot show small differences" in said.out
    assert not lab.root.exists()


@pytest.mark.parametrize("runs", ["2", "{default: 2, toy-noise: [0, 5]}"])
def test_calibration_makes_one_of_each_stage_and_knows_times(cli, lab, runs):
    lab.edit("unlearning: 2", f"unlearning: {runs}")
    said = cli("plan", lab.path, "--store", lab.root, "--calibrate")
    assert said.code == 0
    assert "No measured time yet" not in said.out
    assert "Left: " in said.out
    made = [lab.store.get("models", key) for key in lab.store.keys("models")]
    assert {record["seeds"]["training"] for record in made} == {0}
    assert {record["method"] for record in made} == {
        "original",
        "retrain",
        "finetune",
        "toy-noise",
        "toy-shrink",
    }
    assert len(lab.lock().seeds.training) == 3
    before = len(made)
    assert cli("run", lab.path, "--store", lab.root, "--workers", 0).code == 0
    assert len(lab.store.keys("models")) == 22
    assert before < 8


def test_a_study_under_assumptions_as_json(cli, lab):
    ask = ("plan", lab.path, "--store", lab.root, "--assume", "rho=.5,sd=.02", "--format", "json")
    found = json.loads(cli(*ask).out)
    assert found["seeds"] == {
        "I": 3,
        "J": {"finetune": 2, "toy-noise": 2, "toy-shrink": 2},
        "K": 2,
    }
    assert found["left"]["seconds"] == 0
    assert found["plan"] is None
    more = (*ask, "--half-width", 0.01, "--cost-train", 10, "--cost-unlearn", 1)
    planned = json.loads(cli(*more).out)["plan"]
    assert planned["designs"][0]["I"] > 10
    assert planned["designs"][0]["J"]["toy-shrink"] == 1


def test_a_study_with_a_pilot_is_planned_from_it(cli, ran):
    ask = ("plan", ran.path, "--store", ran.root, "--metric", "accuracy/test")
    said = cli(*ask, "--half-width", 0.05)
    assert "Nothing is left to make" in said.out
    assert "assured" in said.out


def test_what_a_plan_before_a_run_cannot_know(cli, lab):
    ask = ("plan", lab.path, "--store", lab.root)
    assert "a target needs a pilot" in cli(*ask, "--half-width", 0.1).err
    assumed = (*ask, "--assume", "rho=.5,sd=.1")
    assert "--calibrate measures it, or give --cost-train" in cli(*assumed, "--half-width", 1).err
    priced = (*assumed, "--cost-train", 1, "--cost-unlearn", 1)
    assert "name them with --between A,B" in cli(*priced, "--margin", 1).err
    assert "sd is missing" in cli(*ask, "--assume", "rho=.5").err


def test_two_methods_under_an_assumption(cli, lab):
    ask = ("plan", lab.path, "--store", lab.root, "--cost-train", 10, "--cost-unlearn", 1)
    pair = ("--margin", 0.02, "--between", "finetune,toy-noise", "--format", "json")
    found = {}
    for corr in ("", ",corr=0", ",corr=.8"):
        said = cli(*ask, "--assume", f"rho=.5,sd=.02{corr}", *pair)
        found[corr] = json.loads(said.out)["plan"]
    cost = {corr: one["designs"][0]["cost"] for corr, one in found.items()}
    assert cost[""] == cost[",corr=0"] > cost[",corr=.8"]
    assert "taken to be uncorrelated (corr = 0)" in " ".join(found[""]["notes"])
    assert "uncorrelated" not in " ".join(found[",corr=.8"]["notes"])
    wrong = cli(*ask, "--assume", "rho=.5,sd=.02", "--margin", 0.02, "--between", "finetune,noise")
    assert "did you mean 'toy-noise'" in wrong.err
    alone = cli(*ask, "--assume", "rho=.5,sd=.02,corr=.5", "--half-width", 0.02)
    assert "corr= is about two methods" in alone.err


def test_options_of_a_study_need_one(cli, table):
    said = cli("plan", table, *COSTS, "--half-width", 1, "--assume", "rho=.5,sd=1")
    assert "--assume belongs to a study file" in said.err
    assert "--calibrate belongs to a study" in cli("plan", table, "--calibrate").err


def test_a_page_a_picture_and_an_amended_study(cli, ran, tmp_path):
    ask = ("plan", ran.path, "--store", ran.root, "--metric", "toy-probe", "--budget", "1s")
    said = cli(*ask, "--out", tmp_path / "plan.html", "--write", tmp_path / "more.yaml")
    assert said.code == 0
    assert "<svg" in (tmp_path / "plan.html").read_text()
    amended = load(tmp_path / "more.yaml").seeds
    assert len(amended.training) > 3
    assert cli(*ask, "--out", tmp_path / "plan.svg").code == 0


def test_the_study_gets_the_numbers_of_each_method_and_keeps_what_was_run(cli, ran):
    costs = ("--cost-train", 100, "--cost-unlearn", 50, "--cost-unlearn", "toy-noise=1")
    ask = ("plan", ran.path, "--store", ran.root, "--metric", "loss/forget", "--budget", "2h")
    planned = json.loads(cli(*ask, *costs, "--format", "json").out)["plan"]["designs"][1]
    said = cli(*ask, *costs, "--write", ran.path)
    seeds = load(ran.path).seeds
    runs = planned["J"]
    assert planned["name"] == "assured"
    assert runs["toy-noise"] > 3 > runs["finetune"]
    assert seeds.unlearning_of("toy-noise") == tuple(range(runs["toy-noise"]))
    assert seeds.unlearning_of("finetune") == (0, 1)
    assert len(seeds.training) == planned["I"]
    assert f"1 (finetune), {runs['toy-noise']} (toy-noise)" in said.err
    assert "more than planned: 2 evaluation seeds, 2 unlearning seeds of finetune, " in said.err
    made = set(ran.store.keys("models"))
    assert ran.run(limit=8).made == 8
    assert made < set(ran.store.keys("models"))
    snapshot = ran.snapshot()
    assert all(key in snapshot.design.cells for key in snapshot.records)


def test_a_study_larger_than_the_plan_says_where_it_stays_so(cli, ran):
    before = ran.path.read_text()
    said = cli("plan", ran.path, "--store", ran.root, "--metric", "loss/forget", "--half-width",
               100, "--write", ran.path)  # fmt: skip
    assert "I = 2, J = 1" in said.err
    assert "kept, and are more than planned: 3 training seeds, 2 evaluation seeds" in said.err
    assert ran.path.read_text() == before


def test_partitions_are_planned_and_written(cli, lab, tmp_path):
    rng, rows = np.random.default_rng(5), []
    for p, i in np.ndindex(5, 3):
        own = 0.03 * np.sin(5 * p) + 0.01 * rng.normal()
        rows += [(p, i, j, "toy-noise", "acc", own + 0.01 * rng.normal()) for j in range(2)]
    names = ["partition_seed", "training_seed", "unlearning_seed", "method", "metric", "value"]
    table = tmp_path / "pilot.csv"
    pd.DataFrame(rows, columns=names).to_csv(table, index=False)
    costs = ("--cost-train", 10, "--cost-unlearn", 1, "--cost-partition", 500)
    ask = ("plan", table, "--partitions", "random", *costs, "--half-width", 0.02)
    said = cli(*ask, "--write", lab.path, "--out", tmp_path / "plan.svg")
    assert said.code == 0
    found = json.loads(cli(*ask, "--format", "json").out)
    assured = found["designs"][1]
    seeds = load(lab.path).seeds
    assert len(seeds.partition) == assured["P"] > 5
    assert len(seeds.training) == max(3, assured["I"])
    assert f"P = {assured['P']}, I = " in said.err
    assert "I, training seeds in each partition" in (tmp_path / "plan.svg").read_text()


def test_what_cannot_be_written(cli, ran, tmp_path):
    ask = ("plan", "--store", ran.root, "--metric", "toy-probe", "--budget", "1s")
    assert "written as .html or .svg" in cli(*ask, "--out", tmp_path / "plan.png").err
    assert "no study file to amend" in cli(*ask, "--write", tmp_path / "none.yaml").err
    other = tmp_path / "other.yaml"
    other.write_text("x")
    said = cli("plan", ran.path, *ask[1:], "--write", other)
    assert "exists already and is another file" in said.err
    assert "need a target" in cli("plan", ran.path, "--store", ran.root, "--write", other).err
    assert "cannot be written" in cli(*ask, "--out", ran.path / "x" / "plan.svg").err


def test_a_budget_in_a_metric(cli, ran):
    ask = ("plan", "--store", ran.root, "--metric", "accuracy/test", "--budget", "100")
    said = cli(*ask, "--cost-metric", "runtime")
    assert said.code == 0
    assert "mean runtime of" in said.out
    assert "did you mean 'runtime'" in cli(*ask, "--cost-metric", "runtme").err
