"""A folder of outputs becomes results."""

import json

import numpy as np
import pytest
from scipy.stats import ks_2samp
from tests.interop.open_unlearning.saves import HUB, NAN, eval_config, eval_log, train_config

import seedwise as sw
from seedwise.errors import TableError
from seedwise.metrics.forget_quality import rank_among

TASK = "Llama-3.2-1B-Instruct forget10"


def imported(folder, **options):
    return sw.import_results("open-unlearning", folder, **options)


def values(results, metric="model_utility"):
    """Return `{(method, training seed, unlearning seed or None): value}`."""
    frame = results.frame()
    frame = frame[frame["metric"] == metric].astype(object)
    frame = frame.where(frame.notna(), None)
    keys = zip(frame["method"], frame["training_seed"], frame["unlearning_seed"], strict=True)
    return dict(zip(keys, frame["value"], strict=True))


def flags(results, method, metric="model_utility"):
    row = results.summary().set_index(["method", "metric"]).loc[(method, metric)]
    return row["flags"].split(", ")


def test_seeds_come_from_the_training_runs(tree):
    results = imported(tree.root)
    found = values(results)
    assert set(results.frame()["task"]) == {TASK}
    assert found["NPO", 11, 151] == pytest.approx(0.511)
    assert found["original", 12, None] == pytest.approx(0.62)
    assert found["retrain", 20, None] == pytest.approx(0.6)
    assert len(found) == 3 + 3 + 12
    assert set(results.frame()["original"].dropna()) == {
        "finetune/full_t0",
        "finetune/full_t1",
        "finetune/full_t2",
    }
    assert not results.notes


def test_a_part_of_the_folder_and_the_working_folder(tree, monkeypatch):
    monkeypatch.chdir(tree.root / "unlearn")
    found = values(imported("."))
    assert {key[1] for key in found} == {0, 1, 2}
    assert len(found) == 12


def test_one_start_model_is_one_training_seed(saves):
    for seed in range(4):
        saves.unlearned(f"npo{seed}", "NPO", HUB, seed)
    results = imported(saves.root)
    row = results.summary().set_index("metric").loc["model_utility"]
    assert row["n_training_seeds"] == 1
    assert row["n_unlearning_seeds_max"] == 4
    assert "single_training_seed" in flags(results, "NPO")
    assert np.isnan(row["ci_low"])
    assert any(
        f"all 4 unlearned models start from one trained model ({HUB})" in note
        for note in results.notes
    )


def test_start_models_are_counted_where_their_seeds_are_not_known(saves):
    for name, start in (("a", "m10"), ("b", "m9")):
        saves.unlearned(name, "NPO", start, 5)
    assert set(values(imported(saves.root))) == {
        ("NPO", 1, 5),
        ("NPO", 0, 5),
    }


def test_equal_seeds_of_finetuning_runs_are_no_names(saves):
    for i in range(2):
        saves.finetuned(f"full{i}", "full", 0)
        saves.unlearned(f"npo{i}", "NPO", f"/elsewhere/saves/finetune/full{i}/", i)
    assert {key[1] for key in values(imported(saves.root))} == {0, 1}


def test_a_map_names_training_seeds(tree):
    given = {"finetune/full_t0": 5, "saves/finetune/full_t2": 7}
    found = values(imported(tree.root, map=given))
    assert {key[1] for key in found if key[0] == "NPO"} == {5, 7, 11}


def test_recurring_seeds_are_tested_rather_than_believed(saves):
    for i in range(3):
        for j in range(3):
            utility = {"model_utility": 0.1 * j + 0.001 * i * j}
            saves.unlearned(f"npo{i}{j}", "NPO", f"m{i}", j, aggregates=utility)
    results = imported(saves.root)
    assert "labels_recur" in flags(results, "NPO")
    assert any("the same unlearning seeds were used on several" in note for note in results.notes)


def test_settings_that_vary_are_different_methods(saves):
    for beta, seed in ((0.1, 0), (0.1, 1), (0.5, 0)):
        name = f"npo_{beta}_{seed}"
        saves.unlearned(name, "NPO", HUB, seed, method_args={"beta": beta}, learning_rate=1e-5)
    methods = {key[0] for key in values(imported(saves.root))}
    assert methods == {"NPO beta=0.1", "NPO beta=0.5"}


