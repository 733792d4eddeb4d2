"""The files of one evaluation."""

import json
import math

import numpy as np
import pytest
from tests.interop.open_unlearning.saves import NAN

from seedwise.errors import TableError
from seedwise.interop.imported import Value
from seedwise.interop.open_unlearning.evaluations import ratios, read_files, summarised


@pytest.fixture
def put(tmp_path):
    def write(kind, content, benchmark="TOFU"):
        file = tmp_path / f"{benchmark}_{kind}.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return {(benchmark, kind): file}

    return write


def test_eval_has_more_than_summary_and_summary_fills_gaps(put):
    files = put("EVAL", {"a": {"agg_value": 1.0}, "b": {"value_by_index": {}}})
    files |= put("SUMMARY", {"a": 1.0, "b": 2.0, "c": 3.0})
    values = read_files(files).values
    assert {name: value.value for name, value in values.items()} == {"a": 1.0, "b": 2.0, "c": 3.0}


def test_nan_null_lists_and_absent_keys(put):
    text = """{"nan": {"agg_value": NaN}, "null": {"agg_value": null},
               "list": {"agg_value": [1.0, 2.0]}, "text": {"agg_value": "x"},
               "absent": {"value_by_index": {"0": null}}, "samples": [{"doc_id": 0}]}"""
    values = read_files(put("EVAL", text)).values
    assert math.isnan(values["nan"].value)
    assert values["null"].value is None
    assert values["null"].reason == "null in TOFU_EVAL.json"
    assert values["list"].value == 1.5
    assert values["text"].value is None
    assert values["text"].reason == "not a number in TOFU_EVAL.json"
    assert values["absent"].value is None
    assert "samples" not in values


def test_errors_over_items_belong_to_their_metric(put):
    summary = {"mmlu/acc": 0.5, "mmlu/acc_stderr": 0.004, "wmdp/acc": 0.3, "wmdp/acc_stderr": "N/A"}
    values = read_files(put("SUMMARY", summary, "LMEval")).values
    assert set(values) == {"mmlu/acc", "wmdp/acc"}
    assert values["mmlu/acc"].item_se == 0.004
    assert values["wmdp/acc"].item_se is None


def test_several_benchmarks_of_one_model_are_joined(put):
    files = put("SUMMARY", {"model_utility": 0.5}) | put("SUMMARY", {"mmlu/acc": 0.4}, "LMEval")
    assert set(read_files(files).values) == {"model_utility", "mmlu/acc"}


def test_ratios_stand_in_the_order_of_questions():
    rows = {str(n): {"score": float(n)} for n in (10, 9, 0)}
    assert ratios({"forget_truth_ratio": {"value_by_index": rows}}).tolist() == [0, 9, 10]


def test_ratios_may_be_a_list_and_lack_scores():
    rows = [{"score": 0.5}, {"score": None}, {"score": NAN}, {}, None]
    found = ratios({"forget_truth_ratio": {"value_by_index": rows}})
    assert found[0] == 0.5
    assert np.isnan(found[1:]).all()


def test_ratios_from_losses_average_the_wrong_answers():
    logs = {
        "forget_Q_A_PARA_Prob": {"value_by_index": {"0": {"avg_loss": 2.0}, "1": {"avg_loss": 1}}},
        "forget_Q_A_PERT_Prob": {
            "value_by_index": {"0": {"avg_loss": [1.0, 2.0]}, "1": {"avg_loss": [1.0, 1.0]}}
        },
    }
    assert ratios(logs) == pytest.approx([math.exp(0.5), 1.0])


@pytest.mark.parametrize("logs", [{}, {"forget_truth_ratio": {"agg_value": 0.5}}])
def test_no_ratios(logs):
    assert ratios(logs) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "is not JSON: .* in line 1; if the evaluation was cut short"), ("[]", "holds a list")],
)
def test_broken_files(put, text, message):
    with pytest.raises(TableError, match=message):
        read_files(put("EVAL", text))


def test_what_lm_eval_counts_is_no_metric():
    summary = {
        "mmlu/acc": 0.5,
        "mmlu/acc_stderr": 0.1,
        "mmlu/name": "mmlu",
        "mmlu/sample_len": 9.0,
        "mmlu/sample_count": {"acc,none": 9},
    }
    assert summarised(summary, "LMEval_SUMMARY.json") == {"mmlu/acc": Value(0.5, 0.1)}
