"""Results of lm-eval."""

import json

import pytest

import seedwise as sw
from seedwise.errors import TableError
from seedwise.interop.imported import Options
from seedwise.interop.lm_eval import measured, model_path, read

PATTERN = "saves/unlearn/{method}_t{training_seed}_u{unlearning_seed}"


def results(accuracy, model="saves/unlearn/npo_t0_u0", **tests):
    group = {
        "alias": "mmlu",
        "name": "mmlu",
        "sample_len": 14042,
        "acc,none": accuracy,
        "acc_stderr,none": 0.004,
        "sample_count": {"acc,none": 14042},
    }
    return {
        "results": {"mmlu": group, "no_average": {"alias": "n", "name": "no_average"}, **tests},
        "groups": {"mmlu": group},
        "group_subtasks": {"mmlu": [], "no_average": []},
        "configs": {},
        "versions": {"mmlu": 2},
        "n-shot": {"mmlu": 5},
        "higher_is_better": {"mmlu": {"acc": True}},
        "n-samples": {"mmlu": {"original": 14042, "effective": 14042}},
        "config": {
            "model": "hf",
            "model_args": {"pretrained": model, "dtype": "bfloat16"},
            "batch_size": "8",
            "random_seed": 0,
        },
        "date": 1700000000.0,
        "model_source": "hf",
        "model_name": "other",
        "task_hashes": {},
    }


@pytest.fixture
def put(tmp_path):
    def write(name, content):
        file = tmp_path / "out" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))
        return tmp_path / "out"

    return write


def test_values_with_their_errors_over_items(put):
    for i in range(2):
        for j in range(2):
            name = f"saves/unlearn/npo_t{i}_u{j}"
            root = put(
                f"m{i}{j}/results_2025-01-01T00-00-00.0.json", results(0.4 + i + j / 10, name)
            )
    found = read(root, Options(pattern=PATTERN))
    assert found.table["metric"].unique().tolist() == ["mmlu/acc"]
    assert found.table["item_se"].tolist() == [0.004] * 4
    row = found.results.summary().iloc[0]
    assert row["mean"] == pytest.approx(0.95)
    assert row["se"] == pytest.approx(0.5)  # of the two training seeds, not of the items
    assert "item_se" not in found.results.frame()


def test_filters_and_what_is_no_value():
    entry = {
        "exact_match,strict-match": 0.1,
        "exact_match_stderr,strict-match": "N/A",
        "exact_match,none": 0.2,
        "acc,none": None,
    }
    found = measured({"results": {"gsm8k": entry, "empty": None}})
    assert {name: value.value for name, value in found.items()} == {
        "gsm8k/exact_match/strict-match": 0.1,
        "gsm8k/exact_match": 0.2,
    }
    assert found["gsm8k/exact_match/strict-match"].item_se is None


def test_what_is_written_as_text_and_what_is_no_measure():
    entry = {
        "name": "wikitext",
        "alias": "wikitext",
        "sample_len": 62,
        "word_perplexity,none": "12.5",  # a number of single precision
        "word_perplexity_stderr,none": "N/A",
    }
    only_answers = {"alias": "g", "sample_len": 5, "bypass,none": 999, "bypass_stderr,none": "N/A"}
    nothing = {" ": " ", "alias": "empty", "sample_len": 0}
    found = measured({"results": {"wikitext": entry, "g": only_answers, "e": nothing}})
    assert {name: value.value for name, value in found.items()} == {
        "wikitext/word_perplexity": 12.5
    }


def test_releases_before_filters():
    found = measured({"results": {"arc": {"acc": 0.3, "acc_stderr": 0.01}}})
    assert (found["arc/acc"].value, found["arc/acc"].item_se) == (0.3, 0.01)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"config": {"model_args": {"pretrained": "a/b"}}}, "a/b"),
        ({"config": {"model_args": "pretrained=a/b,dtype=bfloat16,peft=c/d"}}, "c/d"),
        ({"config": {"model_args": {"model": "m", "base_url": "u"}}}, "m"),
        ({"config": {"model_args": None}, "model_name": "n"}, "n"),
        ({"config": {"model_args": "x=1"}, "model_name": "n"}, "n"),
        ({}, ""),
    ],
)
def test_the_model_of_a_file(content, expected):
    assert model_path(content) == expected


def test_files_of_one_model_are_joined_and_the_last_counts(put):
    put("m/results_2025-01-01.json", results(0.4, **{"arc": {"acc,none": 0.7}}))
    root = put("m/results_2025-01-02.json", results(0.5))
    found = sw.import_results("lm-eval", root, pattern=PATTERN)
    values = dict(zip(found.frame()["metric"], found.frame()["value"], strict=True))
    assert values == {"mmlu/acc": 0.5, "arc/acc": 0.7}
    assert any("results_2025-01-02.json, the last of several" in note for note in found.notes)


def test_the_output_path_may_be_a_file(put):
    put("npo_2025-01-02T00-00-00.5.json", results(0.5))
    put("results_2025-01-03T00-00-00.5.json", results(0.6))
    root = put("z_2025-01-01T00-00-00.5.json", results(0.4))
    (root / "samples_mmlu_2025-01-01T00-00-00.5.jsonl").write_text("{}")
    (root / "config.json").write_text("{}")
    assert sw.import_results("lm-eval", root, pattern=PATTERN).frame()["value"].tolist() == [0.6]


def test_one_file(put):
    root = put("results.json", results(0.4))
    assert len(sw.import_results("lm-eval", root / "results.json", pattern=PATTERN).frame()) == 1


def test_mistakes(put, tmp_path):
    root = put("m/results_1.json", results(0.4))
    with pytest.raises(TableError, match=r"say nothing of methods and seeds.*npo_t0_u0"):
        sw.import_results("lm-eval", root)
    with pytest.raises(TableError, match="no file or folder"):
        sw.import_results("lm-eval", tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(TableError, match=r"holds no results\*.json"):
        sw.import_results("lm-eval", tmp_path / "empty")
    root = put("m/results_1.json", {"config": {"model_args": "pretrained=retrain_3"}})
    with pytest.raises(TableError, match="hold no value"):
        sw.import_results("lm-eval", root, pattern="{method}_{training_seed}")