def test_forget_quality_is_computed_anew(tree):
    results = imported(tree.root)
    scores = {}
    for kind, i in (("retain90_t", 0), ("retain90_t", 1), ("retain90_t", 2)):
        log = json.loads((tree.root / f"eval/{kind}{i}/TOFU_EVAL.json").read_text())
        scores[i] = [row["score"] for row in log["forget_truth_ratio"]["value_by_index"].values()]
    log = json.loads((tree.root / "unlearn/NPO_t1_u0/evals/TOFU_EVAL.json").read_text())
    mine = [row["score"] for row in log["forget_truth_ratio"]["value_by_index"].values()]
    published, ranks = (values(results, f"forget-quality{end}") for end in ("", "-rank"))
    assert published["NPO", 11, 150] == pytest.approx(ks_2samp(mine, scores[1]).pvalue)
    assert published["retrain", 22, None] == pytest.approx(ks_2samp(scores[2], scores[0]).pvalue)
    arrays = [np.array(scores[i]) for i in range(3)]
    assert ranks["NPO", 11, 150] == rank_among(np.array(mine), arrays)
    assert ranks["retrain", 21, None] == rank_among(arrays[1], [arrays[0], arrays[2]])
    ensemble = results.ensembles().set_index("method")["value"]
    assert ensemble["NPO"].iloc[0] == pytest.approx(
        np.mean([value for key, value in ranks.items() if key[0] == "NPO"])
    )


def test_further_retrained_models(saves, tmp_path):
    saves.unlearned("npo", "NPO", HUB, 0)
    logs = []
    for i in range(3):
        logs.append(tmp_path / f"retrained{i}.json")
        logs[-1].write_text(json.dumps(eval_log(saves.scores())))
    found = values(imported(saves.root, retrain_logs=logs), "forget-quality-rank")
    assert found["NPO", 0, 0] == 0.25
    assert [key[1] for key in found if key[0] == "retrain"] == [0, 1, 2]


def test_one_retrained_model_gives_no_floor(saves):
    saves.unlearned("npo", "NPO", HUB, 0)
    saves.finetuned("retain90", "retain90", 0)
    saves.evaluated("retain90", "saves/finetune/retain90")
    results = imported(saves.root)
    assert set(values(results, "forget-quality")) == {("NPO", 0, 0)}
    assert not values(results, "forget-quality-rank")


def test_other_questions_are_refused(saves):
    saves.unlearned("npo", "NPO", HUB, 0)
    saves.finetuned("retain90", "retain90", 0)
    saves.config("eval/retain90", eval_config("saves/finetune/retain90"))
    saves.results("eval/retain90", eval_log(np.ones(7)))
    with pytest.raises(TableError, match=r"answered 20 and 7 questions"):
        imported(saves.root)


def test_nan_fails_and_null_is_missing(saves):
    for seed, value in enumerate([0.5, NAN, None]):
        saves.unlearned(f"npo{seed}", "NPO", HUB, seed, aggregates={"privleak": value, "x": None})
    frame = imported(saves.root).frame()
    mine = frame[frame["metric"] == "privleak"].set_index("unlearning_seed")
    assert mine["status"].tolist() == ["ok", "failed", "missing"]
    assert mine["reason"][2] == "null in TOFU_EVAL.json"
    assert "x" not in set(frame["metric"])


def test_a_metric_that_one_run_lacks_is_missing_there(saves):
    for seed in range(3):
        more = {"privleak": 1.0 + seed} if seed else {}
        saves.unlearned(f"npo{seed}", "NPO", HUB, seed, aggregates={"model_utility": 0.5, **more})
    summary = imported(saves.root).summary().set_index("metric")
    assert summary.loc["privleak", "n_missing"] == 1
    assert summary.loc["model_utility", "n_missing"] == 0


