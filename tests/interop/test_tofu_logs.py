"""Logs of TOFU's own code."""

import json
import math

import numpy as np
import pytest
import yaml
from scipy.stats import hmean, ks_2samp

import seedwise as sw
from seedwise.errors import TableError
from seedwise.interop.tofu_logs import read_files

SETS = (
    "eval_log.json",
    "eval_log_forget.json",
    "eval_real_author_wo_options.json",
    "eval_real_world_wo_options.json",
)


def question_set(seed, shift=0.0, size=8):
    generator = np.random.default_rng(seed)
    return {
        "avg_gt_loss": generator.uniform(0.1, 1, size).tolist(),
        "rougeL_recall": generator.uniform(0.2, 1, size).tolist(),
        "avg_paraphrased_loss": (generator.uniform(1, 2, size) + shift).tolist(),
        "average_perturb_loss": generator.uniform(1, 3, (size, 5)).tolist(),
        "generated_text": [["q", "a", "b"]] * size,
    }


def aggregated(seed=0, shift=0.0):
    return {name: question_set(seed + at, shift) for at, name in enumerate(SETS)}


def as_dicts(log):
    return {
        name: {key: {str(n): v for n, v in enumerate(column)} for key, column in entry.items()}
        for name, entry in log.items()
    }


@pytest.fixture
def put(tmp_path):
    def write(folder, log, config=None, name="config.yaml"):
        place = tmp_path / "models" / folder
        results = place / "eval_results" / "ds_size300"
        results.mkdir(parents=True)
        (results / "eval_log_aggregated.json").write_text(json.dumps(log))
        if config is not None:
            (place / name).write_text(yaml.safe_dump(config))
        return tmp_path / "models"

    return write


def read(tmp_path, log):
    file = tmp_path / "eval_log_aggregated.json"
    file.write_text(json.dumps(log))
    return read_files({("eval_log", "aggregated"): file})


def forgetting(start, seed, loss="grad_ascent"):
    return {
        "model_family": "llama2-7b",
        "model_path": start,
        "split": "forget10",
        "forget_loss": loss,
        "lr": "1e-5",
        "seed": seed,
        "save_dir": "${model_path}/${forget_loss}",
        "eval": {"model_path": "${..model_path}"},
    }


def test_values_by_definition(tmp_path):
    log = aggregated()
    values = {name: value.value for name, value in read(tmp_path, log).values.items()}
    forget, author = log["eval_log_forget.json"], log["eval_real_author_wo_options.json"]
    mean = np.exp(-np.array(forget["avg_gt_loss"])).mean()
    assert values["probability/forget"] == pytest.approx(mean)
    true = np.exp(-np.array(author["avg_gt_loss"]))
    wrong = np.exp(-np.array(author["average_perturb_loss"])).sum(axis=1)
    assert values["probability/real-authors"] == pytest.approx((true / (true + wrong)).mean())
    losses = np.array(forget["average_perturb_loss"]).mean(axis=1)
    ratio = np.exp(np.array(forget["avg_paraphrased_loss"]) - losses)
    assert values["truth-ratio/forget"] == pytest.approx(np.minimum(ratio, 1 / ratio).mean())
    nine = [value for name, value in values.items() if "/" in name and "forget" not in name]
    assert len(nine) == 9
    assert values["model-utility"] == pytest.approx(hmean(nine))


def test_dicts_and_lists_are_alike(tmp_path):
    lists, dicts = (read(tmp_path, log) for log in (aggregated(), as_dicts(aggregated())))
    assert lists.values == dicts.values
    assert (lists.ratios == dicts.ratios).all()


def test_dicts_are_read_in_the_order_of_questions(tmp_path):
    log = as_dicts(aggregated())
    backwards = {
        name: {key: dict(reversed(column.items())) for key, column in entry.items()}
        for name, entry in log.items()
    }
    assert (read(tmp_path, backwards).ratios == read(tmp_path, log).ratios).all()


def test_gaps(tmp_path):
    log = aggregated()
    log["eval_log_forget.json"]["avg_gt_loss"][0] = math.nan
    log["eval_log_forget.json"]["avg_paraphrased_loss"][1] = None
    del log["eval_log.json"]["rougeL_recall"]
    del log["eval_real_world_wo_options.json"]
    found = read(tmp_path, log)
    rest = np.exp(-np.array(log["eval_log_forget.json"]["avg_gt_loss"][1:])).mean()
    assert found.values["probability/forget"].value == pytest.approx(rest)
    assert np.isnan(found.ratios).tolist() == [False, True] + [False] * 6
    assert "rouge-l-recall/retain" not in found.values
    assert "model-utility" not in found.values


def test_seeds_and_start_models_from_configs(put):
    for i in range(2):
        full = {"model_family": "llama2-7b", "split": "full", "seed": 40 + i}
        put(f"full{i}", aggregated(i), full, "cfg.yaml")
        kept = {"model_family": "llama2-7b", "split": "retain90", "seed": 60 + i}
        put(f"retain90_{i}", aggregated(10 + i), kept, "cfg.yaml")
        for j in range(2):
            config = forgetting(f"models/full{i}", 2 * i + j)
            root = put(f"full{i}/grad_ascent_{j}", aggregated(20 + 2 * i + j, 1.0), config)
    frame = sw.import_results("tofu", root).frame()
    mine = frame[frame["metric"] == "truth-ratio/forget"]
    cells = sorted(
        zip(mine["method"], mine["training_seed"], mine["unlearning_seed"].fillna(-1), strict=True)
    )
    assert cells == [
        ("grad_ascent", 40, 0),
        ("grad_ascent", 40, 1),
        ("grad_ascent", 41, 2),
        ("grad_ascent", 41, 3),
        ("original", 40, -1),
        ("original", 41, -1),
        ("retrain", 60, -1),
        ("retrain", 61, -1),
    ]
    assert set(frame["task"]) == {"llama2-7b forget10"}
    quality = frame[frame["metric"] == "forget-quality"].set_index("unlearning_seed")["value"]
    ratios = [
        read_files(
            {("", ""): root / name / "eval_results/ds_size300/eval_log_aggregated.json"}
        ).ratios
        for name in ("full1/grad_ascent_0", "retain90_1")
    ]
    assert quality[2] == pytest.approx(ks_2samp(*ratios).pvalue)


def test_logs_without_configs_need_a_pattern(put):
    root = put("npo_seed1001_2", aggregated())
    with pytest.raises(TableError, match=r"no train config.*config.yaml or cfg.yaml.*--pattern"):
        sw.import_results("tofu", root)
    pattern = "{method}_seed{training_seed}_{unlearning_seed}/{*}"
    frame = sw.import_results("tofu", root, pattern=pattern).frame()
    assert set(frame["training_seed"]) == {1001}


def test_another_file_of_that_name(put):
    root = put("x", {"a": 1}, forgetting("m", 0))
    with pytest.raises(TableError, match=r"holds none of eval_log.json"):
        sw.import_results("tofu", root)


def test_a_config_without_seed(put):
    root = put("x", aggregated(), forgetting("m", None))
    with pytest.raises(TableError, match="seed is ''"):
        sw.import_results("tofu", root)


def test_nothing_there(tmp_path):
    with pytest.raises(TableError, match=r"holds no eval_log_aggregated.json"):
        sw.import_results("tofu", tmp_path)
