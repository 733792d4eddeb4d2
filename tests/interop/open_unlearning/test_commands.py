"""A study as commands, and the way back from what they leave."""

import re
import shlex
from collections import Counter

import pandas as pd
import pytest
from tests.interop.open_unlearning.saves import Saves, eval_config, eval_log, train_config

from seedwise.cli.main import main
from seedwise.errors import StudyError
from seedwise.interop.open_unlearning.commands import sweep, unlearning_seed
from seedwise.interop.open_unlearning.targets import Checkout
from seedwise.study.load import validate

STUDY = {
    "study": "sweep",
    "task": {
        "domain": "language",
        "dataset": {"name": "tofu", "path": "tofu"},
        "model": {"name": "pretrained", "hub": "meta-llama/Llama-3.2-1B-Instruct"},
        "train": {"epochs": 5, "lr": 1e-5},
    },
    "forget": {"records": "tofu/forget10.json"},
    "methods": [
        "original",
        "retrain",
        {"name": "npo", "beta": 0.2},
        {"name": "npo", "beta": 0.5, "label": "npo strong"},
        {"name": "idk-dpo", "lr": 2e-5},
    ],
    "metrics": ["probability"],
    "seeds": {"training": [0, 2, 3], "unlearning": 2},
}


def planned(checkout=None, **changes):
    return sweep(validate({**STUDY, **changes}, "study.yaml"), checkout)


def settings(command):
    """Return the Hydra overrides of a command."""
    return dict(word.lstrip("+").split("=", 1) for word in command if "=" in word)


def of(found, title):
    (stage,) = [stage for stage in found.stages if stage.title.startswith(title)]
    return [settings(command) for command in stage.commands]


def left_behind(found, saves):
    """Write what the commands of a sweep would leave."""
    trained = [stage.title for stage in found.stages if "trained" in stage.title]
    for given in [given for title in trained for given in of(found, title)]:
        name = given["paths.output_dir"].removeprefix("saves/sweep/")
        kind, part = next(
            (key.split(".")[2], value)
            for key, value in given.items()
            if key.startswith("data.train")
        )
        data = {"train": {kind: {"args": {"hf_args": {"name": part}}}}}
        seed = int(given["trainer.args.seed"])
        saves.config(name, train_config("finetune", "FinetuneTrainer", "hub", seed, data=data))
    for given in of(found, "unlearning"):
        name = given["paths.output_dir"].removeprefix("saves/sweep/")
        beta = given.get("trainer.method_args.beta")
        config = train_config(
            "unlearn",
            given["trainer"],
            given["model.model_args.pretrained_model_name_or_path"],
            int(given["trainer.args.seed"]),
            split=given["forget_split"],
            retain_log=given["retain_logs_path"],
            method_args={"beta": float(beta)} if beta else None,
        )
        saves.config(name, config)
    for stage in found.stages:
        if stage.title.startswith("evaluations"):
            for given in of(found, stage.title):
                name = given["paths.output_dir"].removeprefix("saves/sweep/")
                path = given["model.model_args.pretrained_model_name_or_path"]
                saves.config(name, eval_config(path, given["forget_split"]))
                saves.results(name, eval_log(saves.scores(), model_utility=0.5))


def test_the_nested_design():
    found = planned()
    assert [len(stage.commands) for stage in found.stages] == [3, 3, 3, 3, 18, 18]
    runs = of(found, "unlearning")
    starts = Counter(run["model.model_args.pretrained_model_name_or_path"] for run in runs)
    assert set(starts.values()) == {6}
    assert set(starts) == {run["paths.output_dir"] for run in of(found, "originals")}
    keys = ("trainer", "trainer.method_args.beta", "trainer.args.seed")
    seeds = Counter(tuple(run.get(key) for key in keys) for run in runs)
    assert set(seeds.values()) == {1}


def test_each_method_has_its_own_unlearning_seeds():
    runs = {"default": 1, "npo strong": ["1-3"]}
    found = planned(seeds={"training": [0, 2], "unlearning": runs})
    names = [given["task_name"] for given in of(found, "unlearning")]
    labels = Counter(re.search(r"_(npo|npo-strong|idk-dpo)_t", name)[1] for name in names)
    assert labels == {"npo": 2, "npo-strong": 6, "idk-dpo": 2}
    assert sum(name.endswith("_npo-strong_t2_u3") for name in names) == 1
    assert len(of(found, "evaluations of the unlearned")) == len(names)