def test_roles_of_models_from_elsewhere(saves):
    log = "saves/eval/golden/TOFU_EVAL.json"
    saves.unlearned("npo", "NPO", "some/where", 0, retain_log=log)
    saves.evaluated("before", "some/where", model_utility=0.6)
    saves.evaluated("golden", "org/what", model_utility=0.7)
    saves.evaluated("hub", "open-unlearning/tofu_Llama-3.2-1B-Instruct_retain90", model_utility=0.8)
    saves.evaluated("whatever", "org/unknown", model_utility=0.9)
    results = imported(saves.root)
    assert values(results) == {
        ("NPO", 0, 0): 0.5,
        ("original", 0, None): 0.6,
        ("retrain", 1, None): 0.7,
        ("retrain", 0, None): 0.8,
    }
    assert any("nothing says what 'org/unknown' is" in note for note in results.notes)
    said = sw.import_results(
        "open-unlearning", saves.root, reference=["org/unk*"], leave_out=["eval/hub"]
    )
    assert sorted(v for k, v in values(said).items() if k[0] == "retrain") == [0.7, 0.9]


def test_a_model_retrained_for_another_split_is_no_reference(saves):
    saves.unlearned("npo", "NPO", HUB, 0)
    saves.finetuned("retain99", "retain99", 0)
    saves.evaluated("retain99", "saves/finetune/retain99", model_utility=0.6)
    results = imported(saves.root)
    assert {key[0] for key in values(results)} == {"NPO"}
    assert any("trained on retain99 is no reference for forget10" in note for note in results.notes)


def test_the_finished_model_comes_before_checkpoints(saves):
    saves.unlearned("npo", "NPO", HUB, 0)
    for step in (0, 60, 120):
        log = eval_log(saves.scores(), model_utility=step)
        saves.results(f"unlearn/npo/checkpoint-{step}/evals", log)
    assert values(imported(saves.root)) == {("NPO", 0, 0): 0.5}
    assert values(imported(saves.root, checkpoint=60)) == {("NPO", 0, 0): 60}
    with pytest.raises(TableError, match=r"--checkpoint 7: .* known: 0, 60, 120"):
        imported(saves.root, checkpoint=7)
    without = imported(saves.root, leave_out=["unlearn/npo/evals"])
    assert values(without) == {("NPO", 0, 0): 120}


def test_checkpoints_evaluated_by_themselves(saves):
    saves.config("unlearn/npo", train_config("unlearn", "NPO", HUB, 3))
    for step in (9, 60):
        saves.evaluated(f"npo_{step}", f"saves/unlearn/npo/checkpoint-{step}", model_utility=step)
    assert values(imported(saves.root)) == {("NPO", 0, 3): 60}


def test_muse_and_lm_eval_beside_each_other(saves):
    config = train_config("unlearn", "NPO", "muse-bench/MUSE-News_target", 1, split="forget")
    saves.config("unlearn/npo", {**config, "data_split": "News"})
    saves.config("unlearn/npo/evals", eval_config("saves/unlearn/npo", None, data_split="News"))
    saves.results("unlearn/npo/evals", {"privleak": {"agg_value": -99.8}}, "MUSE")
    saves.config("eval/npo_mmlu", eval_config("saves/unlearn/npo", None))
    summary = {"mmlu/acc": 0.4, "mmlu/acc_stderr": 0.004}
    (saves.root / "eval/npo_mmlu/LMEval_SUMMARY.json").write_text(json.dumps(summary))
    name = "muse-bench/MUSE-News_target"
    saves.config("eval/target", eval_config(name, None, data_split="News"))
    saves.results("eval/target", {"privleak": {"agg_value": -100.0}}, "MUSE")
    results = imported(saves.root)
    assert set(results.frame()["task"]) == {"Llama-3.2-1B-Instruct News"}
    assert values(results, "privleak") == {("NPO", 0, 1): -99.8, ("original", 0, None): -100.0}
    assert values(results, "mmlu/acc") == {("NPO", 0, 1): 0.4}


def test_names_may_tell_where_configs_are_lost(saves):
    for name in ("NPO_t0_u0", "NPO_t1_u3", "retrain_t4"):
        saves.results(f"unlearn/{name}/evals", eval_log(saves.scores(), model_utility=0.5))
    pattern = "unlearn/{method}_t{training_seed}[_u{unlearning_seed}]/evals"
    found = values(imported(saves.root, pattern=pattern))
    assert set(found) == {("NPO", 0, 0), ("NPO", 1, 3), ("retrain", 4, None)}


