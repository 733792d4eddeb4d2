"""The Hydra configs of runs."""

import pytest
from tests.interop.open_unlearning.saves import eval_config, train_config

from seedwise.errors import TableError
from seedwise.interop.open_unlearning.config import Config, read_config
from seedwise.interop.trees.layout import EvalRun, TrainRun


def test_interpolations_are_replaced_and_circles_end():
    tree = {"a": "${b.c}", "b": {"c": 5, "d": "x${a}-${b.e}"}, "e": "${f}", "f": "${e}"}
    config = Config(tree)
    assert config.get("a") == 5
    assert config.get("b.d") == "x5-None"
    assert config.get("e") is None
    assert config.get("no.such.key") is None


def test_other_resolvers_stay_as_they_stand():
    assert Config({"a": "${hydra:runtime.cwd}/x"}).text("a") == "${hydra:runtime.cwd}/x"


def test_mandatory_values_count_as_absent():
    assert Config({"task_name": "???"}).get("task_name") is None


def test_an_unlearning_run(saves):
    start = "muse-bench/MUSE-${data_split}_target"
    config = train_config("unlearn", "NPO", start, 7, method_args={"beta": 0.1})
    saves.config("unlearn/x", {**config, "data_split": "News"})
    run = read_config(saves.root / "unlearn" / "x")
    assert isinstance(run, TrainRun)
    assert run.name == "unlearn/x"
    assert (run.handler, run.unlearns, run.seed) == ("NPO", True, 7)
    assert run.start == "muse-bench/MUSE-News_target"
    assert (run.model, run.data, run.forget) == ("Llama-3.2-1B-Instruct", "News", "forget10")
    assert run.settings["beta"] == "0.1"
    assert not {"seed", "output_dir", "logging_dir"} & set(run.settings)


def test_one_number_is_written_in_one_way(saves):
    for name, rate in (("a", "1e-5"), ("b", 1.0e-05)):
        saves.config(f"unlearn/{name}", train_config("unlearn", "NPO", "m", learning_rate=rate))
    runs = [read_config(saves.root / "unlearn" / name) for name in "ab"]
    assert runs[0].settings == runs[1].settings
    assert runs[0].settings["learning_rate"] == "1e-05"


@pytest.mark.parametrize(("split", "expected"), [("full", "full"), ("retain95", "retain95")])
def test_what_a_finetuning_run_trained_on(saves, split, expected):
    saves.finetuned("x", split, 3)
    run = read_config(saves.root / "finetune" / "x")
    assert (run.unlearns, run.trained_on, run.seed) == (False, expected, 3)


def test_muse_trains_on_a_split_named_by_interpolation(saves):
    hf_args = {"path": "tamarsonha/MUSE-${data_split}-Train", "split": "${data_sub_set}"}
    data = {"train": {"MUSE_train": {"args": {"hf_args": hf_args}}}}
    config = train_config("finetune", "FinetuneTrainer", "m", data=data)
    saves.config("finetune/x", {**config, "data_split": "Books", "data_sub_set": "retain"})
    assert read_config(saves.root / "finetune" / "x").trained_on == "retain"


def test_an_evaluation_has_no_trainer(saves):
    saves.config("eval/x", eval_config("saves/unlearn/y"))
    expected = EvalRun("saves/unlearn/y", "Llama-3.2-1B-Instruct", "", "forget10")
    assert read_config(saves.root / "eval" / "x") == expected


def test_no_config(tmp_path):
    assert read_config(tmp_path) is None


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"trainer": {"handler": "NPO"}}, "no config of OpenUnlearning"),
        (train_config("unlearn", "", "m"), "has no trainer.handler"),
        (train_config("unlearn", "NPO", "m", seed="x"), "trainer.args.seed is 'x'"),
    ],
)
def test_a_config_that_says_too_little(saves, config, message):
    saves.config("unlearn/x", config)
    with pytest.raises(TableError, match=message):
        read_config(saves.root / "unlearn" / "x")


@pytest.mark.parametrize("text", ["a: [", "- 1", "\tx"])
def test_a_config_that_is_none(saves, text):
    saves.config("unlearn/x", {})
    (saves.root / "unlearn/x/.hydra/config.yaml").write_text(text)
    with pytest.raises(TableError, match=r"cannot be read as YAML|holds no mapping"):
        read_config(saves.root / "unlearn" / "x")
