"""The half-width picture as data, and the plan in words."""

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from scipy import stats

from seedwise.report.plan import design_grid, print_plan, reasons, width_grid
from seedwise.report.plan_page import picture_file, render_plan, write_plan
from seedwise.report.planner import planner_grid, planner_panel
from seedwise.results import Results
from seedwise.results.costs import Costs

COSTS = Costs(train=10.0, unlearn={"ft": 1.0, "<ga>": 2.0}, source="seconds by hand")


@pytest.fixture(scope="module")
def results():
    rng = np.random.default_rng(2)
    rows = []
    for i in range(8):
        own = 0.02 * rng.normal()
        for method in ("ft", "<ga>"):
            rows += [(i, j, method, "acc", own + 0.02 * rng.normal()) for j in range(3)]
    names = ["training_seed", "unlearning_seed", "method", "metric", "value"]
    return Results(pd.DataFrame(rows, columns=names))


@pytest.fixture(scope="module")
def plan(results):
    return results.plan(half_width=0.012, costs=COSTS)


def test_cells_are_the_half_widths_of_their_designs(results, plan):
    table = planner_panel(plan).frame()
    summary = results.summary()
    for row in table.sample(6, random_state=1).itertuples():
        variance = (summary["var_train"] + summary["var_unlearn"] / row.J).max() / row.I
        expected = stats.t.ppf(0.975, row.I - 1) * np.sqrt(variance)
        assert row.half_width == pytest.approx(expected)
        assert row.cost == pytest.approx(row.I * (10 + 3 * row.J))
        assert row.affordable == (row.cost <= plan.design.cost)


def test_the_designs_are_in_the_picture(plan):
    panel = planner_panel(plan)
    assert panel.target == 0.012
    for mark in panel.marks:
        assert mark.row in panel.rows
        assert mark.column in panel.columns
    assert len(planner_grid(panel).rows) == len(panel.rows)


def test_a_budget_draws_its_own_frontier(results):
    panel = planner_panel(results.plan(budget=500.0, costs=COSTS))
    assert panel.budget == 500
    assert panel.target != panel.target
    assert panel.frame()["affordable"].any()


def test_a_plan_in_words(plan):
    head, *_ = design_grid(plan)
    assert head[:4] == ("plan", "I", "J", "K")
    assert [row[0] for row in design_grid(plan).rows] == ["plug-in", "assured"]
    assert len(width_grid(plan).rows) == 2
    console = Console(width=200, record=True, force_terminal=False)
    print_plan(plan, console)
    said = console.export_text()
    assert "half-width 0.012 for ft, <ga>" in said
    assert "Costs: seconds by hand." in said
    assert any("assured one with probability 0.8" in sentence for sentence in reasons(plan))


def test_a_page_escapes_names_and_needs_no_network(plan):
    page = render_plan(plan)
    assert "&lt;ga&gt;" in page
    assert "<ga>" not in page
    assert page.count("<svg") >= 1
    assert 'class="frontier"' in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_plan_is_written_by_the_ending_of_its_file(plan, tmp_path):
    for ending in ("html", "svg"):
        assert write_plan(plan, tmp_path / f"plan.{ending}").stat().st_size > 5_000
    assert picture_file(plan).startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    with pytest.raises(ValueError, match=r"written as \.html or \.svg"):
        write_plan(plan, tmp_path / "plan.png")


def test_the_report_shows_what_the_studys_own_cost_would_buy(results):
    from seedwise.report.html import render_html

    known = Results(results.frame(), costs=COSTS)
    page = render_html(known)
    assert 'id="planner"' in page
    assert 'class="frontier"' in page
    assert 'id="planner"' not in render_html(results)
    spent = 8 * (10 + 3 * 1.0 + 3 * 2.0)
    best = known.plan("acc", budget=spent).design
    assert f"{best.I} training seed" in page
