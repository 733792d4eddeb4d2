from __future__ import annotations

import io
import re

import pandas as pd
import pytest

from seedwise.errors import TableError
from seedwise.report.tables import latex_escape, render_table


def test_latex_has_booktabs_equal_columns_and_a_caption(results):
    text = render_table(results, "latex", metrics=["accuracy/forget", "js-to-reference"])
    body = text.split(r"\midrule")[1].split(r"\bottomrule")[0].strip().splitlines()
    assert len(body) == 7
    assert all(line.count(" & ") == 2 and line.endswith(r"\\") for line in body)
    assert r"\toprule" in text
    assert r"95 \% t interval on the means of the training seeds, df = 9" in text
    assert "I = 10 training seeds, J = 1-3" in text
    assert "original & .8933 [.8877, .8988] & --" in text


def test_latex_writes_minus_and_escapes_names(make_results, make_frame):
    frame = make_frame(training=3, metrics={"js_to_reference": (-0.5, 0.1)})
    frame["method"] = frame["method"].replace({"finetune": r"a_b & 5%\x"})
    text = render_table(make_results(frame), "latex")
    assert "$-$." in text
    assert r"a\_b \& 5\%\textbackslash{}x &" in text
    assert r"js\_to\_reference" in text


@pytest.mark.parametrize("character", "&%$#_{}~^\\<>")
def test_no_special_character_is_left_bare(character):
    assert latex_escape(character) != character


def test_markdown_is_aligned(results):
    lines = render_table(results, "markdown").splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 9
    assert len({len(line) for line in table}) == 1
    assert re.fullmatch(r"\| -+ (\| -+: )+\|", table[1])
    assert "df = 9" in lines[-1]


def test_markdown_keeps_a_pipe_inside_its_cell(make_results, make_frame):
    frame = make_frame(training=3, metrics={"accuracy": (0.9, 0.1)})
    frame["method"] = frame["method"].replace({"finetune": "a|b"})
    assert r"| a\|b " in render_table(make_results(frame), "markdown")


def test_csv_is_the_summary_with_every_digit(results):
    text = render_table(results, "csv", metrics=["mia-loss", "accuracy/test"])
    table = pd.read_csv(io.StringIO(text))
    summary = results.summary()
    assert list(table.columns) == list(summary.columns)
    assert list(dict.fromkeys(table["metric"])) == ["mia-loss", "accuracy/test"]
    expected = summary[summary["metric"] == "mia-loss"]["mean"]
    assert table[table["metric"] == "mia-loss"]["mean"].tolist() == expected.tolist()


def test_one_training_seed_says_there_is_no_interval(make_results, make_frame):
    text = render_table(make_results(make_frame(training=1)), "markdown")
    assert "[" not in text
    assert "one training seed gives no interval" in text


def test_several_tasks_are_several_tables(make_results, make_frame):
    frame = pd.concat([make_frame(training=3).assign(task=task) for task in ("zero", "one")])
    text = render_table(make_results(frame.reset_index(drop=True)), "latex")
    assert text.count(r"\begin{table}") == 2
    assert "zero: mean over" in text


def test_unknown_names_are_refused_with_a_suggestion(results):
    with pytest.raises(TableError, match="did you mean 'accuracy/test'"):
        render_table(results, "csv", metrics=["accuracy/tset"])
    with pytest.raises(TableError, match="did you mean 'latex'"):
        render_table(results, "latx")  # type: ignore[arg-type]
