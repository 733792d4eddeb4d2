from __future__ import annotations

import io

import pandas as pd
import pytest
from rich.console import Console

from seedwise.report import answer, latex_answer, print_answer
from seedwise.results import Results

ASKED = {
    "summary": Results.summary,
    "components": Results.components,
    "rank": Results.rank,
    "closeness": Results.closeness,
    "single-seed": Results.single_seed,
    "ensembles": Results.ensemble_null,
    "compare": Results.compare,
}


@pytest.mark.parametrize("question", ASKED)
def test_every_answer_has_a_row_per_row(results, question):
    frame = ASKED[question](results)
    found = answer(frame, question, 0.95)
    assert found.frame().shape == (len(frame), len(found.head))
    assert "5 %" in found.title or question == "ensembles"
    assert "task" not in found.head


def test_several_tasks_are_named(make_results, make_frame):
    frame = pd.concat([make_frame(training=3).assign(task=task) for task in ("zero", "one")])
    found = answer(make_results(frame.reset_index(drop=True)).compare(), "compare", 0.95)
    assert found.head[0] == "task"
    assert {row[0] for row in found.rows} == {"zero", "one"}


def test_numbers_are_never_cut_by_a_narrow_terminal(results):
    frame = results.compare(metric="accuracy/forget")
    found = answer(frame, "compare", 0.95)
    out = io.StringIO()
    print_answer(found, Console(file=out, width=30))
    printed = out.getvalue().split(found.head[0], 1)[1]
    for row, line in zip(found.rows, printed.splitlines()[1:], strict=False):
        assert all(cell in line for cell in row)


def test_warnings_name_whom_they_concern(results):
    found = answer(results.summary(), "summary", 0.95)
    assert found.flags["failed_cells"] == ("neg-grad-plus",)
    assert "boundary" not in found.flags
    pairs = answer(results.compare(against="retrain"), "compare", 0.95)
    assert pairs.flags["failed_cells"] == ("neg-grad-plus - retrain",)


@pytest.mark.parametrize("question", ASKED)
def test_latex_has_equal_columns_and_nothing_bare(results, question):
    text = latex_answer(ASKED[question](results), question, 0.95)
    body = text.split(r"\toprule")[1].split(r"\bottomrule")[0]
    rows = [line for line in body.splitlines() if line.strip().endswith(r"\\")]
    assert len({line.count(" & ") for line in rows}) == 1
    assert "%" not in text.replace(r"\%", "")
    assert "_" not in text.replace(r"\_", "")


def test_an_empty_answer_says_so(results):
    out = io.StringIO()
    print_answer(answer(results.compare().iloc[:0], "compare", 0.95), Console(file=out))
    assert "nothing to show" in out.getvalue()