def test_every_command_has_a_name_and_a_folder_of_its_own():
    found = planned()
    commands = [settings(command) for stage in found.stages for command in stage.commands]
    folders = [given["paths.output_dir"] for given in commands]
    assert len(set(folders)) == len(folders) == 48
    trained = of(found, "originals") + of(found, "references") + of(found, "unlearning")
    assert len({given["task_name"] for given in trained}) == len(trained)
    assert all(re.fullmatch(r"[\w.-]+", given["task_name"]) for given in trained)


def test_each_run_is_compared_with_the_reference_of_its_training_seed():
    found = planned()
    evaluated = of(found, "evaluations of the ref")
    logs = {f"{given['paths.output_dir']}/TOFU_EVAL.json" for given in evaluated}
    assert {run["retain_logs_path"] for run in of(found, "unlearning")} == logs
    for run in of(found, "unlearning"):
        start = run["model.model_args.pretrained_model_name_or_path"].rpartition("_t")[2]
        assert run["retain_logs_path"].rpartition("_t")[2] == f"{start}/TOFU_EVAL.json"


@pytest.mark.parametrize(
    ("reference", "seeds"), [("independent", [1, 5, 7]), ("paired", [0, 4, 6])]
)
def test_seeds_of_references(reference, seeds):
    found = planned(reference=reference)
    assert [int(run["trainer.args.seed"]) for run in of(found, "references")] == seeds
    assert [int(run["trainer.args.seed"]) for run in of(found, "originals")] == [0, 4, 6]


def test_seeds_of_a_study_that_grows_stay():
    small = {unlearning_seed(i, j) for i in range(3) for j in range(2)}
    large = [unlearning_seed(i, j) for i in range(20) for j in range(20)]
    assert len(set(large)) == 400
    assert small <= set(large)


def test_arguments_of_the_study():
    runs = of(planned(), "unlearning")
    betas = {run.get("trainer.method_args.beta") for run in runs if run["trainer"] == "NPO"}
    assert betas == {"0.2", "0.5"}
    dpo = next(run for run in runs if run["trainer"] == "DPO")
    assert dpo["experiment"] == "unlearn/tofu/idk.yaml"
    assert dpo["trainer.args.learning_rate"] == "2e-05"
    trained = of(planned(), "originals")[0]
    assert trained["trainer.args.num_train_epochs"] == "5"


def read_back(found, folder, monkeypatch):
    """Return the table that the last command writes from what the others leave."""
    left_behind(found, Saves(folder / "saves" / "sweep"))
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.argv", list(found.imported))
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    return pd.read_csv(folder / "sweep.csv")


def test_what_the_commands_leave_is_read_back(tmp_path, monkeypatch):
    found = planned()
    table = read_back(found, tmp_path, monkeypatch)
    cells = table[table["metric"] == "model_utility"]
    counts = cells.groupby("method")["training_seed"].agg(["nunique", "count"])
    assert set(cells["training_seed"]) == {0, 2, 3}
    assert counts.loc["original"].tolist() == counts.loc["retrain"].tolist() == [3, 3]
    assert counts.loc["NPO beta=0.2"].tolist() == counts.loc["NPO beta=0.5"].tolist() == [3, 6]
    assert counts.loc["DPO"].tolist() == [3, 6]
    seeds = set(zip(cells["training_seed"], cells["unlearning_seed"], strict=True))
    assert {(i, unlearning_seed(i, j)) for i in (0, 2, 3) for j in range(2)} <= seeds
    ranks = table[table["metric"] == "forget-quality-rank"]
    assert len(ranks) == 3 + 3 + 18


def test_the_script_holds_one_command_a_line():
    found = planned()
    lines = [
        line for line in found.script().splitlines() if line.startswith(("accelerate", "python"))
    ]
    commands = [command for stage in found.stages for command in stage.commands]
    assert [tuple(shlex.split(line)) for line in lines] == commands
    assert f"#   {shlex.join(found.imported)}" in found.script().splitlines()


def test_one_process_needs_no_accelerate():
    command = planned(Checkout(processes=1)).stages[0].commands[0]
    assert command[:2] == ("python", "src/train.py")
    assert "trainer.args.gradient_accumulation_steps=8" in command


def test_several_forget_sets_share_the_originals():
    found = planned(forget=[{"records": "a/forget05.json"}, {"authors": 0.1, "name": "forget10"}])
    assert [len(stage.commands) for stage in found.stages] == [3, 6, 6, 6, 36, 36]


MUSE = {
    "task": {
        **STUDY["task"],
        "dataset": {"name": "datasets", "id": "muse-bench/MUSE-News"},
        "model": {"name": "pretrained", "hub": "meta-llama/Llama-2-7b-hf"},
    },
    "forget": {"random": 0.1},
    "methods": ["retrain", {"name": "npo", "beta": 0.2}],
}