def test_names_may_tell_baselines_by_other_names(saves):
    for name in ("full_t0", "NPO_t0_u0", "retain90_t4"):
        saves.results(f"unlearn/{name}/evals", eval_log(saves.scores(), model_utility=0.5))
    pattern = "unlearn/{method}_t{training_seed}[_u{unlearning_seed}]/evals"
    given = {"pattern": pattern, "original": ["full"], "reference": ["*/retain*"]}
    found = values(imported(saves.root, **given))
    assert set(found) == {("original", 0, None), ("NPO", 0, 0), ("retrain", 4, None)}
    with pytest.raises(TableError, match="--map, --checkpoint: not for an import by --pattern"):
        imported(saves.root, **given, map={"full": 1}, checkpoint=5)


def test_no_such_folder(tmp_path):
    (tmp_path / "saves").mkdir()
    with pytest.raises(TableError, match=r"no folder .*did you mean 'saves'"):
        imported(tmp_path / "save")
    with pytest.raises(TableError, match=r"holds no .*_SUMMARY.json or .*_EVAL.json"):
        imported(tmp_path)


def test_no_train_config(saves):
    saves.results("unlearn/npo/evals", eval_log(saves.scores()))
    with pytest.raises(TableError, match=r"'unlearn/npo/evals' has no train config.*--pattern"):
        imported(saves.root)


def test_two_runs_for_one_cell(saves):
    for name in ("npo_a", "npo_b"):
        saves.unlearned(name, "NPO", HUB, 0)
    with pytest.raises(
        TableError, match=r"'unlearn/npo_a/evals' and 'unlearn/npo_b/evals' are two runs"
    ):
        imported(saves.root)
    assert len(values(imported(saves.root, leave_out=["npo_b"]))) == 1


def test_two_evaluations_of_one_model(saves):
    saves.unlearned("npo", "NPO", HUB, 0)
    saves.evaluated("again", "saves/unlearn/npo")
    with pytest.raises(TableError, match=r"two evaluations of 'unlearn/npo'"):
        imported(saves.root)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"finetune/ful_t0": 1}, "did you mean 'finetune/full_t0'"),
        ({"unlearn/NPO_t0_u0": 1}, "no model here starts from or is"),
    ],
)
def test_a_map_that_names_no_start_model(tree, given, message):
    with pytest.raises(TableError, match=message):
        imported(tree.root, map=given)


def test_a_map_that_merges_two_start_models(tree):
    with pytest.raises(TableError, match="two runs for one cell: original"):
        imported(tree.root, map={"full_t0": 1, "full_t1": 1})


def test_two_paths_of_one_model(saves):
    for j, start in enumerate((HUB, "/data/copies/full")):
        saves.unlearned(f"npo{j}", "NPO", start, j)
    results = imported(saves.root, map={HUB: 0, "/data/copies/full": 0})
    summary = results.summary().set_index("metric").loc["model_utility"]
    assert summary["n_training_seeds"] == 1
    assert summary["n_unlearning_seeds_max"] == 2


def test_a_retrain_log_without_ratios(tree, tmp_path):
    file = tmp_path / "log.json"
    file.write_text("{}")
    with pytest.raises(TableError, match=r"holds no truth ratios"):
        imported(tree.root, retrain_logs=[file])


def test_nothing_that_can_be_used(saves):
    saves.evaluated("whatever", "org/unknown")
    with pytest.raises(TableError, match=r"no evaluation can be used\n.*--reference NAME"):
        imported(saves.root)


def test_an_evaluation_on_another_forget_set_is_left_out(saves):
    saves.unlearned("npo", "NPO", HUB, 0)
    saves.config("eval/other", eval_config("saves/unlearn/npo", "forget05"))
    saves.results("eval/other", eval_log(saves.scores(), model_utility=0.1))
    results = imported(saves.root)
    assert values(results) == {("NPO", 0, 0): 0.5}
    assert any("eval/other: left out" in note for note in results.notes)