def test_muse_trains_on_its_own_parts():
    found = planned(**MUSE)
    assert [len(stage.commands) for stage in found.stages] == [3, 3, 3, 3, 6, 6]
    parts = [
        {one["data_sub_set"] for one in of(found, title)} for title in ("originals", "references")
    ]
    assert parts == [{"full"}, {"retain"}]
    for run in of(found, "unlearning"):
        assert run["experiment"] == "unlearn/muse/default.yaml"
        assert run["data_split"] == "News"
        assert run["retain_logs_path"].endswith("/MUSE_EVAL.json")


ADOPTED = {"originals": "lab/full-{training_seed}", "references": "there/{task}-{training_seed}"}


def test_finished_checkpoints_are_started_from(tmp_path):
    (tmp_path / "there" / "records-forget10-2").mkdir(parents=True)
    found = planned(Checkout(folder=tmp_path), **ADOPTED)
    assert [len(stage.commands) for stage in found.stages] == [3, 3, 18, 18]
    path = "model.model_args.pretrained_model_name_or_path"
    starts = {run[path] for run in of(found, "unlearning")}
    assert starts == {f"lab/full-{i}" for i in (0, 2, 3)}
    local = str(tmp_path / "there" / "records-forget10-2")
    assert [run[path] for run in of(found, "evaluations of the ref")][1] == local
    words = list(found.imported)
    assert ["--map", "lab/full-2=2"] in [words[n : n + 2] for n in range(len(words))]
    assert ["--reference", local] in [words[n : n + 2] for n in range(len(words))]


def test_wmdp_starts_from_finished_checkpoints():
    more = {"methods": ["original", {"name": "rmu", "coefficient": 20.0}], "originals": "lab/z"}
    found = planned(
        Checkout("zephyr-7b-beta", "WMDP-cyber"), **{**MUSE, **more, "seeds": {"training": 1}}
    )
    assert [len(stage.commands) for stage in found.stages] == [1, 1, 1]
    (run,) = of(found, "unlearning")
    assert (run["experiment"], run["data_split"]) == ("unlearn/wmdp/default.yaml", "cyber")
    assert "retain_logs_path" not in run
    assert "--map" in found.imported


def test_the_way_back_from_finished_checkpoints(tmp_path, monkeypatch):
    found = planned(**ADOPTED)
    table = read_back(found, tmp_path, monkeypatch)
    cells = table[table["metric"] == "model_utility"]
    counts = cells.groupby("method")["training_seed"].agg(["nunique", "count"])
    assert counts.loc["original"].tolist() == counts.loc["retrain"].tolist() == [3, 3]
    assert counts.loc["DPO"].tolist() == [3, 6]


TASK = STUDY["task"]


@pytest.mark.parametrize(
    ("changes", "checkout", "message"),
    [
        ({"task": {**TASK, "dataset": "fictional-authors"}}, None, "has no 'fictional-authors'"),
        ({"task": {**TASK, "model": "llama"}}, None, "no config for 'llama'; name one.*--model"),
        ({}, Checkout(model="Llama-3.2-1B"), "did you mean 'Llama-3.2-1B-Instruct'"),
        (
            {"forget": {"authors": 0.2}},
            None,
            "'authors-0.2' is none of TOFU's.*--split",
        ),
        ({}, Checkout(split="forget20"), "--split forget20: .*Allowed: MUSE-Books"),
        ({}, Checkout(split="MUSE-News"), "the study's data set is tofu"),
        (
            {**MUSE, "methods": ["rmu"]},
            Checkout(split="WMDP-bio"),
            "no config that trains originals for WMDP; name finished ones",
        ),
        (
            {**MUSE, "methods": ["retrain", "rmu"], "originals": "lab/z"},
            Checkout(split="WMDP-bio"),
            "no config that trains references for WMDP; leave out 'retrain'",
        ),
        ({"originals": "lab/z@v1"}, None, "without a revision; download it"),
        (
            {"forget": [{"authors": 0.1}, {"authors": 0.2}]},
            Checkout(split="forget10"),
            "is for one forget set, the study has 2",
        ),
        ({"methods": ["retrain", "task-vector"]}, None, "no trainer for 'task-vector'"),
        (
            {"task": {**TASK, "train": {"optimizer": "sgd"}}},
            None,
            "task.train: Open.* cannot",
        ),
        ({"task": {**TASK, "model": {"name": "pretrained", "lora": 8}}}, None, "lora: OpenUnl"),
        ({"seeds": {"training": [2**31], "unlearning": 1}}, None, "is too large"),
        ({"seeds": {"training": 2, "partition": 2}}, None, "seeds.partition"),
    ],
)
def test_what_cannot_be_exported(changes, checkout, message):
    with pytest.raises(StudyError, match=message):
        planned(checkout, **changes)
